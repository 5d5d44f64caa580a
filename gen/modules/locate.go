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
)

// locate returns those of the required modules that require the wanted one, in the
// order of their paths. It asks the go command once for all that it can't find out.
func (m *Main) locate(paths []string, wanted string) ([]*Module, error) {
	var unsure, lost []module.Version
	for _, p := range paths {
		if _, ok := m.known[p]; ok || p == wanted && p != m.Path {
			continue
		}
		mod := m.required(p)
		dep, sure, err := m.find(mod, wanted)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			lost = append(lost, mod)
		case err != nil:
			return nil, err
		case sure:
			m.known[p] = dep
		default:
			unsure = append(unsure, mod)
		}
	}
	if err := m.download(lost, wanted); err != nil {
		return nil, err
	}
	if err := m.ask(unsure); err != nil {
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

// find returns the module if it requires the wanted one, and otherwise nil. It is not
// sure of one whose version the workspace selects.
func (m *Main) find(mod module.Version, wanted string) (dep *Module, sure bool, err error) {
	for _, member := range m.env.members {
		if member.Path == mod.Path {
			return ifRequires(member, wanted), true, nil
		}
	}
	if dir, ok := m.env.replacedByFolder(mod); ok {
		dep, err = open(mod.Path, dir)
		if errors.Is(err, fs.ErrNotExist) {
			return m.vendored(mod, fmt.Errorf("%s is replaced by the folder %s, which has no go.mod", mod.Path, dir))
		}
		return ifRequires(dep, wanted), true, err
	}
	dep, err = m.env.cached(mod, wanted)
	if errors.Is(err, fs.ErrNotExist) {
		return m.vendored(mod, err)
	}
	return dep, dep == nil || len(m.env.members) < 2, err
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
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.ParseLax(file, data, nil)
	return &Module{Path: path, Dir: dir, File: mod}, err
}

// vendored returns what the vendor folder has of a module that is not elsewhere:
// what of it was linked when 'go mod vendor' was run. Without a vendor folder it
// returns the error.
func (m *Main) vendored(mod module.Version, err error) (*Module, bool, error) {
	vendor := m.env.vendorDir(m.Dir)
	if vendor == "" {
		return nil, false, err
	}
	dir := filepath.Join(vendor, filepath.FromSlash(mod.Path))
	if _, err := os.Stat(dir); err != nil {
		return nil, true, nil // nothing of it is in the build
	}
	return &Module{Path: mod.Path, Dir: dir}, true, nil
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
	data, err := os.ReadFile(file)
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
		dep, _, err := m.find(mod, wanted)
		if err != nil {
			return fmt.Errorf("module %s is not on this machine, though 'go %s' succeeded: %w", mod, strings.Join(args, " "), err)
		}
		m.known[mod.Path] = dep
	}
	return nil
}

// ask asks the go command where the versions are that the workspace selects of modules.
func (m *Main) ask(mods []module.Version) error {
	if len(mods) == 0 {
		return nil
	}
	args := []string{"list", "-mod=readonly", "-m", "-json=Path,Dir"}
	for _, mod := range mods {
		args = append(args, mod.Path)
	}
	out, err := m.run(args...)
	if err != nil {
		return fmt.Errorf("what the workspace selects of the modules that %s requires is not known: %w", m.Path, err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var found struct{ Path, Dir string }
		if err := dec.Decode(&found); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
		}
		if found.Dir == "" {
			return fmt.Errorf("module %s is not on this machine: run go mod download in the workspace", found.Path)
		}
		if m.known[found.Path], err = open(found.Path, found.Dir); err != nil {
			return err
		}
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
