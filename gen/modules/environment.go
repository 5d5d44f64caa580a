package modules

import (
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/internal/readfile"
)

// An environment is what the go command would take from variables, flags and
// go.work.
type environment struct {
	cache   string    // GOMODCACHE
	modfile string    // -modfile in GOFLAGS, absolute
	mod     string    // -mod in GOFLAGS
	work    string    // go.work, "" if there is none, or the module is not in it
	members []*Module // of the workspace
	replace []*modfile.Replace
}

// readEnvironment returns what holds for the module in the folder.
func readEnvironment(dir string) (environment, error) {
	get := variables()
	env := environment{cache: moduleCache(get)}
	if err := env.readFlags(get("GOFLAGS")); err != nil {
		return env, err
	}
	return env, env.readWorkspace(dir, get)
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

// Workspace returns the folders of the modules that the workspace of a folder uses,
// none if there is no workspace.
func Workspace(dir string) ([]string, error) {
	work, err := openWorkspace(dir, variables())
	if work == nil || err != nil {
		return nil, err
	}
	var dirs []string
	for _, use := range work.Use {
		dirs = append(dirs, useDir(work, use.Path))
	}
	return dirs, nil
}

// openWorkspace returns the go.work that holds for the folder, nil if there is none.
func openWorkspace(dir string, get func(string) string) (*modfile.WorkFile, error) {
	file := get("GOWORK")
	if file == "" {
		file = above(dir, "go.work")
	}
	if file == "off" || file == "" {
		return nil, nil
	}
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, err
	}
	return modfile.ParseWork(file, data, nil)
}

func (env *environment) readWorkspace(dir string, get func(string) string) error {
	work, err := openWorkspace(dir, get)
	if work == nil || err != nil {
		return err
	}
	var members []*Module
	inIt := false
	for _, use := range work.Use {
		m, err := member(work, use.Path)
		if err != nil {
			return err
		}
		members = append(members, m)
		inIt = inIt || m.Dir == dir
	}
	if inIt {
		env.work, env.members = work.Syntax.Name, members
		env.replace = rooted(work.Replace, filepath.Dir(env.work))
	}
	return nil
}

// useDir returns the folder of a module that go.work uses.
func useDir(work *modfile.WorkFile, use string) string {
	dir := filepath.FromSlash(use)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(filepath.Dir(work.Syntax.Name), dir)
	}
	return dir
}

// member returns a module that go.work uses.
func member(work *modfile.WorkFile, use string) (*Module, error) {
	dir := useDir(work, use)
	file := filepath.Join(dir, "go.mod")
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, fmt.Errorf("%s uses %s: %w", work.Syntax.Name, use, err)
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
	if len(env.members) == 0 {
		env.replace = rooted(main.File.Replace, main.Dir)
	}
	for _, m := range env.members {
		env.replace = append(env.replace, rooted(m.File.Replace, m.Dir)...)
	}
}

// rooted returns the replacements with folders that don't depend on where they
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

func (env *environment) replacedByFolder(mod module.Version) (dir string, ok bool) {
	actual := env.replaced(mod)
	return actual.Path, actual != mod && actual.Version == ""
}

// isFolder says whether a folder stands in the place of all versions of a module.
func (env *environment) isFolder(path string) bool {
	_, ok := env.replacedByFolder(module.Version{Path: path})
	return ok
}

// above returns the nearest file of the name in the folder or one that it is in.
func above(dir, name string) string {
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

// vendorDir returns the vendor folder that builds of the module in the folder use,
// "" if they use none.
func (env *environment) vendorDir(dir string) string {
	if env.mod == "mod" || env.mod == "readonly" {
		return ""
	}
	if env.work != "" {
		dir = filepath.Dir(env.work)
	}
	vendor := filepath.Join(dir, "vendor")
	if _, err := os.Stat(filepath.Join(vendor, "modules.txt")); err != nil {
		return ""
	}
	return vendor
}
