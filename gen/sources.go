package gen

import (
	"slices"

	"github.com/plugingen/plugingen/internal/modules"
)

// Modules returns the folders of the modules that the patterns are about.
func Modules(dir string, patterns []string) ([]string, error) {
	trees, err := open(modules.NewLoader(), dir, patterns)
	var dirs []string
	for _, t := range trees {
		dirs = append(dirs, t.main.Dir)
	}
	return dirs, err
}

// Sources is what the plans for some patterns are made from.
type Sources struct {
	Modules []string // folders; first of those that the patterns are about, then of those that hosts in them may link
	Files   []string // that say which modules these are; some would if they were there
}

// SourcesOf returns what plans for the patterns are made from. Modules of the module
// cache are not among it, since they never change.
func SourcesOf(dir string, patterns []string) (Sources, error) {
	trees, err := open(modules.NewLoader(), dir, patterns)
	var s Sources
	var linked []string
	for _, t := range trees {
		s.Modules = append(s.Modules, t.main.Dir)
		linked = append(linked, t.main.Local(ModulePath)...)
		s.Files = append(s.Files, t.main.Files()...)
	}
	for _, dir := range linked {
		if !slices.Contains(s.Modules, dir) {
			s.Modules = append(s.Modules, dir)
		}
	}
	return s, err
}
