package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// unreleased are the directories whose modules nobody imports. All other
// modules of the repository are released.
var unreleased = []string{"analyzer/integration", "bench", "docs/site", "examples", "tools"}

// A mod is a module of the repository.
type mod struct {
	path     string
	dir      string // relative to the root, with slashes; "." for the root
	released bool
	requires []string
}

// tag returns the tag of a version of the module.
func (m *mod) tag(version string) string { return path.Join(m.dir, version) }

// findModules returns the modules of the repository, each after those that it
// requires and that are released: the first is that of the root.
func findModules(repo string) ([]*mod, error) {
	files, err := git(repo, "ls-files", "go.mod", "**/go.mod")
	if err != nil {
		return nil, err
	}
	var all []*mod
	for file := range strings.FieldsSeq(files) {
		f, err := readModFile(filepath.Join(repo, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		m := &mod{path: f.Module.Mod.Path, dir: path.Dir(file)}
		m.released = !slices.ContainsFunc(unreleased, func(dir string) bool { return isBelow(m.dir, dir) })
		for _, r := range f.Require {
			m.requires = append(m.requires, r.Mod.Path)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b *mod) int { return strings.Compare(a.dir, b.dir) })
	return inOrder(all)
}

func isBelow(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, parent+"/")
}

// inOrder returns the modules, each after the released modules that it requires.
func inOrder(all []*mod) ([]*mod, error) {
	var ordered []*mod
	ready := func(m *mod) bool {
		return !slices.ContainsFunc(all, func(other *mod) bool {
			return other.released && slices.Contains(m.requires, other.path) && !slices.Contains(ordered, other)
		})
	}
	for len(ordered) < len(all) {
		i := slices.IndexFunc(all, func(m *mod) bool { return !slices.Contains(ordered, m) && ready(m) })
		if i < 0 {
			return nil, fmt.Errorf("the modules of the repository require each other in a cycle")
		}
		ordered = append(ordered, all[i])
	}
	return ordered, nil
}

// setVersions makes the go.mod file of a module require version of the released
// modules. With replaced, it keeps their replace directives.
func setVersions(file string, modules []*mod, version string, replaced bool) error {
	f, err := readModFile(file)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if !m.released {
			continue
		}
		if slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == m.path }) {
			if err := f.AddRequire(m.path, version); err != nil {
				return err
			}
		}
		if !replaced {
			if err := f.DropReplace(m.path, ""); err != nil {
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
