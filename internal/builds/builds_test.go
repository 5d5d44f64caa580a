package builds_test

import (
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/builds"
)

// fileConstraint returns the constraint of a file that begins with header.
func fileConstraint(t testing.TB, name, header string) builds.Constraint {
	t.Helper()
	return ofSource(t, name, header+"\n\npackage p\n")
}

func ofSource(t testing.TB, name, src string) builds.Constraint {
	t.Helper()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return builds.OfFile(fset.File(syntax.FileStart), name, syntax)
}

func TestFileConstraint(t *testing.T) {
	for _, c := range []struct{ name, header, want string }{
		{"a.go", "", ""},
		{"linux.go", "", ""},
		{"a_linux.go", "", "linux"},
		{"a_linux_test.go", "", "linux"},
		{"a_windows_amd64.go", "", "amd64 && windows"},
		{"a_amd64_windows.go", "", "windows"},
		{"a_unix.go", "", ""},
		{"a_linux.gen.go", "", "linux"},
		{"a.linux_arm.go", "", ""},
		{"a.go", "//go:build linux || darwin || linux", "darwin || linux"},
		{"a_js.go", "//go:build wasm && (js)", "js && wasm"},
		{"a.go", "// Copyright\n\n//go:build !(b && a)\n// +build x", "!(a && b)"},
		{"a.go", "//go:build a && (c || b) && a", "a && (b || c)"},
		{"a.go", "/*\n//go:build a\n*/", ""},
		{"a.go", "//go:build a &&", ""},
		{"a.go", "// +build a,!b c\n// +build d", "((!b && a) || c) && d"},
		{"a.go", "// Copyright\n//\n// +build a", "a"},
	} {
		is := is.New(t)
		is.Equal(fileConstraint(t, c.name, c.header).String(), c.want)
	}
	is := is.New(t)
	is.Equal(ofSource(t, "a.go", "// +build a\npackage p\n").String(), "") // a doc comment
	is.Equal(ofSource(t, "a.go", "package p\nimport \"C\"\n").String(), "cgo")
}

// TestCommentsAboveConstraints compares constraints below all arrangements of a few lines with
// what the go/build package says of them.
func TestCommentsAboveConstraints(t *testing.T) {
	lines := []string{"", "// x", "/* x */", "/*\n// x", "x */", "/* x */ ", " ", "//go:build custom", "// +build custom"}
	var sources func(lines int) []string
	sources = func(n int) []string {
		if n == 0 {
			return []string{""}
		}
		var all []string
		for _, rest := range sources(n - 1) {
			for _, line := range lines {
				end := "\n"
				if line != "" && strings.TrimRight(line, " ") != line {
					end = "" // the next is on the same line
				}
				all = append(all, line+end+rest)
			}
		}
		return all
	}
	compared := 0
	for _, header := range sources(4) {
		for _, end := range []string{"package p\n", "\npackage p\n"} {
			src := header + end
			syntax, err := parser.ParseFile(token.NewFileSet(), "a.go", src, parser.ParseComments)
			ctx := build.Context{
				GOOS: "linux", GOARCH: "amd64", Compiler: "gc",
				OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(src)), nil },
			}
			free, wrong := ctx.MatchFile("dir", "a.go")
			if err != nil || wrong != nil || syntax.Name.Name != "p" {
				continue
			}
			compared++
			if c := ofSource(t, "a.go", src).String(); (c == "") != free {
				t.Errorf("the constraint is %q, but without tags MatchFile reports %v:\n%s", c, free, src)
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d headers have been compared", compared)
	}
}

// TestKnownSystems compares the systems that names can mention with the go command's list.
func TestKnownSystems(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(build.Default.GOROOT, "src", "internal", "syslist", "syslist.go"))
	if err != nil {
		t.Skip(err)
	}
	tables := regexp.MustCompile(`(?s)var Known\w+ = .*?\n}`).FindAll(src, -1)
	is := is.New(t)
	is.Equal(len(tables), 2) // systems and machines
	for _, table := range tables {
		for _, m := range regexp.MustCompile(`"(\w+)":`).FindAllSubmatch(table, -1) {
			is.Equal(fileConstraint(t, "a_"+string(m[1])+".go", "").String(), string(m[1]))
		}
	}
}

var (
	someSystems  = []string{"linux", "android", "windows", "darwin", "plan9", "solaris"}
	someMachines = []string{"amd64", "arm64", "386"}
	someTags     = []string{
		"linux", "android", "windows", "darwin", "unix", "solaris",
		"amd64", "arm64", "custom", "other", "go1.20", "go1.30",
	}
)

// randomExpr returns a build constraint.
func randomExpr(r *rand.Rand, depth int) string {
	switch n := r.IntN(6); {
	case depth == 0 || n < 2:
		return someTags[r.IntN(len(someTags))]
	case n == 2:
		return "!(" + randomExpr(r, depth-1) + ")"
	case n < 5:
		return "(" + randomExpr(r, depth-1) + " && " + randomExpr(r, depth-1) + ")"
	}
	return "(" + randomExpr(r, depth-1) + " || " + randomExpr(r, depth-1) + ")"
}

