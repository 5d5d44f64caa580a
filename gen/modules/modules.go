// Package modules finds modules and the modules that they require, by reading
// go.mod files. It runs the go command only to download what is not there.
package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// A Module is a module whose source is on this machine.
type Module struct {
	Path    string
	Version string // "" for a main module, or one replaced by a folder
	Dir     string
	File    *modfile.File // its go.mod, nil if it has none (a vendored module)
}

// Main is a module that is being worked on, with the modules it requires.
type Main struct {
	Module
	env  environment
	deps map[string]*Module // by path; nil until asked for
	lost []module.Version   // required, but not on this machine
}

// ErrNoModule says that a folder is in no module.
var ErrNoModule = errors.New("go.mod file not found in this folder or any parent folder; see 'go help modules'")

// Find returns the module that the folder is in.
func Find(dir string) (*Main, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	env, err := readEnvironment(dir)
	if err != nil {
		return nil, err
	}
	for d := dir; ; d = filepath.Dir(d) {
		file := filepath.Join(d, "go.mod")
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return open(d, env)
		}
		if d == filepath.Dir(d) {
			return nil, fmt.Errorf("%s: %w", dir, ErrNoModule)
		}
	}
}

func open(dir string, env environment) (*Main, error) {
	file := filepath.Join(dir, "go.mod")
	if env.modfile != "" {
		file = env.modfile
	}
	mod, err := parse(file)
	if err != nil {
		return nil, err
	}
	if mod.Module == nil {
		return nil, fmt.Errorf("%s: no module declaration in go.mod", file)
	}
	return &Main{Module: Module{Path: mod.Module.Mod.Path, Dir: dir, File: mod}, env: env}, nil
}

func parse(file string) (*modfile.File, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.ParseLax(file, data, nil)
}

// Workspace returns the folders of the modules that the workspace uses, if there
// is one.
func (m *Main) Workspace() []string { return m.env.uses }

// ImportPath returns the import path of a folder of the module.
func (m *Module) ImportPath(dir string) string {
	rel, err := filepath.Rel(m.Dir, dir)
	if err != nil || rel == "." {
		return m.Path
	}
	return path.Join(m.Path, filepath.ToSlash(rel))
}

// Folder returns the folder of a package of the module.
func (m *Module) Folder(importPath string) string {
	return filepath.Join(m.Dir, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(importPath, m.Path), "/")))
}

// Has says whether a package with the import path would be in a module of the
// path, if in no other.
func Has(modulePath, importPath string) bool {
	rest, ok := strings.CutPrefix(importPath, modulePath)
	return ok && (rest == "" || rest[0] == '/')
}

// Requires says whether the module's go.mod requires a module of the path.
func (m *Module) Requires(path string) bool {
	if m.File == nil {
		return true // vendored: there is no go.mod to say otherwise
	}
	for _, r := range m.File.Require {
		if r.Mod.Path == path {
			return true
		}
	}
	return m.Path == path
}

// Ignored says whether the module's go.mod tells the go command to ignore the
// folder, given relative to the module's with slashes.
func (m *Module) Ignored(rel string) bool {
	if m.File == nil {
		return false
	}
	for _, i := range m.File.Ignore {
		p := strings.TrimSuffix(i.Path, "/")
		if below, ok := strings.CutPrefix(p, "./"); ok {
			if rel == below || strings.HasPrefix(rel, below+"/") {
				return true
			}
		} else if strings.Contains("/"+rel+"/", "/"+p+"/") {
			return true
		}
	}
	return false
}

// Provider returns the required module that has the package, nil if none has.
func (m *Main) Provider(importPath string, wanted string) (*Module, error) {
	if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
		if len(m.replacedWithoutDot()) == 0 {
			return nil, nil // the standard library
		}
	}
	if err := m.load(wanted); err != nil {
		return nil, err
	}
	for p := importPath; p != "."; p = path.Dir(p) {
		if dep := m.deps[p]; dep != nil {
			return dep, nil
		}
	}
	return nil, nil
}

// replacedWithoutDot returns the requirements whose path looks like one of the
// standard library.
func (m *Main) replacedWithoutDot() []string {
	var paths []string
	for _, r := range m.File.Require {
		if first, _, _ := strings.Cut(r.Mod.Path, "/"); !strings.Contains(first, ".") {
			paths = append(paths, r.Mod.Path)
		}
	}
	return paths
}

// Dependencies returns the modules of the build list that themselves require the
// wanted module, by path. It fails if one that may is not on this machine and can't be
// downloaded.
func (m *Main) Dependencies(wanted string) (map[string]*Module, error) {
	err := m.load(wanted)
	return m.deps, err
}

func (m *Main) load(wanted string) error {
	if m.deps != nil {
		return nil
	}
	deps, lost := m.locate(wanted)
	if len(lost) > 0 {
		if err := m.download(lost); err != nil {
			return err
		}
		if deps, lost = m.locate(wanted); len(lost) > 0 {
			return fmt.Errorf("module %s is not on this machine: run go mod download %s", lost[0], lost[0])
		}
	}
	m.deps = deps
	return nil
}

// locate finds the required modules that require the wanted one, and says which
// can't be found out about.
func (m *Main) locate(wanted string) (found map[string]*Module, lost []module.Version) {
	found = map[string]*Module{}
	for _, r := range m.File.Require {
		if r.Mod.Path == wanted {
			continue
		}
		dep, err := m.find(r.Mod, wanted)
		if err != nil {
			lost = append(lost, m.replaced(r.Mod))
		} else if dep != nil && dep.Requires(wanted) {
			found[dep.Path] = dep
		}
	}
	return found, lost
}

// find returns the module if it may require the wanted one.
func (m *Main) find(mod module.Version, wanted string) (*Module, error) {
	if dir, ok := m.env.dirs[mod.Path]; ok {
		file, err := parse(filepath.Join(dir, "go.mod"))
		return &Module{Path: mod.Path, Dir: dir, File: file}, err
	}
	actual := m.replaced(mod)
	if actual.Version == "" {
		dir := filepath.FromSlash(actual.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(m.Dir, dir)
		}
		file, err := parse(filepath.Join(dir, "go.mod"))
		return &Module{Path: mod.Path, Dir: dir, File: file}, err
	}
	dep, err := m.env.cached(actual, wanted)
	if errors.Is(err, fs.ErrNotExist) && m.env.vendored(m.Dir) {
		dir := filepath.Join(m.Dir, "vendor", filepath.FromSlash(mod.Path))
		if _, err := os.Stat(dir); err != nil {
			return nil, nil // nothing of it is in the build
		}
		return &Module{Path: mod.Path, Version: mod.Version, Dir: dir}, nil
	}
	if dep != nil {
		dep.Path, dep.Version = mod.Path, mod.Version
	}
	return dep, err
}

// replaced returns what go.mod puts in a module's place.
func (m *Main) replaced(mod module.Version) module.Version {
	actual := mod
	for _, r := range append(m.File.Replace, m.env.replace...) {
		if r.Old.Path == mod.Path && (r.Old.Version == "" || r.Old.Version == mod.Version) {
			actual = r.New
		}
	}
	return actual
}
