package modules

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/internal/readfile"
)

// An environment is what the go command would take from variables, flags and
// go.work.
type environment struct {
	cache      string // GOMODCACHE
	modfile    string // -modfile in GOFLAGS, absolute
	mod        string // -mod in GOFLAGS
	*workspace        // nil if there is none, or the module is not in it
	replace    []*modfile.Replace
}

// A workspace is what a go.work says, for all of its modules.
type workspace struct {
	file    string
	dirs    []string  // of the modules that it uses
	members []*Module // these modules, once they have been read
	replace []*modfile.Replace
	build   func() (map[string]string, error) // asks the go command, once, for the versions in the build list by path
}

// readEnvironment returns what holds for the module in the directory.
func (l *Loader) readEnvironment(dir string) (environment, error) {
	env := environment{cache: moduleCache(l.get)}
	if err := env.readFlags(l.get("GOFLAGS")); err != nil {
		return env, err
	}
	work, err := l.workspace(dir)
	if work == nil || err != nil {
		return env, err
	}
	if err := work.readMembers(); err != nil {
		return env, err
	}
	if slices.ContainsFunc(work.members, func(m *Module) bool { return m.Dir == dir }) {
		env.workspace = work
	}
	return env, nil
}

// modules returns the modules of the workspace, if there is one.
func (env *environment) modules() []*Module {
	if env.workspace == nil {
		return nil
	}
	return env.members
}

func moduleCache(get func(key string) string) string {
	if cache := get("GOMODCACHE"); cache != "" {
		return cache
	}
	gopath := get("GOPATH")
	if gopath == "" {
		gopath = build.Default.GOPATH
	}
	if list := filepath.SplitList(gopath); len(list) > 0 {
		return filepath.Join(list[0], "pkg", "mod")
	}
	return ""
}

func (env *environment) readFlags(goflags string) (err error) {
	for _, flag := range strings.Fields(goflags) {
		flag = "-" + strings.TrimLeft(flag, "-")
		if v, ok := strings.CutPrefix(flag, "-modfile="); ok {
			if env.modfile, err = filepath.Abs(v); err != nil { // it is relative to the working directory
				return err
			}
		}
		if v, ok := strings.CutPrefix(flag, "-mod="); ok {
			env.mod = v
		}
	}
	return nil
}

// variables returns a function that looks up the go command's variables.
func variables() func(key string) string {
	settings := goEnvFile()
	return func(key string) string {
		if v := os.Getenv(key); v != "" {
			return v
		}
		return settings[key]
	}
}

// goEnvFile returns what "go env -w" has set.
func goEnvFile() map[string]string {
	file := os.Getenv("GOENV")
	if file == "off" {
		return nil
	}
	if file == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return nil
		}
		file = filepath.Join(config, "go", "env")
	}
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil
	}
	settings := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			settings[key] = value
		}
	}
	return settings
}

// Workspace returns the directories of the modules that the workspace of a directory
// uses, none if there is no workspace.
func (l *Loader) Workspace(dir string) ([]string, error) {
	work, err := l.workspace(dir)
	if work == nil || err != nil {
		return nil, err
	}
	return work.dirs, nil
}

// workspace returns the workspace that holds for the directory, nil if there is none.
func (l *Loader) workspace(dir string) (*workspace, error) {
	file := l.get("GOWORK")
	if file == "" {
		file = findUp(dir, "go.work")
	}
	if file == "off" || file == "" {
		return nil, nil
	}
	if work, ok := l.works[file]; ok {
		return work, nil
	}
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, err
	}
	syntax, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return nil, err
	}
	work := &workspace{file: file, replace: rooted(syntax.Replace, filepath.Dir(file))}
	for _, use := range syntax.Use {
		work.dirs = append(work.dirs, useDir(file, use.Path))
	}
	work.build = sync.OnceValues(func() (map[string]string, error) {
		if l.NoCommand {
			return nil, fmt.Errorf("cannot determine the versions that %s selects without running the go command", file)
		}
		return work.buildList(l.Network)
	})
	l.works[file] = work
	return work, nil
}

func (w *workspace) readMembers() error {
	for _, dir := range w.dirs[len(w.members):] {
		m, err := member(w.file, dir)
		if err != nil {
			return err
		}
		w.members = append(w.members, m)
	}
	return nil
}

// useDir returns the directory of a module that go.work uses.
func useDir(work, use string) string {
	dir := filepath.FromSlash(use)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(filepath.Dir(work), dir)
	}
	return dir
}

// member returns a module that go.work uses.
func member(work, dir string) (*Module, error) {
	file := filepath.Join(dir, "go.mod")
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, fmt.Errorf("%s uses %s: %w", work, dir, err)
	}
	mod, err := modfile.Parse(file, data, nil)
	if err != nil {
		return nil, err
	}
	if mod.Module == nil {
		return nil, fmt.Errorf("%s: no module declaration in go.mod", file)
	}
	return &Module{Path: mod.Module.Mod.Path, Dir: dir, File: mod}, nil
}

// replacements collects what replaces modules: what go.work says first, and then
// what each module of the workspace does.
func (env *environment) replacements(main *Main) {
	if env.workspace == nil {
		env.replace = rooted(main.File.Replace, main.Dir)
		return
	}
	env.replace = slices.Clone(env.workspace.replace)
	for _, m := range env.members {
		env.replace = append(env.replace, rooted(m.File.Replace, m.Dir)...)
	}
}

// rooted returns the replacements with directories that don't depend on where they
// are looked at from.
func rooted(list []*modfile.Replace, dir string) []*modfile.Replace {
	var all []*modfile.Replace
	for _, r := range list {
		c := *r
		if c.New.Version == "" {
			c.New.Path = filepath.FromSlash(c.New.Path)
			if !filepath.IsAbs(c.New.Path) {
				c.New.Path = filepath.Join(dir, c.New.Path)
			}
		}
		all = append(all, &c)
	}
	return all
}

// replaced returns what stands in a module's place: what is said of its version, or
// else of all its versions.
func (env *environment) replaced(mod module.Version) module.Version {
	for _, version := range []string{mod.Version, ""} {
		for _, r := range env.replace {
			if r.Old.Path == mod.Path && r.Old.Version == version {
				return r.New
			}
		}
	}
	return mod
}

func (env *environment) replacedByDir(mod module.Version) (dir string, ok bool) {
	actual := env.replaced(mod)
	return actual.Path, actual != mod && actual.Version == ""
}

// isDirReplaced reports whether a directory stands in the place of all versions of a module.
func (env *environment) isDirReplaced(path string) bool {
	_, ok := env.replacedByDir(module.Version{Path: path})
	return ok
}

// findUp returns the nearest file of the name in the directory or one that it is in.
func findUp(dir, name string) string {
	for {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// IsVendored reports whether builds of the module use a vendor directory.
func (m *Main) IsVendored() bool { return m.env.vendorDir(m.Dir) != "" }

// vendorDir returns the vendor directory that builds of the module in the directory use,
// "" if they use none.
func (env *environment) vendorDir(dir string) string {
	if env.mod == "mod" || env.mod == "readonly" {
		return ""
	}
	if env.workspace != nil {
		dir = filepath.Dir(env.file)
	}
	vendor := filepath.Join(dir, "vendor")
	if _, err := os.Stat(filepath.Join(vendor, "modules.txt")); err != nil {
		return ""
	}
	return vendor
}
