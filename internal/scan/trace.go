package scan

import (
	"slices"
	"strings"
	"sync"
)

// A Trace records what is read and what is not, for people who wonder why. It is safe for
// concurrent use while walks record; a nil Trace records nothing.
type Trace struct {
	mu       sync.Mutex
	packages int
	modules  []string
	skipped  []Skipped
}

// Skipped is a file or directory that is not read.
type Skipped struct{ Path, Why string }

// Packages returns how many directories with Go files were read.
func (t *Trace) Packages() int { return t.packages }

// Modules returns the modules of which only generated files were read, sorted.
func (t *Trace) Modules() []string {
	slices.Sort(t.modules)
	return slices.Compact(t.modules)
}

// Skipped returns what was skipped, sorted by path.
func (t *Trace) Skipped() []Skipped {
	slices.SortFunc(t.skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(t.skipped)
}

// Module records that of a module only the generated files are read.
func (t *Trace) Module(module string) {
	t.record(func() { t.modules = append(t.modules, module) })
}

func (t *Trace) read() { t.record(func() { t.packages++ }) }

func (t *Trace) skip(path, why string) {
	t.record(func() { t.skipped = append(t.skipped, Skipped{path, why}) })
}

func (t *Trace) record(do func()) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	do()
}
