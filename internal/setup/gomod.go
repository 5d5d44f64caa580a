package setup

import (
	"bytes"
	"cmp"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
)

// MinGo is the oldest version of Go that a module which uses plugingen can name in its go.mod.
const MinGo = "1.26.0"

// tools are the packages of the tool lines.
var tools = []string{ModulePath + "/cmd/plugingen", ModulePath + "/cmd/pluginvet"}

// module plans the tool lines and the requirement in go.mod, and what they need in go.sum.
func (s *setup) module() error {
	name := s.main.Files()[0]
	old, err := readfile.GoMod(name)
	if err != nil {
		return err
	}
	oldSum, err := optional(sumOf(name))
	if err != nil {
		return err
	}
	file, what, err := s.edited(name, old)
	if err != nil {
		return err
	}
	mod, sum := old, oldSum
	if what != "" {
		file.Cleanup()
		if mod, err = file.Format(); err != nil {
			return err
		}
	}
	vendored := s.main.IsVendored()
	if !s.main.OnlyWorkspaceHas(ModulePath) && (what != "" || !vendored) {
		if mod, sum, err = s.resolve(mod, oldSum); err != nil {
			return err
		}
	}
	if bytes.Contains(old, []byte("\r\n")) {
		mod = bytes.ReplaceAll(bytes.ReplaceAll(mod, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}
	source := s.Steps
	s.Steps = nil // go.mod comes first
	s.change(name, old, mod, cmp.Or(what, "added the modules that the tools need"))
	if sum != nil {
		s.change(sumOf(name), oldSum, sum, "added the checksums of what the tools need")
	}
	if len(s.Steps) == 0 {
		s.Ready = append([]string{short(name) + " has the tool lines of plugingen and pluginvet"}, s.Ready...)
	}
	s.Vendor = vendored && len(s.Steps) > 0
	s.Steps = append(s.Steps, source...)
	return nil
}

// checkGo returns an error that says which line to change if the module's version of Go is too
// old.
func (s *setup) checkGo() error {
	name := short(s.main.Files()[0])
	upgrade := fmt.Sprintf("plugingen needs go %s or later: go mod edit -go=%s", MinGo, MinGo)
	switch goLine := s.main.File.Go; {
	case goLine == nil:
		return fmt.Errorf("%s: there is no go line; %s", name, upgrade)
	case version.Compare("go"+goLine.Version, "go"+MinGo) < 0:
		return fmt.Errorf("%s:%d: go %s; %s", name, goLine.Syntax.Start.Line, goLine.Version, upgrade)
	}
	return nil
}

// edited returns go.mod with the lines that it lacks, and says which these are.
func (s *setup) edited(name string, src []byte) (file *modfile.File, what string, err error) {
	if file, err = modfile.Parse(name, src, nil); err != nil {
		return nil, "", err
	}
	var did []string
	required := slices.ContainsFunc(file.Require, func(r *modfile.Require) bool { return r.Mod.Path == ModulePath })
	if !required {
		v, err := s.version()
		if err != nil {
			return nil, "", err
		}
		if err := file.AddRequire(ModulePath, v); err != nil {
			return nil, "", err
		}
		did = append(did, "added the requirement "+ModulePath+" "+v)
	}
	var added []string
	for _, tool := range tools {
		if !s.isTool(tool) {
			if err := file.AddTool(tool); err != nil {
				return nil, "", err
			}
			added = append(added, filepath.Base(tool))
		}
	}
	if len(added) > 0 {
		did = append(did, "added the tool lines of "+strings.Join(added, " and "))
	}
	if required && s.Program != "" && makeDirect(file) {
		did = append(did, "made the requirement of "+ModulePath+" direct")
	}
	return file, strings.Join(did, ", "), nil
}

// makeDirect removes "// indirect" from the requirement of plugingen, and reports whether it was
// there: go get -tool adds it, and go mod tidy removes it again when generated files import the
// registry.
func makeDirect(file *modfile.File) bool {
	i := slices.IndexFunc(file.Require, func(r *modfile.Require) bool { return r.Mod.Path == ModulePath })
	if i < 0 || !file.Require[i].Indirect {
		return false
	}
	all := slices.Clone(file.Require)
	direct := *all[i]
	direct.Indirect = false
	all[i] = &direct
	file.SetRequireSeparateIndirect(all)
	return true
}

// isTool reports whether the module, or one of its workspace, has the tool.
func (s *setup) isTool(path string) bool {
	has := func(m *modules.Module) bool {
		return m.File != nil && slices.ContainsFunc(m.File.Tool, func(t *modfile.Tool) bool { return t.Path == path })
	}
	return has(&s.main.Module) || slices.ContainsFunc(s.main.Workspace(), has)
}

// version returns the version of plugingen to require: that of the program that is running,
// unless a directory takes the place of all versions.
func (s *setup) version() (string, error) {
	replaced := slices.ContainsFunc(s.main.File.Replace, func(r *modfile.Replace) bool {
		return r.Old.Path == ModulePath && r.Old.Version == ""
	})
	released := semver.IsValid(s.Version) && semver.Canonical(s.Version) == s.Version
	switch {
	case released && !replaced:
		return s.Version, nil
	case replaced, s.main.OnlyWorkspaceHas(ModulePath):
		return module.ZeroPseudoVersion("v0"), nil // as go get has it
	}
	for _, r := range s.main.File.Replace {
		if r.Old.Path == ModulePath {
			return r.Old.Version, nil
		}
	}
	ways := "\n\tgo get -tool " + tools[0] + "@latest"
	if dir := checkout(); dir != "" {
		ways += "\n\tgo mod edit -replace=" + ModulePath + "=" + dir
	}
	return "", fmt.Errorf("%s does not say which version of plugingen to use, and this program was built from "+
		"source without a version: run one of these, and then this again%s", short(s.main.Files()[0]), ways)
}

// checkout returns the directory of the source that this program was built from, "" if it
// isn't there.
func checkout() string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	src, err := readfile.GoMod(filepath.Join(dir, "go.mod"))
	if err != nil || modfile.ModulePath(src) != ModulePath {
		return ""
	}
	return short(dir)
}

// resolve lets the go command complete copies of go.mod and go.sum with what the tools need. It
// downloads only what is not in the module cache.
func (s *setup) resolve(mod, sum []byte) (newMod, newSum []byte, err error) {
	dir, err := os.MkdirTemp("", "plugingen-init-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "go.mod")
	if err := os.WriteFile(name, mod, 0o666); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(sumOf(name), sum, 0o666); err != nil {
		return nil, nil, err
	}
	cmd := exec.Command("go", append([]string{"list", "-mod=mod", "-modfile=" + name, "-deps"}, tools...)...)
	cmd.Dir = s.main.Dir
	cmd.Env = append(os.Environ(), "GOWORK=off") // -mod and -modfile are for single modules
	var message bytes.Buffer
	cmd.Stderr = &message
	if err := cmd.Run(); err != nil {
		said := strings.ReplaceAll(strings.TrimSpace(message.String()), name, short(s.main.Files()[0]))
		return nil, nil, fmt.Errorf("the go command can't load the tools; nothing has been written: %w\n%s", err, said)
	}
	if newMod, err = readfile.GoMod(name); err != nil {
		return nil, nil, err
	}
	if newSum, err = optional(sumOf(name)); err != nil {
		return nil, nil, err
	}
	if len(newSum) == 0 && sum == nil {
		newSum = nil
	}
	return newMod, newSum, nil
}

// sumOf returns the name of the go.sum of a go.mod.
func sumOf(mod string) string { return strings.TrimSuffix(mod, ".mod") + ".sum" }
