package main

import (
	"bytes"
	"cmp"
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

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// addCommand returns the command that links the plugins of another module.
func addCommand() *command {
	return &command{
		name: "add", args: "[flags] module[@version] [packages]", run: add, flags: outputFlags, complete: completeAdd,
		short: "get a module and link its plugins",
		long: `Add gets a module as go get does, adds its packages to those that the host's
//plugin:link comment names, and generates. A module that go.mod or go.work replaces by a
directory is taken from there, without the network. The host is the package in the current
directory, or the only one in its module that links plugins; if there are several, name
one:

	plugingen add example.com/third@v1.2.0 ./cmd/server`,
		examples: []example{
			{"add example.com/third@latest", "the newest version"},
			{"add example.com/third@v1.2.0 ./cmd/server", "for one of several hosts"},
		},
	}
}

// completeAdd offers the modules that go.mod requires.
func completeAdd(l *line, _ string, before []string) {
	if len(before) > 0 {
		return
	}
	dir, _ := mainModule()
	src, err := readfile.GoMod(filepath.Join(dir, "go.mod"))
	if err != nil {
		return
	}
	mod, err := modfile.ParseLax("go.mod", src, nil)
	if err != nil {
		return
	}
	for _, r := range mod.Require {
		l.offer(r.Mod.Path, r.Mod.Version)
	}
}

func add(c *invocation) int {
	if len(c.args) == 0 {
		return c.fail(fmt.Errorf("name a module, as in %s add example.com/third@latest", invoke.Plugingen(".")))
	}
	path, _, _ := strings.Cut(c.args[0], "@")
	path = strings.TrimSuffix(path, "/...")
	if strings.HasPrefix(path, ".") || filepath.IsAbs(path) {
		return c.fail(c.directoryError(path))
	}
	if err := module.CheckImportPath(path); err != nil {
		return c.fail(fmt.Errorf("%w: name a module as go get does, as in example.com/third@latest", err))
	}
	plan, host, err := c.host(c.args[1:])
	if err != nil {
		return c.fail(err)
	}
	before, err := remember(plan, host)
	if err != nil {
		return c.fail(err)
	}
	status, err := c.add(plan, host, path)
	switch {
	case err == nil:
		return status
	case !errors.Is(err, errNotLinked):
		c.fail(err)
	}
	if err := before.restore(); err != nil {
		return c.fail(fmt.Errorf("%s was not added, but some files could not be restored: %w", path, err))
	}
	fmt.Fprintf(c.err, "plugingen: %s was not added; all files have been restored\n", path)
	return status
}

// errNotLinked is the error of an addition whose diagnostics have been printed.
var errNotLinked = errors.New("the host can't link the module")

// add makes the host link the module. After an error the caller must undo what it changed.
func (c *invocation) add(before *gen.Plan, host gen.Host, path string) (status int, err error) {
	query, err := pinned(host, c.args[0])
	if err != nil {
		return failed, err
	}
	if err := c.goGet(host, query); err != nil {
		return failed, err
	}
	if err := c.link(before, host, path); err != nil {
		return failed, err
	}
	c.args = []string{filepath.Join(host.Root, "...")}
	plan, err := c.plan(gen.Config{})
	if err != nil {
		return failed, err
	}
	status = c.report(plan, nil)
	if hasNewError(before, plan, host.Dir) {
		return status, errNotLinked
	}
	if err := c.apply(plan); err != nil {
		return failed, err
	}
	// What the generated file imports may need modules that go.sum lacks.
	if err := c.goGet(host, "."); err != nil {
		return failed, errors.Join(err, undo(plan.Changes))
	}
	c.summarize(plan)
	return status, nil
}

// hasNewError reports whether a directory has a diagnostic that it did not have before.
func hasNewError(before, after *gen.Plan, dir string) bool {
	in := func(plan *gen.Plan, d annotate.Diagnostic) bool {
		return filepath.Dir(plan.Fset.PositionFor(d.Pos, false).Filename) == dir
	}
	known := map[string]bool{}
	for _, d := range before.Diagnostics {
		known[d.Message] = known[d.Message] || in(before, d)
	}
	return slices.ContainsFunc(after.Diagnostics,
		func(d annotate.Diagnostic) bool { return in(after, d) && !known[d.Message] })
}

// undo restores files that have changed.
func undo(changes []write.Change) error {
	var errs []error
	for _, change := range changes {
		change.Old, change.New = change.New, change.Old
		errs = append(errs, change.Apply())
	}
	return errors.Join(errs...)
}

// A memory is the contents of files by name, nil for those that are not there.
type memory map[string][]byte

// remember returns the contents of the files that an addition changes, but for generated
// ones.
func remember(plan *gen.Plan, host gen.Host) (memory, error) {
	source := plan.Fset.PositionFor(host.Directive.End, false).Filename
	names := []string{source}
	sources, err := locate.SourcesOf(host.Dir, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range sources.Files { // go.mod, and go.work if there is one
		if _, err := os.Stat(name); err == nil {
			names = append(names, name, strings.TrimSuffix(name, ".mod")+".sum")
		}
	}
	m := memory{}
	for _, name := range names {
		content, err := readfile.Source(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		m[name] = content
	}
	return m, nil
}

// restore makes the files what they were.
func (m memory) restore() error {
	var errs []error
	for name, content := range m {
		now, err := readfile.Source(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && content == nil, err == nil && content != nil &&
			bytes.Equal(now, content):
		case content == nil:
			errs = append(errs, os.Remove(name))
		default:
			errs = append(errs, replace(name, content))
		}
	}
	return errors.Join(errs...)
}

// replace writes a file that keeps its mode. It follows links, as an editor does.
func replace(name string, content []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	return write.Replace(name, content)
}

// host returns the host that is meant: that of the patterns, else that of the
// directory, else the only one of its module.
func (c *invocation) host(patterns []string) (*gen.Plan, gen.Host, error) {
	plan, err := gen.Make("", patterns)
	if err == nil && len(plan.Hosts()) == 0 && len(patterns) == 0 {
		plan, err = wholeModule()
	}
	if err != nil {
		return nil, gen.Host{}, err
	}
	hosts := plan.Hosts()
	switch packages := slices.CompactFunc(slices.Clone(hosts), samePackage); len(packages) {
	case 1:
		// Of several directives of a package, the one for all builds is meant.
		i := slices.IndexFunc(hosts, func(h gen.Host) bool { return h.File.Constraint.String() == "" })
		return plan, hosts[max(i, 0)], nil
	case 0:
		_, _ = c.err.Write(c.text(plan)) // a host with an error in it is not listed
		return nil, gen.Host{}, errors.New("no package here links plugins: write the comment //plugin:link into " +
			"the one that should (mostly the program's package main), on a line of its own outside of functions, " +
			"and run this again")
	default:
		var which []string
		words := slices.Concat([]string{invoke.Plugingen("."), c.command}, c.args[:len(c.args)-len(patterns)])
		for _, h := range packages {
			which = append(which, "\n\t"+terminal.Line(strings.Join(words, " "))+" "+relative(h.Dir))
		}
		return nil, gen.Host{}, fmt.Errorf("several packages link plugins; name one:%s",
			strings.Join(which, ""))
	}
}

func samePackage(a, b gen.Host) bool { return a.Path == b.Path }

func wholeModule() (*gen.Plan, error) {
	roots, err := locate.Modules("", nil)
	if err != nil {
		return nil, err
	}
	return gen.Make("", []string{filepath.Join(roots[0], "...")})
}

// directoryError returns the error for a directory that was named instead of a module.
func (c *invocation) directoryError(dir string) error {
	src, err := readfile.GoMod(filepath.Join(dir, "go.mod"))
	path := modfile.ModulePath(src)
	if err != nil || path == "" {
		return fmt.Errorf("%s: name a module as go get does, as in example.com/third@latest", dir)
	}
	return fmt.Errorf("%[1]s is a directory: have go.mod replace its module by it, and name the module"+
		"\n\tgo mod edit -replace=%[2]s=%[1]s\n\t%[3]s %[4]s %[2]s", dir, path, invoke.Plugingen("."), c.command)
}

// pinned returns what to ask of go get. A module that a directory takes the place of has no
// newer version to look for, which would need the network.
func pinned(host gen.Host, query string) (string, error) {
	path, version, _ := strings.Cut(query, "@")
	if version != "" && version != "latest" {
		return query, nil
	}
	main, err := modules.NewLoader().Find(host.Dir)
	if err != nil {
		return "", err
	}
	replaced := "" // the longest path, as to the go command
	for _, r := range main.Replacements() {
		if r.Old.Version == "" && r.New.Version == "" && len(r.Old.Path) > len(replaced) &&
			rules.HasPathPrefix(strings.TrimSuffix(path, "/..."), r.Old.Path) {
			replaced = r.Old.Path
		}
	}
	if replaced == "" {
		return query, nil
	}
	for _, r := range main.File.Require {
		if r.Mod.Path == replaced {
			return r.Mod.String(), nil
		}
	}
	_, major, _ := module.SplitPathVersion(replaced)
	major = cmp.Or(module.PathMajorPrefix(major), "v0")
	return replaced + "@" + module.ZeroPseudoVersion(major), nil
}

// goGet makes the host's module require another one, as the go command does it.
func (c *invocation) goGet(host gen.Host, query string) error {
	cmd := exec.Command("go", "get", query)
	cmd.Dir = host.Dir
	cmd.Stdout, cmd.Stderr = c.err, c.err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go get %s: %w", query, err)
	}
	return nil
}

// link puts the packages below path into the host's //plugin:link comment, unless
// it names them already. No other byte of the file changes.
func (c *invocation) link(plan *gen.Plan, host gen.Host, path string) error {
	if slices.ContainsFunc(host.Packages, func(w annotate.Word) bool { return covers(w.Text, path) }) {
		return nil
	}
	// Without packages= a host links its own module, which must be named beside others.
	at, text := host.Directive.End, " packages="+host.Module+"/...,"+path+"/..."
	if n := len(host.Packages); n > 0 {
		at, text = host.Packages[n-1].End, ","+path+"/..."
	}
	place := plan.Fset.PositionFor(at, false)
	err := insert(place.Filename, plan.Source(place.Filename), place.Offset, text)
	if err == nil {
		fmt.Fprintf(c.err, "%s:%d: added %s/... to the packages that are linked\n", short(place.Filename),
			place.Line, path)
	}
	return err
}

// covers reports whether a pattern names all packages below the path.
func covers(pattern, path string) bool {
	return pattern == "all" || strings.HasSuffix(pattern, "...") && rules.Pattern(pattern).Match(path)
}

// insert puts text into a file that still has the content that is known of it.
func insert(name string, known []byte, offset int, text string) error {
	src, err := readfile.Source(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(src, known) {
		return fmt.Errorf("%s was changed by another program: run this again", short(name))
	}
	return replace(name, slices.Concat(src[:offset], []byte(text), src[offset:]))
}
