package modules

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/plugingen/plugingen/internal/readfile"
)

// locate returns those of the required modules that require plugingen's, in the
// order of their paths. The error is a [*MissingError] if there may be more, which are not
// on this machine.
func (m *Main) locate(paths []string) ([]*Module, error) {
	var missing []module.Version
	plugins := false
	for _, p := range paths {
		if _, ok := m.known[p]; ok || p == Plugingen && p != m.Path {
			continue
		}
		mod, dep, err := m.find(p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, mod)
			plugins = plugins || errors.Is(err, errNoSource)
		case err != nil:
			return nil, err
		default:
			m.known[p] = m.describe(dep, mod)
		}
	}
	var found []*Module
	for _, p := range paths {
		if dep := m.known[p]; dep != nil {
			found = append(found, dep)
		}
	}
	if len(missing) > 0 {
		return found, m.missing(missing, plugins)
	}
	return found, nil
}

// describe notes which version of a module is in the build list, and what is in its place.
func (m *Main) describe(dep *Module, mod module.Version) *Module {
	if dep == nil {
		return nil
	}
	described := *dep
	described.Version = mod.Version
	if actual := m.env.replaced(mod); actual != mod {
		described.Replace = actual.String()
	}
	return &described
}

// provider returns a required module, or nil if it does not require plugingen's. In a
// workspace it runs the go command for the selected version only if the newest required
// version requires plugingen's module.
func (m *Main) provider(path string) (*Module, error) {
	if newest := m.newest(path); newest.Version != "" && path != Plugingen {
		dep, err := m.env.cached(newest)
		if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNoSource) {
			dep, err = m.vendored(newest, err)
			if errors.Is(err, fs.ErrNotExist) {
				err = m.missing([]module.Version{newest}, false)
			}
			return dep, err
		}
		if dep == nil && err == nil {
			return nil, nil
		}
	}
	found, err := m.locate([]string{path})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// newest returns the newest version of a module that modules of the workspace require, none
