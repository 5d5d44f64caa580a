package modproxy

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/internal/command"
)

// unreleased are the directories whose modules nobody imports. All other
// modules of the repository are released.
var unreleased = []string{"analyzer/integration", "bench", "docs/site", "examples", "tools"}

// A Module is a module of the repository.
type Module struct {
	Path     string
	Dir      string // relative to the root, with slashes; "." for the root
	Released bool   // whether it has versions that others can require
	requires []string
}

// Tag returns the tag of a version of the module.
func (m *Module) Tag(version string) string { return path.Join(m.Dir, version) }

// Find returns the modules of a git repository, each after those that it
// requires and that are released: the first is that of the root.
func Find(repo string) ([]*Module, error) {
	files, err := command.Git(repo, "ls-files", "go.mod", "**/go.mod")
	if err != nil {
		return nil, err
	}
	var all []*Module
	for file := range strings.FieldsSeq(files) {
		f, err := readModFile(filepath.Join(repo, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		m := &Module{Path: f.Module.Mod.Path, Dir: path.Dir(file)}
		m.Released = !slices.ContainsFunc(unreleased, func(dir string) bool { return isBelow(m.Dir, dir) })
		for _, r := range f.Require {
			m.requires = append(m.requires, r.Mod.Path)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b *Module) int { return strings.Compare(a.Dir, b.Dir) })
	return inOrder(all)
}

func isBelow(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, parent+"/")
}

// inOrder returns the modules, each after the released modules that it requires.
func inOrder(all []*Module) ([]*Module, error) {
	var ordered []*Module
	ready := func(m *Module) bool {
		return !slices.ContainsFunc(all, func(other *Module) bool {
			return other.Released && slices.Contains(m.requires, other.Path) && !slices.Contains(ordered, other)
		})
	}
	for len(ordered) < len(all) {
		i := slices.IndexFunc(all, func(m *Module) bool { return !slices.Contains(ordered, m) && ready(m) })
		if i < 0 {
			return nil, errors.New("the modules of the repository require each other in a cycle")
		}
		ordered = append(ordered, all[i])
	}
	return ordered, nil
}

// SetVersion makes the go.mod file of a module require version of the released
// modules. Unless replaced is set, it drops the directives that replace them.
func SetVersion(file string, modules []*Module, version string, replaced bool) error {
	f, err := readModFile(file)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.Released {
			continue
		}
		if slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == m.Path }) {
			if err := f.AddRequire(m.Path, version); err != nil {
				return err
			}
		}
		if !replaced {
			if err := f.DropReplace(m.Path, ""); err != nil {
				return err
			}
		}
	}
	f.Cleanup()
	data, err := f.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o666)
}

func readModFile(file string) (*modfile.File, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(file, data, nil)
}
