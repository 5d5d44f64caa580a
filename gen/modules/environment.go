package modules

import (
	"bytes"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// An environment is what the go command would take from variables, flags and
// go.work.
type environment struct {
	cache   string            // GOMODCACHE
	modfile string            // -modfile in GOFLAGS
	mod     string            // -mod in GOFLAGS
	dirs    map[string]string // of the workspace's modules, by path
	uses    []string          // the same, in the order of go.work
	replace []*modfile.Replace
}

func readEnvironment(dir string) (environment, error) {
	settings := goEnvFile()
	get := func(key string) string {
		if v := os.Getenv(key); v != "" {
			return v
		}
		return settings[key]
	}
	env := environment{cache: get("GOMODCACHE")}
	if env.cache == "" {
		gopath := get("GOPATH")
		if gopath == "" {
			gopath = build.Default.GOPATH
		}
		if list := filepath.SplitList(gopath); len(list) > 0 {
			env.cache = filepath.Join(list[0], "pkg", "mod")
		}
	}
	for _, flag := range strings.Fields(get("GOFLAGS")) {
		flag = "-" + strings.TrimLeft(flag, "-")
		if v, ok := strings.CutPrefix(flag, "-modfile="); ok {
			env.modfile = v
		}
		if v, ok := strings.CutPrefix(flag, "-mod="); ok {
			env.mod = v
		}
	}
	return env, env.readWorkspace(dir, get("GOWORK"))
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
	data, err := os.ReadFile(file)
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

func (env *environment) readWorkspace(dir, gowork string) error {
	file := gowork
	if file == "off" {
		return nil
	}
	if file == "" {
		if file = above(dir, "go.work"); file == "" {
			return nil
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	work, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return err
	}
	env.dirs = map[string]string{}
	env.replace = work.Replace
	for _, use := range work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(file), dir)
		}
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return fmt.Errorf("%s uses %s: %w", file, use.Path, err)
		}
		env.dirs[modfile.ModulePath(mod)] = dir
		env.uses = append(env.uses, dir)
	}
	return nil
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

// vendored says whether builds in the module use its vendor folder.
func (env *environment) vendored(dir string) bool {
	if env.mod == "mod" || env.mod == "readonly" || env.dirs != nil {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt"))
	return err == nil
}

// cached returns a module of the module cache. It returns nil if the module's
// go.mod says that it does not require the wanted one: then its source need not be
// there.
func (env *environment) cached(mod module.Version, wanted string) (*Module, error) {
	escapedPath, err := module.EscapePath(mod.Path)
	if err != nil {
		return nil, err
	}
	version, err := module.EscapeVersion(mod.Version)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(env.cache, "cache", "download", filepath.FromSlash(escapedPath), "@v", version+".mod"))
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(data, []byte(wanted)) {
		return nil, nil
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	m := &Module{Path: mod.Path, Version: mod.Version, File: file,
		Dir: filepath.Join(env.cache, filepath.FromSlash(escapedPath)+"@"+version)}
	if !m.Requires(wanted) {
		return nil, nil
	}
	if _, err := os.Stat(m.Dir); err != nil {
		return nil, fs.ErrNotExist
	}
	return m, nil
}

// download asks the go command for modules.
func (m *Main) download(mods []module.Version) error {
	args := []string{"mod", "download"}
	for _, mod := range mods {
		if mod.Version == "" {
			return fmt.Errorf("%s: replaced by the folder %s, which has no module in it", filepath.Join(m.Dir, "go.mod"), mod.Path)
		}
		args = append(args, mod.String())
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = m.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("modules that %s requires are not on this machine, and 'go %s' failed: %w\n%s",
			m.Path, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