// without a workspace, or if it is one of them or replaced by a directory.
func (m *Main) newest(path string) module.Version {
	newest := module.Version{Path: path}
	if m.env.workspace == nil || m.env.isDirReplaced(path) {
		return newest
	}
	for _, member := range m.env.members {
		if member.Path == path {
			return module.Version{Path: path}
		}
		for _, r := range member.File.Require {
			if r.Mod.Path == path && semver.Compare(r.Mod.Version, newest.Version) > 0 {
				newest = r.Mod
			}
		}
	}
	return newest
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

// find returns the module's version, and the module itself if it requires plugingen's,
// otherwise nil.
func (m *Main) find(path string) (module.Version, *Module, error) {
	for _, member := range m.env.modules() {
		if member.Path == path {
			return module.Version{Path: path}, withPlugins(member), nil
		}
	}
	mod, err := m.version(path)
	if err != nil {
		dep, err := m.vendored(mod, err)
		return mod, dep, err
	}
	if dir, ok := m.env.replacedByDir(mod); ok {
		dep, err := open(path, dir)
		if errors.Is(err, fs.ErrNotExist) {
			dep, err = m.vendored(mod, fmt.Errorf("%s is replaced by the directory %s, which has no go.mod", path, dir))
		}
		return mod, withPlugins(dep), err
	}
	dep, err := m.env.cached(mod)
	if errors.Is(err, fs.ErrNotExist) {
		dep, err = m.vendored(mod, err)
	}
	return mod, dep, err
}

// version returns the version of a required module: what go.mod says, or what the
// workspace selects, which only the go command can tell.
func (m *Main) version(path string) (module.Version, error) {
	required := m.required(path)
	if m.env.workspace == nil || m.env.isDirReplaced(path) {
		return required, nil
	}
	selected, err := m.env.build()
	if err != nil {
		return required, err
	}
	if version, ok := selected[path]; ok {
		required.Version = version
	}
	return required, nil
}

// withPlugins returns a module that may have plugins, nil for another.
func withPlugins(m *Module) *Module {
	if m != nil && m.requiresPlugingen() {
		return m
	}
	return nil
}

// open returns the module in a directory, by the path that it is required by.
func open(path, dir string) (*Module, error) {
	file := filepath.Join(dir, "go.mod")
	data, err := readfile.GoMod(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.ParseLax(file, data, nil)
	return &Module{Path: path, Dir: dir, File: mod}, err
}

// vendored returns what the vendor directory has of a module that is not elsewhere:
// what of it was linked when 'go mod vendor' was run. Without a vendor directory it
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
// require plugingen's: then its source need not be there.
func (env *environment) cached(mod module.Version) (*Module, error) {
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
	if err != nil || !bytes.Contains(data, []byte(Plugingen)) {
		return nil, err
	}
	dir := filepath.Join(env.cache, filepath.FromSlash(escapedPath)+"@"+version)
	parsed, err := modfile.ParseLax(file, data, nil)
	m := withPlugins(&Module{Path: mod.Path, Dir: dir, File: parsed})
	if err != nil || m == nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, errNoSource
	}
	return m, nil
}

// errNoSource says that only the go.mod of a module is in the module cache.
var errNoSource = fmt.Errorf("the source of a module is not there: %w", fs.ErrNotExist)

// missing returns the error for required modules that are not on this machine.
func (m *Main) missing(mods []module.Version, plugins bool) error {
	for _, mod := range mods {
		if dir, ok := m.env.replacedByDir(mod); ok || mod.Version == "" {
			return fmt.Errorf(
				"%s requires %s, and replaces it by the directory %s, which has no go.mod",
				m.Path, mod.Path, dir)
		}
	}
	dir := m.Dir
	if m.env.workspace != nil {
		dir = filepath.Dir(m.env.workspace.file) // so that errors of its modules can be joined
	}
	args := []string{"mod", "download"}
	if file := m.env.modfile; file != "" {
		args = append(args, "-modfile="+file) // what GOFLAGS says is relative to another directory
	}
	return &MissingError{dir: dir, args: args, mods: mods, Plugins: plugins, needs: m.Path + " needs"}
}

// A MissingError says what is needed and not in the module cache.
type MissingError struct {
	Plugins bool // the go.mod of a module is there, and says that it may have plugins

	dir   string   // where the go command is run to get it
	args  []string // of the go command, but for the modules
	mods  []module.Version
	needs string // who needs it
}

func (e *MissingError) Error() string { return e.fact() + ": run go mod download" }

// fact says what is missing.
func (e *MissingError) fact() string {
	are := "is"
	if len(e.mods) > 1 {
		are = "are"
	}
	return fmt.Sprintf("%s %s, which %s not in the module cache", e.needs, e.names(), are)
}

// names returns the first few modules.
func (e *MissingError) names() string {
	const shown = 5
	var names []string
	for _, mod := range e.mods[:min(shown, len(e.mods))] {
		names = append(names, mod.String())
	}
	list := strings.Join(names, ", ")
	if n := len(e.mods) - shown; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	return list
}

// Join adds the modules of another error, and reports whether the go command can get
// them together.
func (e *MissingError) Join(other *MissingError) bool {
	if e.dir != other.dir || !slices.Equal(e.args, other.args) {
		return false
	}
	for _, mod := range other.mods {
		if !slices.Contains(e.mods, mod) {
			e.mods = append(e.mods, mod)
		}
	}
	module.Sort(e.mods)
	return true
}

// Download has the go command get what is missing, and nothing else.
func (e *MissingError) Download() error {
	args := slices.Clone(e.args)
	for _, mod := range e.mods {
		args = append(args, mod.String())
	}
	if _, err := run(e.dir, os.Environ(), args...); err != nil {
		return fmt.Errorf("%s, and %w", e.fact(), err)
	}
	return nil
}

// buildList asks the go command which versions the workspace selects: the newest of each
// module that any other requires. Unlike go list -m it needs go.mod files only.
func (w *workspace) buildList(network bool) (map[string]string, error) {
	env := os.Environ()
	if !network {
		env = append(env, "GOPROXY=off")
	}
	out, err := run(filepath.Dir(w.file), env, "mod", "graph")
	if err != nil {
		return nil, fmt.Errorf("what %s selects is not known: %w\nrun go mod download", w.file, err)
	}
	selected := map[string]string{}
	for line := range strings.Lines(string(out)) {
		_, required, _ := strings.Cut(strings.TrimSpace(line), " ")
		path, version, _ := strings.Cut(required, "@")
		if semver.Compare(version, selected[path]) > 0 {
			selected[path] = version
		}
	}
	return selected, nil
}

// run runs the go command in a directory and returns its output.
func run(dir string, env []string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(slices.Clip(env), "PWD="+dir)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("'go %s' failed: %w\n%s", firstOf(args, " "), err, firstOf(lines, "\n"))
	}
	return out, nil
}

// firstOf joins the first few of the list, and tells how many more there are: the go command
// may be asked for hundreds of modules, and print a line for each.
func firstOf(list []string, sep string) string {
	const shown = 10
	if len(list) <= shown {
		return strings.Join(list, sep)
	}
	return fmt.Sprintf("%s%s... (%d more)", strings.Join(list[:shown], sep), sep, len(list)-shown)
}
