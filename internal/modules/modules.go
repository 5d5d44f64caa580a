// Package modules finds modules and the modules that they require, by reading
// go.mod files. It runs the go command only where those don't tell, for the versions that
// a workspace selects. It downloads nothing unless [Loader].Network is set or
// [MissingError.Download] is called: a module that is not on this machine is a
// [MissingError].
package modules

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// Plugingen is the path of plugingen's module, which modules with plugins require.
const Plugingen = "github.com/plugingen/plugingen"

// A Module is a module whose source is on this machine.
type Module struct {
	Path string
	Dir  string
	File *modfile.File // its go.mod, nil if it has none (a vendored module)

	Version string // in the build list; "" for one of the workspace
	Replace string // the directory, or module@version, that stands in its place
}

// Main is a module that is being worked on, with the modules it requires.
type Main struct {
	Module
	file  string // its go.mod, or what -modfile names
	env   environment
	known map[string]*Module // by path; nil for one that has no plugins
}

// A Loader finds modules, and reads what several of them share once.
type Loader struct {
	Network   bool // the go command may download go.mod files, to know what a workspace selects
	NoCommand bool // the go command is not run: what only it can tell is an error

	get   func(key string) string // the go command's variables
	works map[string]*workspace   // by file
}

// NewLoader returns a Loader that knows the environment as it is now.
func NewLoader() *Loader {
	return &Loader{get: variables(), works: map[string]*workspace{}}
}

// ErrNoModule says that a directory is in no module.
var ErrNoModule = errors.New(
	"go.mod file not found in current directory or any parent directory; to begin a module, run " +
		"go mod init example.com/hello (with a path of your own)")

// Find returns the module that the directory is in.
func (l *Loader) Find(dir string) (*Main, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	file := findUp(dir, "go.mod")
	if file == "" {
		return nil, fmt.Errorf("%s: %w", dir, ErrNoModule)
	}
	m := &Main{Module: Module{Dir: filepath.Dir(file)}, known: map[string]*Module{}}
	if m.env, err = l.readEnvironment(m.Dir); err != nil {
		return nil, err
	}
	if m.env.modfile != "" {
		file = m.env.modfile
	}
	m.file = file
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, err
	}
	if m.File, err = modfile.Parse(file, data, nil); err != nil {
		return nil, err
	}
	if m.File.Module == nil {
		return nil, fmt.Errorf("%s: no module declaration in go.mod", file)
	}
	m.Path = m.File.Module.Mod.Path
	m.env.replacements(m)
	return m, nil
}

// Workspace returns the modules that the workspace uses, in the order of go.work;
// none if there is no workspace.
func (m *Main) Workspace() []*Module { return m.env.modules() }

// Replacements returns what replaces modules: as go.work says, if there is a workspace, and the
// go.mod of each of its modules. Names of directories are absolute.
func (m *Main) Replacements() []*modfile.Replace { return m.env.replace }

// Local returns the directories of the modules that can change while m is worked on, since
// they are not in the module cache: those of the workspace, and those that replace
// others. It leaves out those that don't require plugingen's.
func (m *Main) Local() []string {
	var dirs []string
	for _, member := range m.env.modules() {
		if member.Dir != m.Dir && member.requiresPlugingen() {
			dirs = append(dirs, member.Dir)
		}
	}
	for _, r := range m.env.replace {
		if r.New.Version != "" || r.Old.Path == Plugingen {
			continue
		}
		// One that can't be read is reported where it is needed.
		if dep, err := open(r.Old.Path, r.New.Path); err == nil && dep.requiresPlugingen() {
			dirs = append(dirs, dep.Dir)
		}
	}
	return dirs
}

// Files returns the files that say what m and its workspace are. A go.work does not
// have to be there: it would hold for m if it were.
func (m *Main) Files() []string {
	files := []string{m.file}
	if m.env.workspace != nil {
		return append(files, m.env.workspace.file)
	}
	for dir := m.Dir; ; dir = filepath.Dir(dir) {
		files = append(files, filepath.Join(dir, "go.work"))
		if dir == filepath.Dir(dir) {
			return files
		}
	}
}

// ImportPath returns the import path of a directory of the module.
func (m *Module) ImportPath(dir string) string {
	rel, err := filepath.Rel(m.Dir, dir)
	if err != nil || rel == "." {
		return m.Path
	}
	return path.Join(m.Path, filepath.ToSlash(rel))
}

