package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/gen/write"
	"github.com/plugingen/plugingen/internal/readfile"
)

func addFlags(c *invocation, flags *flag.FlagSet) { verboseFlag(c, flags) }

func add(c *invocation) int {
	if len(c.args) == 0 {
		return c.fail(errors.New("which module? plugingen add example.com/third@latest"))
	}
	path, _, _ := strings.Cut(c.args[0], "@")
	path = strings.TrimSuffix(path, "/...")
	if err := module.CheckImportPath(path); err != nil {
		return c.fail(fmt.Errorf("%w: name a module as go get does, as in example.com/third@latest", err))
	}
	plan, host, err := c.host(c.args[1:])
	if err != nil {
		return c.fail(err)
	}
	if err := c.goGet(host, c.args[0]); err != nil {
		return c.fail(err)
	}
	if err := c.link(plan, host, path); err != nil {
		return c.fail(err)
	}
	c.args = []string{filepath.Join(host.Root, "...")}
	status := generate(c)
	if status == failed {
		return failed
	}
	// What the generated file imports may need modules that go.sum lacks.
	if err := c.goGet(host, "."); err != nil {
		return c.fail(err)
	}
	return status
}

// host returns the host that is meant: that of the patterns, else that of the
// folder, else the only one of its module.
func (c *invocation) host(patterns []string) (*gen.Plan, gen.Host, error) {
	plan, err := gen.Make("", patterns)
	if err == nil && len(plan.Hosts()) == 0 && len(patterns) == 0 {
		plan, err = wholeModule()
	}
	if err != nil {
		return nil, gen.Host{}, err
	}
	switch hosts := plan.Hosts(); len(hosts) {
	case 1:
		return plan, hosts[0], nil
	case 0:
		c.err.Write(text(plan)) // a host with a mistake in it is none
		return nil, gen.Host{}, errors.New("no package here links plugins: write the comment //plugin:link into the one that should " +
			"(mostly the program's package main), on a line of its own outside of functions, and run this again")
	default:
		var which []string
		for _, h := range hosts {
			which = append(which, "\n\tplugingen add "+c.args[0]+" ."+string(filepath.Separator)+short(h.Dir))
		}
		return nil, gen.Host{}, fmt.Errorf("several packages link plugins; say which one is meant:%s", strings.Join(which, ""))
	}
}

func wholeModule() (*gen.Plan, error) {
	roots, err := gen.Modules("", nil)
	if err != nil {
		return nil, err
	}
	return gen.Make("", []string{filepath.Join(roots[0], "...")})
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
		fmt.Fprintf(c.err, "%s:%d: added %s/... to the packages that are linked\n", short(place.Filename), place.Line, path)
	}
	return err
}

// covers says whether a pattern names all packages below the path.
func covers(pattern, path string) bool {
	below, ok := strings.CutSuffix(pattern, "/...")
	return pattern == "all" || ok && strings.HasPrefix(path+"/", below+"/")
}

// insert puts text into a file that still has the content that is known of it.
func insert(name string, known []byte, offset int, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	src, err := readfile.Source(name)
	if err != nil {
		return err
	}
	if !bytes.Equal(src, known) {
		return fmt.Errorf("%s was changed meanwhile: run this again", short(name))
	}
	return write.Replace(name, slices.Concat(src[:offset], []byte(text), src[offset:]), info.Mode().Perm())
}
