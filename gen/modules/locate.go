package modules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/internal/readfile"
)

// locate returns those of the required modules that require the wanted one, in the
// order of their paths. It runs the go command at most once to get those that are not
// on this machine.
func (m *Main) locate(paths []string, wanted string) ([]*Module, error) {
	var lost []module.Version
	for _, p := range paths {
		if _, ok := m.known[p]; ok || p == wanted && p != m.Path {
			continue
		}
		mod, dep, err := m.find(p, wanted)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			lost = append(lost, mod)
		case err != nil:
			return nil, err
		default:
			m.known[p] = dep
		}
	}
	if err := m.download(lost, wanted); err != nil {
		return nil, err
	}
	var found []*Module
	for _, p := range paths {
		if dep := m.known[p]; dep != nil {
			found = append(found, dep)
		}
	}
	return found, nil
}

// required returns the version of the module in go.mod, "" for one of the workspace
// that is not in it.
func (m *Main) required(path string) module.Version {
	for _, r := range m.File.Require {
		if r.Mod.Path == path {
			return r.Mod
		}
	}
	return module.Version{Path: path}
}

// find returns the module's version, and the module itself if it requires the wanted
// one, otherwise nil.
func (m *Main) find(path, wanted string) (module.Version, *Module, error) {
	for _, member := range m.env.members {
		if member.Path == path {
			return module.Version{Path: path}, ifRequires(member, wanted), nil
		}
	}
	mod, err := m.version(path)
	if err != nil {
		dep, err := m.vendored(mod, err)
		return mod, dep, err
	}
	if dir, ok := m.env.replacedByFolder(mod); ok {
		dep, err := open(path, dir)
		if errors.Is(err, fs.ErrNotExist) {
			dep, err = m.vendored(mod, fmt.Errorf("%s is replaced by the folder %s, which has no go.mod", path, dir))
		}
		return mod, ifRequires(dep, wanted), err
	}
	dep, err := m.env.cached(mod, wanted)
	if errors.Is(err, fs.ErrNotExist) {
		dep, err = m.vendored(mod, err)
	}
	return mod, dep, err
}

// version returns the version of a required module: what go.mod says, or what the
// workspace selects, which only the go command can tell.
func (m *Main) version(path string) (module.Version, error) {
	required := m.required(path)
	if len(m.env.members) == 0 || m.env.isFolder(path) {
		return required, nil
	}
	if m.selected == nil {
		selected, err := m.ask()
		if err != nil {
			return required, err
		}
		m.selected = selected
	}
	if version, ok := m.selected[path]; ok {
		required.Version = version
	}
	return required, nil
}

func ifRequires(m *Module, wanted string) *Module {
	if m != nil && m.Requires(wanted) {
		return m
	}
	return nil
}

// open returns the module in a folder, by the path that it is required by.
func open(path, dir string) (*Module, error) {
	file := filepath.Join(dir, "go.mod")
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.ParseLax(file, data, nil)
	return &Module{Path: path, Dir: dir, File: mod}, err
}

// vendored returns what the vendor folder has of a module that is not elsewhere:
// what of it was linked when 'go mod vendor' was run. Without a vendor folder it
// returns the error.
func (m *Main) vendored(mod module.Version, err error) (*Module, error) {
	vendor := m.env.vendorDir(m.Dir)
	if vendor == "" {
		return nil, err
	}
	dir := filepath.Join(vendor, filepath.FromSlash(mod.Path))
	if _, err := os.Stat(dir); err != nil {
		return nil, nil // nothing of it is in the build
	}
	return &Module{Path: mod.Path, Dir: dir}, nil
}

// cached returns a module of the module cache, nil if its go.mod says that it does not
// require the wanted one: then its source need not be there.
func (env *environment) cached(mod module.Version, wanted string) (*Module, error) {
	actual := env.replaced(mod)
	escapedPath, err := module.EscapePath(actual.Path)
	if err != nil {
		return nil, err
	}
	version, err := module.EscapeVersion(actual.Version)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(env.cache, "cache", "download", filepath.FromSlash(escapedPath), "@v", version+".mod")
	data, err := readfile.GoMod(file)
	if err != nil || !bytes.Contains(data, []byte(wanted)) {
		return nil, err
	}
	dir := filepath.Join(env.cache, filepath.FromSlash(escapedPath)+"@"+version)
	parsed, err := modfile.ParseLax(file, data, nil)
	m := ifRequires(&Module{Path: mod.Path, Dir: dir, File: parsed}, wanted)
	if err != nil || m == nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fs.ErrNotExist
	}
	return m, nil
}

// download asks the go command for modules that are not on this machine.
func (m *Main) download(mods []module.Version, wanted string) error {
	if len(mods) == 0 {
		return nil
	}
	args := []string{"mod", "download"}
	if m.env.modfile != "" {
		args = append(args, "-modfile="+m.env.modfile) // what GOFLAGS says is relative to another folder
	}
	for _, mod := range mods {
		if dir, ok := m.env.replacedByFolder(mod); ok || mod.Version == "" {
			return fmt.Errorf("%s requires %s, and replaces it by the folder %s, which has no go.mod", m.Path, mod.Path, dir)
		}
		args = append(args, mod.String())
	}
	if _, err := m.run(args...); err != nil {
		return fmt.Errorf("modules that %s requires are not on this machine, and %w", m.Path, err)
	}
	for _, mod := range mods {
		_, dep, err := m.find(mod.Path, wanted)
		if err != nil {
			return fmt.Errorf("module %s is not on this machine, though 'go %s' succeeded: %w", mod, strings.Join(args, " "), err)
		}
		m.known[mod.Path] = dep
	}
	return nil
}

// ask asks the go command which versions the workspace selects of the modules that
// go.mod requires.
func (m *Main) ask() (map[string]string, error) {
	args := []string{"list", "-mod=readonly", "-m", "-json=Path,Version"}
	for _, r := range m.File.Require {
		args = append(args, r.Mod.Path)
	}
	out, err := m.run(args...)
	if err != nil {
		return nil, fmt.Errorf("what the workspace selects of the modules that %s requires is not known: %w", m.Path, err)
	}
	selected := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var mod module.Version
		if err := dec.Decode(&mod); errors.Is(err, io.EOF) {
			return selected, nil
		} else if err != nil {
			return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
		}
		selected[mod.Path] = mod.Version
	}
}

// run runs the go command and returns its output.
func (m *Main) run(args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Dir = m.Dir
	cmd.Env = append(slices.Clip(os.Environ()), "PWD="+m.Dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("'go %s' failed: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
