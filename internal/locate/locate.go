// Package locate finds the modules that package patterns are about.
package locate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Module is one that patterns are about.
type Module struct {
	Main    *modules.Main
	Targets []Target
}

// A Target is what a pattern names in one module: a directory, or some of those below it.
type Target struct {
	Dir   string
	Match func(dir string) bool // nil for the directory itself
}

// Find returns the modules that the patterns are about, relative to the directory; without
// patterns, the one of the directory itself. In a workspace, a pattern that takes in the
// directories of several of its modules is about all of them.
func Find(load *modules.Loader, dir string, patterns []string) ([]*Module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	var found []*Module
	add := func(main *modules.Main, tg Target) {
		i := slices.IndexFunc(found, func(l *Module) bool { return l.Main.Dir == main.Dir })
		if i < 0 {
			i, found = len(found), append(found, &Module{Main: main})
		}
		found[i].Targets = append(found[i].Targets, tg)
	}
	for _, pattern := range patterns {
		pattern, err := packageOf(dir, pattern)
		if err != nil {
			return nil, err
		}
		find := findImportPath
		if isLocal(pattern) {
			find = findDir
		}
		if err := find(load, dir, pattern, add); err != nil {
			return nil, err
		}
	}
	for _, l := range found {
		for _, tg := range l.Targets {
			if err := inside(l.Main, tg.Dir); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// packageOf returns the directory of a pattern that is the name of a Go file, as a go:generate
// comment has it in $GOFILE, and any other pattern as it is. An import path may end like a
// file.
func packageOf(dir, pattern string) (string, error) {
	if !strings.HasSuffix(pattern, ".go") {
		return pattern, nil
	}
	file := pattern
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	switch info, err := os.Stat(file); {
	case err == nil && !info.IsDir():
		return filepath.Dir(file), nil
	case err != nil && !strings.ContainsAny(pattern, `/\\`):
		return "", fmt.Errorf("there is no file %s here", pattern)
	case err != nil && isLocal(pattern):
		return "", fmt.Errorf("there is no file %s", pattern)
	}
	return pattern, nil
}

// inside returns an error if a symbolic link leads to the directory from that of the
// module: what is there is another package, or of another module.
func inside(main *modules.Main, dir string) error {
	root, err := filepath.EvalSymlinks(main.Dir)
	if err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(main.Dir, dir)
	switch {
	case err != nil || !Within(root, target):
		return fmt.Errorf("%s is a symbolic link out of the module %s: run plugingen in %s", dir, main.Path, target)
	case filepath.Join(root, rel) != target:
		return fmt.Errorf("%s is a symbolic link: write %s", dir, target)
	}
	return nil
}

// isLocal reports whether a pattern is of directories rather than of import paths.
func isLocal(pattern string) bool {
	first, _, _ := strings.Cut(filepath.ToSlash(pattern), "/")
	return first == "." || first == ".." || strings.HasPrefix(pattern, "...") &&
		!strings.HasPrefix(pattern, ".../") || filepath.IsAbs(pattern)
}

// findDir adds what a pattern of directories names: ., ./a, ../a/..., an absolute path.
func findDir(load *modules.Loader, dir, pattern string, add func(*modules.Main, Target)) error {
	pattern = filepath.ToSlash(pattern)
	fixed, wild := pattern, strings.Contains(pattern, "...")
	if wild {
		fixed = pattern[:strings.Index(pattern, "...")]
		fixed = fixed[:strings.LastIndex(fixed, "/")+1]
	}
	tg := Target{Dir: filepath.Clean(filepath.FromSlash(fixed))}
	if !filepath.IsAbs(tg.Dir) {
		tg.Dir = filepath.Join(dir, tg.Dir)
	}
	switch info, err := os.Stat(tg.Dir); {
	case err != nil:
		return fmt.Errorf("%s: there is no directory %s", pattern, tg.Dir)
	case !info.IsDir():
		return fmt.Errorf("%s is a file: name the directory of its package", pattern)
	}
	main, err := load.Find(tg.Dir)
	if wild {
		match := rules.Pattern(strings.TrimPrefix(pattern, fixed)).Match
		tg.Match = func(d string) bool {
			rel, err := filepath.Rel(tg.Dir, d)
			return err == nil && match(filepath.ToSlash(rel))
		}
		below, workErr := addMembers(load, main, tg, add)
		if workErr != nil || below > 0 && errors.Is(err, modules.ErrNoModule) {
			return workErr // the directory of a workspace need not be a module
		}
	}
	if err == nil {
		add(main, tg)
	}
	return err
}

// addMembers adds the other modules of the workspace that lie below the directory of a
// pattern, and returns how many there are.
func addMembers(load *modules.Loader, main *modules.Main, tg Target, add func(*modules.Main, Target)) (int, error) {
	members, err := load.Workspace(tg.Dir)
	below := 0
	for _, use := range members {
		if main != nil && use == main.Dir || !Within(tg.Dir, use) {
			continue
		}
		other, err := load.Find(use)
		if err != nil {
			return below, err
		}
		add(other, Target{use, tg.Match})
		below++
	}
	return below, err
}

// findImportPath adds what a pattern of import paths names, in the module that dir
// is in or in others of its workspace.
func findImportPath(load *modules.Loader, dir, pattern string, add func(*modules.Main, Target)) error {
	if err := module.CheckImportPath(strings.ReplaceAll(pattern, "...", "x")); err != nil {
		return fmt.Errorf("%w (write ./%s for a directory)", err, pattern)
	}
	main, err := load.Find(dir)
	if err != nil {
		return err
	}
	all := []*modules.Main{main}
	for _, member := range main.Workspace() {
		if member.Dir != main.Dir {
			other, err := load.Find(member.Dir)
			if err != nil {
				return err
			}
			all = append(all, other)
		}
	}
	found := false
	for _, m := range all {
		tg, ok := targetIn(m, pattern)
		if !ok {
			continue
		}
		if info, err := os.Stat(tg.Dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no directory %s", pattern, tg.Dir)
		}
		add(m, tg)
		found = true
	}
	if !found {
		return fmt.Errorf(
			"%s is not in the module %s: plugingen writes only into the module that you are "+
				"in (write ./%s for a directory)", pattern, main.Path, pattern)
	}
	return nil
}

// targetIn returns what a pattern of import paths names in a module, and whether the
// module is one that the pattern is about.
func targetIn(m *modules.Main, pattern string) (Target, bool) {
	fixed, _, wild := strings.Cut(pattern, "...")
	if !wild {
		return Target{Dir: m.DirOf(pattern)}, m.Owns(pattern)
	}
	match := rules.Pattern(pattern).Match
	tg := Target{m.Dir, func(dir string) bool { return match(m.ImportPath(dir)) }}
	if p := strings.TrimSuffix(fixed, "/"); p != fixed && rules.HasPathPrefix(p, m.Path) {
		tg.Dir = m.DirOf(p)
	}
	return tg, rules.Pattern(pattern).MayMatchIn(m.Path)
}

// Within reports whether a directory is another or lies in it.
func Within(parent, dir string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && filepath.IsLocal(rel)
}

// Modules returns the directories of the modules that the patterns are about.
func Modules(dir string, patterns []string) ([]string, error) {
	found, err := Find(modules.NewLoader(), dir, patterns)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, l := range found {
		dirs = append(dirs, l.Main.Dir)
	}
	return dirs, nil
}

// Sources is what the plans for some patterns are made from.
type Sources struct {
	// directories; first of those that the patterns are about, then of those that
	// hosts in them may link
	Modules []string
	Files   []string // that say which modules these are; some would if they were there
}

// SourcesOf returns what plans for the patterns are made from. Modules of the module
// cache are not among it, since they never change.
func SourcesOf(dir string, patterns []string) (Sources, error) {
	found, err := Find(modules.NewLoader(), dir, patterns)
	if err != nil {
		return Sources{}, err
	}
	var s Sources
	var linked []string
	for _, l := range found {
		s.Modules = append(s.Modules, l.Main.Dir)
		linked = append(linked, l.Main.Local()...)
		s.Files = append(s.Files, l.Main.Files()...)
	}
	for _, dir := range linked {
		if !slices.Contains(s.Modules, dir) {
			s.Modules = append(s.Modules, dir)
		}
	}
	return s, nil
}