// met asks the go/build package whether a file is part of each of many builds.
func met(t *testing.T, name, header string) []bool {
	var all []bool
	for _, system := range someSystems {
		for _, machine := range someMachines {
			for set := range 3 << 2 {
				ctx := build.Context{
					GOOS: system, GOARCH: machine, Compiler: "gc",
					OpenFile: func(string) (io.ReadCloser, error) {
						return io.NopCloser(strings.NewReader(header + "\n\npackage p\n")), nil
					},
				}
				for i, tag := range []string{"custom", "other"} {
					if set&(1<<i) != 0 {
						ctx.BuildTags = append(ctx.BuildTags, tag)
					}
				}
				ctx.ReleaseTags = []string{"go1.20", "go1.30"}[:set>>2]
				ok, err := ctx.MatchFile("dir", name)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, ok)
			}
		}
	}
	return all
}

// TestConstraintsAgreeWithGoBuild compares random constraints with what the
// go/build package says of the same files.
func TestConstraintsAgreeWithGoBuild(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"a.go", "a.go", "a.go", "a_linux.go", "a_windows_amd64.go", "a_arm64.go"}
	type file struct {
		name, header string
		met          []bool
		c            builds.Constraint
	}
	var files []file
	for range 40 {
		f := file{name: names[r.IntN(len(names))], header: "//go:build " + randomExpr(r, 3)}
		f.met, f.c = met(t, f.name, f.header), fileConstraint(t, f.name, f.header)
		files = append(files, f)
	}
	for _, f := range files {
		again, err := builds.Parse(f.c.String())
		if err != nil || again.String() != f.c.String() {
			t.Errorf("%q is read back as %q, %v", f.c, again, err)
		}
		for _, g := range files {
			both := slices.ContainsFunc(indexes(f.met), func(i int) bool { return f.met[i] && g.met[i] })
			if f.c.Excludes(g.c) && both {
				t.Errorf("%s %s does not exclude %s %s", f.name, f.header, g.name, g.header)
			}
			if !f.c.Excludes(g.c) && !both {
				t.Errorf("%s %s excludes %s %s", f.name, f.header, g.name, g.header)
			}
			if f.c.Excludes(g.c) != g.c.Excludes(f.c) {
				t.Errorf("%q and %q: not symmetric", f.c, g.c)
			}
			if f.c.String() == g.c.String() && !slices.Equal(f.met, g.met) {
				t.Errorf("%q stands for two constraints", f.c)
			}
		}
	}
}

func indexes(s []bool) []int {
	all := make([]int, len(s))
	for i := range s {
		all[i] = i
	}
	return all
}

// TestConstraintsOfManyTags checks constraints of many tags, of which few decide the answer.
func TestConstraintsOfManyTags(t *testing.T) {
	is := is.New(t)
	var tags []string
	for i := range 40 {
		tags = append(tags, fmt.Sprintf("tag%d", i))
	}
	all := parse(t, strings.Join(tags, " && "))
	is.True(all.Excludes(parse(t, "!tag39")))
	is.True(!all.Excludes(parse(t, "tag39 || other")))
	anyOf := parse(t, strings.Join(tags, " || "))
	is.True(anyOf.Excludes(parse(t, "!"+strings.Join(tags, " && !"))))
	is.True(!anyOf.Excludes(parse(t, "!"+strings.Join(tags[1:], " && !"))))
	is.Equal(len(all.Tags()), 40)
}

// TestHardConstraints checks constraints that take exponential time to decide: whether
// n+1 pigeons fit into n holes. Excludes gives up on the larger ones.
func TestHardConstraints(t *testing.T) {
	is := is.New(t)
	is.True(pigeons(t, 3, "a").Excludes(parse(t, "other"))) // no build has the file at all
	is.True(!pigeons(t, 9, "a").Excludes(parse(t, "other")))
	is.True(!pigeons(t, 9, "a").Excludes(pigeons(t, 9, "b")))
}

// pigeons returns a constraint that no build meets: each of n+1 pigeons is in one of n holes,
// and no two share one.
func pigeons(t *testing.T, holes int, prefix string) builds.Constraint {
	in := func(pigeon, hole int) string { return fmt.Sprintf("%s%d_%d", prefix, pigeon, hole) }
	var c builds.Constraint
	for p := range holes + 1 {
		var somewhere []string
		for h := range holes {
			somewhere = append(somewhere, in(p, h))
			for other := range p {
				c = c.And(parse(t, "!"+in(p, h)+" || !"+in(other, h)))
			}
		}
		c = c.And(parse(t, strings.Join(somewhere, " || ")))
	}
	return c
}

func parse(t *testing.T, expr string) builds.Constraint {
	t.Helper()
	c, err := builds.Parse(expr)
	is.New(t).NoErr(err)
	return c
}

// TestExcludes checks the rules of "go help buildconstraint" that the random constraints
// above leave out.
func TestExcludes(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"ios", "darwin", false}, // a build for ios meets darwin
		{"ios", "!darwin", true},
		{"ios", "linux", true},
		{"android", "!linux", true},
		{"illumos", "!solaris", true},
		{"ios", "!unix", true},
		{"plan9", "unix", true},
		{"gc", "gccgo", true}, // one compiler makes a build
		{"!gc", "!gccgo", true},
		{"gc", "!gccgo", false},
		{"gc", "custom", false},
		{"go1.20", "!go1.19", true}, // a release meets the tags of all before it
		{"go1.20", "!go1.21", false},
		{"go1.9", "!go1.10", false},
		{"go1.10", "!go1.9", true},
		{"cgo", "!cgo", true},
		{"amd64", "arm64", true},
		{"linux", "amd64", false},
	} {
		t.Run(test.a+" and "+test.b, func(t *testing.T) {
			is := is.New(t)
			is.Equal(parse(t, test.a).Excludes(parse(t, test.b)), test.want)
			is.Equal(parse(t, test.b).Excludes(parse(t, test.a)), test.want)
		})
	}
}
