package gen

import (
	"bytes"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/parallel"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/write"
)

// A rendered package is one whose files are known.
type rendered struct {
	*pkg
	content *content
	files   map[string][]byte // what they are to hold, by name
	changes []write.Change
}

// renderAll renders the files of packages.
func renderAll(all []*content, preamble *string) ([]*rendered, error) {
	done := make([]*rendered, len(all))
	err := parallel.Do(runtime.GOMAXPROCS(0), len(all), func(i int) error {
		done[i] = &rendered{pkg: all[i].pkg, content: all[i]}
		return done[i].render(preamble)
	})
	return done, err
}

// render renders the package's files, and works out what has to change for them.
func (p *rendered) render(preamble *string) error {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	p.content.reserve()
	p.files = map[string][]byte{}
	for expr, f := range p.content.files {
		name := genfile.Name(expr)
		if preamble != nil {
			f.Preamble = *preamble
		} else {
			f.Preamble = p.old.Preamble(name)
		}
		src, err := render.Append((*scratch)[:0], f)
		if err != nil {
			return err
		}
		*scratch = src
		old := p.old.Source(name)
		if genfile.Same(old, src) {
			p.files[name] = old
			continue
		}
		p.files[name] = bytes.Clone(src)
		p.change(name, old, p.files[name])
	}
	for _, f := range p.old.Files {
		if p.files[f.Name] == nil {
			p.change(f.Name, f.Src, nil)
		}
	}
	return nil
}

// reserve sets the names of the package that the names in each of its files must differ from,
// sorted. These are not all of the package's names: otherwise each new function would change
// the file.
func (p *content) reserve() {
	byStem := map[string][]string{}
	var begins [256]bool // most names begin with another byte than all stems
	stems := make(map[*render.File]map[string]bool, len(p.files))
	for _, f := range p.files {
		stems[f] = f.Stems()
		for stem := range stems[f] {
			byStem[stem] = nil
			begins[(stem + "_")[0]] = true
		}
	}
	for name := range p.Declared() {
		if !begins[name[0]] {
			continue
		}
		stem := strings.TrimRight(name, "0123456789_")
		if names, ok := byStem[stem]; ok {
			byStem[stem] = append(names, name)
		}
	}
	for f, stems := range stems {
		f.Reserved = nil
		for stem := range stems {
			f.Reserved = append(f.Reserved, byStem[stem]...)
		}
		slices.Sort(f.Reserved)
		f.Reserved = slices.Compact(f.Reserved)
	}
}

// change adds a change of one of the package's files.
func (p *rendered) change(name string, old, src []byte) {
	p.changes = append(p.changes, write.Change{Path: filepath.Join(p.dir.Path, name), Old: old, New: src})
}

// unchanged returns how many of the package's files are as they should be.
func (p *rendered) unchanged() int {
	n := len(p.files)
	for _, c := range p.changes {
		if c.New != nil {
			n--
		}
	}
	return n
}

// scratches is memory that files are rendered in, which most often are what they were.
var scratches = sync.Pool{New: func() any { return new([]byte) }}