// DirOf returns the directory of the package that the import path would be of, if it
// is of the module, otherwise "". It is below that of the module: a path with an empty
// element, . or .. is of no module.
func (m *Module) DirOf(importPath string) string {
	if importPath == m.Path {
		return m.Dir
	}
	rel, ok := strings.CutPrefix(importPath, m.Path+"/")
	if !ok {
		return ""
	}
	rel, err := filepath.Localize(rel)
	if err != nil {
		return ""
	}
	return filepath.Join(m.Dir, rel)
}

// Owns reports whether the import path is of the module, and not of one that is nested
// in its directory or whose path only begins with its path.
func (m *Main) Owns(importPath string) bool {
	dir := m.DirOf(importPath)
	if dir == "" || len(m.candidates(importPath)) > 0 {
		return false
	}
	for ; len(dir) > len(m.Dir); dir = filepath.Dir(dir) {
		if readfile.IsModule(dir) {
			return false
		}
	}
	return true
}

// candidates returns the paths of the required modules, and those of the workspace, that
// can have the package rather than m, the longest first.
func (m *Main) candidates(importPath string) []string {
	var paths []string
	add := func(p string) {
		outer := rules.HasPathPrefix(m.Path, p) && rules.HasPathPrefix(importPath, m.Path) // m is the longer of the two
		if rules.HasPathPrefix(importPath, p) && !outer && !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	for _, r := range m.File.Require {
		add(r.Mod.Path)
	}
	for _, member := range m.env.modules() {
		add(member.Path)
	}
	slices.SortFunc(paths, func(a, b string) int { return len(b) - len(a) })
	return paths
}

// requiresPlugingen reports whether go.mod requires plugingen's module, as that of each module
// with plugins does, or the module is plugingen's own.
func (m *Module) requiresPlugingen() bool {
	if m.File == nil || m.Path == Plugingen {
		return true // vendored: there is no go.mod to say otherwise
	}
	return slices.ContainsFunc(m.File.Require, func(r *modfile.Require) bool { return r.Mod.Path == Plugingen })
}

// Ignored reports whether the module's go.mod tells the go command to ignore the
// directory, given relative to the module's with slashes.
func (m *Module) Ignored(rel string) bool {
	if m.File == nil {
		return false
	}
	for _, i := range m.File.Ignore {
		p := strings.TrimSuffix(i.Path, "/")
		if below, ok := strings.CutPrefix(p, "./"); ok {
			if rules.HasPathPrefix(rel, below) {
				return true
			}
		} else if strings.Contains("/"+rel+"/", "/"+p+"/") {
			return true
		}
	}
	return false
}

// Provider returns the module that has the package, if it requires plugingen's, as all do
// that have plugins; otherwise nil. It returns a [*MissingError] if the files
// that would tell are not on this machine.
func (m *Main) Provider(importPath string) (*Module, error) {
	for _, p := range m.candidates(importPath) {
		dep, err := m.provider(p)
		if err != nil {
			return nil, err
		}
		if dep == nil {
			continue
		}
		if info, err := os.Stat(dep.DirOf(importPath)); err == nil && info.IsDir() {
			return dep, nil
		}
	}
	return nil, nil
}

// IsProvider reports whether a package in a module's directory is of that module, and not of
// one whose path is longer: they share a vendor directory.
func (m *Main) IsProvider(dep *Module, importPath string) bool {
	paths := m.candidates(importPath)
	return len(paths) == 0 || paths[0] == dep.Path
}

// Dependencies returns the required modules that themselves require plugingen's, by path:
// those of which choose is true. A module of the workspace need not be required to be
// chosen, as to the go command, if it is chosen by its name.
func (m *Main) Dependencies(choose func(path string) bool, byName bool) ([]*Module, error) {
	var paths []string
	for _, r := range m.File.Require {
		if choose(r.Mod.Path) {
			paths = append(paths, r.Mod.Path)
		}
	}
	for _, member := range m.env.modules() {
		if byName && member.Path != m.Path && choose(member.Path) {
			paths = append(paths, member.Path)
		}
	}
	slices.Sort(paths)
	return m.locate(slices.Compact(paths))
}
