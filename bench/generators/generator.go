package generators

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/tree"
)

// A generator is one of those that are compared.
type generator struct {
	name     string
	install  string // path@version, or a path in the module of requires; "" if it is there
	requires string // a directory whose go.mod the generator's trees take over
	writes   string // the files that it writes, removed before each run
	args     []string

	version string
	missing error            // why it takes no part
	took    map[string]curve // seconds, by state
}

func generators() []*generator {
	return []*generator{
		{name: "plugingen", writes: "plugins_gen.go", args: []string{"plugingen", "./..."}},
		{
			name: "controller-gen", install: "sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0",
			writes: "zz_generated.deepcopy.go", args: []string{"controller-gen", "object", "paths=./..."},
		},
		{
			name: "wire", install: "github.com/google/wire/cmd/wire", requires: "peers/wire",
			writes: "wire_gen.go", args: []string{"wire", "gen", "./..."},
		},
		{
			name: "weaver", install: "github.com/ServiceWeaver/weaver/cmd/weaver", requires: "peers/weaver",
			writes: "weaver_gen.go", args: []string{"weaver", "generate", "./..."},
		},
		{
			name: "mockery", install: "github.com/vektra/mockery/v3@v3.9.0",
			writes: "zz_mockery.go", args: []string{"mockery"},
		},
		{
			name: "goverter", install: "github.com/jmattheis/goverter/cmd/goverter@v1.11.1",
			writes: "zz_goverter.go", args: []string{"goverter", "gen", "./..."},
		},
		{
			name: "moq", install: "github.com/matryer/moq@v0.8.1",
			writes: "zz_moq.go", args: []string{"go", "generate", "./..."},
		},
		{
			name: "stringer", install: "golang.org/x/tools/cmd/stringer@v0.52.0",
			writes: "zz_stringer.go", args: []string{"go", "generate", "./..."},
		},
		{name: "go list", args: []string{"go", "list", "./..."}},
	}
}

// prepare installs the generator and has it generate for a small tree, whose packages, with
// what was generated, are compiled into the cache.
func (g *generator) prepare(l *lab.Lab, cache string) error {
	l.Log("generators: %s", g.name)
	if err := g.installAt(l); err != nil {
		return err
	}
	c, err := g.caseOf(l, 10, cache)
	if err != nil {
		return err
	}
	defer os.RemoveAll(c.Dir)
	if _, _, err := l.Launch.Run(c); err != nil {
		return err
	}
	if err := g.wrote(c.Dir, 10); err != nil {
		return err
	}
	_, _, err = l.Launch.Run(measure.Case{
		Name: "go build", Dir: c.Dir, Env: c.Env,
		Args: []string{"go", "build", "./..."},
	})
	return err
}

// installAt installs the generator into the lab.
func (g *generator) installAt(l *lab.Lab) error {
	if g.install == "" {
		return nil
	}
	if err := l.Go(filepath.Join(l.Bench, g.requires), "install", g.install); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(l.Program(g.name))
	if err != nil {
		return err
	}
	g.version = info.Main.Version
	return nil
}

// caseOf writes a tree for the generator, and returns how it is run there.
func (g *generator) caseOf(l *lab.Lab, packages int, cache string) (measure.Case, error) {
	style := g.name
	if g.writes == "" {
		style = "none"
	}
	t := tree.Standard(packages, style)
	if g.requires != "" {
		t.Requirements = filepath.Join(l.Bench, g.requires)
	}
	dir, err := l.Tree(fmt.Sprintf("generators-%s-%d", strings.ReplaceAll(g.name, " ", "-"), packages), t)
	path := "PATH=" + l.Program("") + string(os.PathListSeparator) + os.Getenv("PATH") // for go generate
	c := measure.Case{Name: g.name, Dir: dir, Args: g.args, Env: []string{path, "GOCACHE=" + cache}}
	if g.args[0] != "go" {
		c.Args = append([]string{l.Program(g.args[0])}, g.args[1:]...)
	}
	return c, err
}

// clean removes what the generator wrote.
func (g *generator) clean(dir string) error {
	if g.writes == "" {
		return nil
	}
	return lab.Remove(dir, g.writes)()
}

// wrote returns an error if the generator did not write a file in each annotated package.
func (g *generator) wrote(dir string, packages int) error {
	if n := g.files(dir); g.writes != "" && n < packages/10 {
		return fmt.Errorf("%s wrote %d files instead of %d", g.name, n, packages/10)
	}
	return nil
}

// files counts the files that were written.
func (g *generator) files(dir string) int {
	if g.writes == "" {
		return 0
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*", "*", g.writes)) // the pattern is right
	return len(found)
}

// lastLine returns what programs say last: why they failed.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return lines[len(lines)-1]
}
