package setup

import (
	"bytes"
	"cmp"
	"encoding/json"
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
	mod, what, err := s.edited(name, old)
	if err != nil {
		return err
	}
	sum, vendored := oldSum, s.main.IsVendored()
	if !s.isMember() && (what != "" || !vendored) {
		if mod, sum, err = s.resolve(mod, oldSum); err != nil {
			return s.unpublishedSource(err)
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
	if len(s.main.Workspace()) > 0 && len(s.Steps) > 0 && !vendored {
		if err := s.tryWorkspace(); err != nil {
			return err
		}
	}
	s.vendor(vendored && len(s.Steps) > 0)
	s.Steps = append(s.Steps, source...)
	return nil
}

// vendor notes what to run if the vendor directory lacks the tools.
func (s *setup) vendor(incomplete bool) {
	command := "go mod vendor"
	if len(s.main.Workspace()) > 0 {
		command = "go work vendor"
	}
	if incomplete {
		s.Notes = append(s.Notes, "The vendor directory lacks the tools:\n\n\t"+command)
	}
}

// isMember reports whether plugingen is a module of the workspace which go.mod need not require.
func (s *setup) isMember() bool {
	return !s.requires() &&
		slices.ContainsFunc(s.main.Workspace(), func(m *modules.Module) bool { return m.Path == ModulePath })
}

func (s *setup) requires() bool {
	return slices.ContainsFunc(s.main.File.Require, func(r *modfile.Require) bool { return r.Mod.Path == ModulePath })
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
func (s *setup) edited(name string, src []byte) (mod []byte, what string, err error) {
	file, err := modfile.Parse(name, src, nil)
	if err != nil {
		return nil, "", err
	}
	var did []string
	if !s.requires() && !s.isMember() {
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
	if s.Program != "" && makeDirect(file) {
		did = append(did, "made the requirement of "+ModulePath+" direct")
	}
	if len(did) == 0 {
		return src, "", nil
	}
	file.Cleanup()
	mod, err = file.Format()
	return mod, strings.Join(did, ", "), err
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
// unless something takes the place of others.
func (s *setup) version() (string, error) {
	for _, r := range s.main.Replacements() {
		switch {
		case r.Old.Path != ModulePath:
		case r.Old.Version != "":
			return r.Old.Version, nil
		default:
			return module.ZeroPseudoVersion("v0"), nil // as go get has it
		}
	}
	if semver.IsValid(s.Version) && semver.Canonical(s.Version) == s.Version {
		return s.Version, nil
	}
	ways := "\n\tgo get -tool " + tools[0] + "@latest"
	if dir := checkout(); dir != "" {
		ways += "\n\tgo mod edit -replace=" + ModulePath + "=" + dir
	}
	return "", fmt.Errorf("%s does not say which version of plugingen to use, and this program was built from "+
		"source without a version: run one of these, and then this again%s", short(s.main.Files()[0]), ways)
}

// unpublishedSource adds a remedy to an error that the version of this program may be the
// reason of: the go command names a program that it builds in a repository after the commit,
// which need not be published.
func (s *setup) unpublishedSource(err error) error {
	dir := checkout()
	if v, vErr := s.version(); vErr != nil || v != s.Version || s.requires() || dir == "" {
		return err
	}
	return fmt.Errorf("%w\nIf %s is not published in version %s, use the source that this program was built from:"+
		"\n\tgo mod edit -replace=%s=%s", err, ModulePath, s.Version, ModulePath, dir)
}

// checkout returns the directory of the source that this program was built from, "" if it
// isn't there, or is in the module cache.
func checkout() string {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if strings.Contains(filepath.Base(dir), "@") {
		return ""
	}
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
	if mod, err = s.addReplacements(mod); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(name, mod, 0o666); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(sumOf(name), sum, 0o666); err != nil {
		return nil, nil, err
	}
	// -mod and -modfile are for single modules.
	if err := s.listTools([]string{"GOWORK=off"}, "-mod=mod", "-modfile="+name); err != nil {
		return nil, nil, err
	}
	if newMod, err = readfile.GoMod(name); err != nil {
		return nil, nil, err
	}
	if newMod, err = s.dropReplacements(newMod); err != nil {
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

// listTools has the go command find all packages that the tools consist of.
func (s *setup) listTools(env []string, flags ...string) error {
	cmd := exec.Command("go", slices.Concat([]string{"list"}, flags, []string{"-deps"}, tools)...)
	cmd.Dir = s.main.Dir
	cmd.Env = append(os.Environ(), env...)
	var message bytes.Buffer
	cmd.Stderr = &message
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the go command can't load the tools (%w):\n%s", err, firstLines(message.String(), 5))
	}
	return nil
}

// firstLines returns the first lines of what a program has printed.
func firstLines(text string, limit int) string {
	lines := slices.Compact(strings.Split(strings.TrimSpace(text), "\n"))
	if len(lines) > limit {
		lines = append(lines[:limit], "...")
	}
	return strings.Join(lines, "\n")
}

// replacements returns those that the workspace adds to the ones of go.mod. The modules of the
// workspace take the places of others, too.
func (s *setup) replacements() []*modfile.Replace {
	var list []*modfile.Replace
	add := func(r *modfile.Replace) {
		own := func(o *modfile.Replace) bool { return o.Old.Path == r.Old.Path }
		if !slices.ContainsFunc(s.main.File.Replace, own) {
			list = append(list, r)
		}
	}
	for _, m := range s.main.Workspace() {
		if m.Path != s.main.Path {
			add(&modfile.Replace{Old: module.Version{Path: m.Path}, New: module.Version{Path: m.Dir}})
		}
	}
	for _, r := range s.main.Replacements() {
		add(r)
	}
	return list
}

// addReplacements returns a go.mod that is resolved without the workspace as it is in it.
func (s *setup) addReplacements(mod []byte) ([]byte, error) {
	return editReplacements(mod, s.replacements(), func(f *modfile.File, r *modfile.Replace) error {
		return f.AddReplace(r.Old.Path, r.Old.Version, r.New.Path, r.New.Version)
	})
}

// dropReplacements undoes addReplacements.
func (s *setup) dropReplacements(mod []byte) ([]byte, error) {
	return editReplacements(mod, s.replacements(), func(f *modfile.File, r *modfile.Replace) error {
		return f.DropReplace(r.Old.Path, r.Old.Version)
	})
}

func editReplacements(mod []byte, list []*modfile.Replace, edit func(*modfile.File, *modfile.Replace) error) (
	[]byte, error,
) {
	if len(list) == 0 {
		return mod, nil
	}
	f, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if err := edit(f, r); err != nil {
			return nil, err
		}
	}
	f.Cleanup()
	return f.Format()
}

// tryWorkspace returns an error if the go command could not load the tools in the workspace after
// the steps.
func (s *setup) tryWorkspace() error {
	dir, err := os.MkdirTemp("", "plugingen-init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	overlay := map[string]map[string]string{"Replace": {}}
	for _, step := range s.Steps {
		name := filepath.Join(dir, filepath.Base(step.Path))
		if err := os.WriteFile(name, step.New, 0o666); err != nil {
			return err
		}
		overlay["Replace"][step.Path] = name
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, text, 0o666); err != nil {
		return err
	}
	if err := s.listTools(nil, "-overlay="+name); err != nil {
		return fmt.Errorf("%w%s", err, s.unpublished())
	}
	return nil
}

// unpublished returns a remedy for requirements of modules of the workspace in versions that
// nobody can download.
func (s *setup) unpublished() string {
	var ways strings.Builder
	for _, r := range s.main.File.Require {
		replaced := slices.ContainsFunc(s.main.Replacements(), func(p *modfile.Replace) bool {
			return p.Old.Path == r.Mod.Path && (p.Old.Version == "" || p.Old.Version == r.Mod.Version)
		})
		for _, m := range s.main.Workspace() {
			if m.Path == r.Mod.Path && !replaced {
				fmt.Fprintf(&ways, "\n\tgo work edit -replace=%s=%s", r.Mod, workPath(s.main.Files()[1], m.Dir))
			}
		}
	}
	if ways.Len() == 0 {
		return ""
	}
	return "\nThe go command wants each version that go.mod requires, even of a module of the workspace; tell it " +
		"that the directory has it:" + ways.String()
}

// workPath returns a directory as a go.work names it.
func workPath(work, dir string) string {
	rel, err := filepath.Rel(filepath.Dir(work), dir)
	if err != nil {
		return dir
	}
	return "./" + filepath.ToSlash(rel)
}

// sumOf returns the name of the go.sum of a go.mod.
func sumOf(mod string) string { return strings.TrimSuffix(mod, ".mod") + ".sum" }
