package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
)

// A declaration is a kind of declaration that a program can have many of.
type declaration struct {
	name string
	path string           // of the file that has them, or that each has, with %d for its number
	head string           // of the file
	each func(int) string // the declaration with that number, of as many
}

// says returns a function that puts the number for each # in text, and the next one for each @.
func says(text string) func(int) string {
	return func(i int) string {
		return strings.NewReplacer("#", strconv.Itoa(i), "@", strconv.Itoa(i+1)).Replace(text)
	}
}

const (
	imports = "import (\n\t\"context\"\n\t\"github.com/plugingen/plugingen/registry\"\n)\n\nvar ctx = " +
		"context.Background()\n\nvar _ registry.Spec\n\n"
	host   = "package main\n\n//plugin:link\nfunc main() {}\n"
	asking = "package main\n\n" + imports + "//plugin:link\nfunc main() {}\n\n"
)

var declarations = []declaration{
	{
		"types", "p/p.go", "package p\n\n//plugin:namespace=n\ntype C interface{ Run() error }\n\n",
		says("//plugin:namespace=n name=t#\ntype T# struct{}\n\nfunc (*T#) Run() error { return nil }\n\n"),
	},
	{
		"types that lack a method", "p/p.go",
		"package p\n\n//plugin:namespace=n\ntype C interface{ Run() error }\n\n",
		says("//plugin:namespace=n name=t#\ntype T# struct{}\n\n"),
	},
	{
		"types whose methods are misspelt", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n name=t#\ntype T# struct{}\n\nfunc (*T#) Shouldload() bool { return true }\n\n"),
	},
	{"types in files", "p/p%d.go", "package p\n\n", says("//plugin:namespace=n name=t#\ntype T# struct{}\n\n")},
	{"types in packages", "p%d/p.go", "package p\n\n", says("//plugin:namespace=n name=t#\ntype T# struct{}\n\n")},
	{
		"funcs", "p/p.go", "package p\n\n//plugin:namespace=n\ntype C func() error\n\n",
		says("//plugin:namespace=n\nfunc F#() error { return nil }\n\n"),
	},
	{
		"funcs of another type", "p/p.go", "package p\n\n//plugin:namespace=n\ntype C func() error\n\n",
		says("//plugin:namespace=n\nfunc F#() {}\n\n"),
	},
	{
		"factories", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n name=t# factory=new#\ntype T# struct{}\n\nfunc new#() *T# { return &T#{} }\n\n"),
	},
	{
		"factories that return nil", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n name=t# factory=new#\ntype T# struct{}\n\nfunc new#() *T# { return nil }\n\n"),
	},
	{"vars", "p/p.go", "package p\n\n", says("//plugin:namespace=n name=v#\nvar v# = &struct{ n int }{#}\n\n")},
	{"vars that are nil", "p/p.go", "package p\n\n", says("//plugin:namespace=n name=v#\nvar v# func()\n\n")},
	{
		"specs", "p/p.go", "package p\n\n" + imports,
		says("var s# = registry.Spec{Namespace: \"n\", Name: \"s#\", New: new#}\n\nfunc " +
			"new#(*registry.Spec) (any, error) { return #, nil }\n\n"),
	},
	{
		"specs that are incomplete", "p/p.go", "package p\n\n" + imports,
		says("var s# = registry.Spec{Namespace: \"n\", Name: \"s#\"}\n\nvar use# = use(&s#)\n\nfunc " +
			"use(*registry.Spec) int { return 0 }\n\n"),
	},
	{
		"specs by hand", "p/p.go", "package p\n\n" + imports,
		says("func add#() { registry.Default.Add(&registry.Spec{Namespace: \"n\", Name: \"s#\"}) }\n\n"),
	},
	{
		"specs in lists", "p/p.go", "package p\n\n" + imports,
		says("var l# = []*registry.Spec{{Namespace: \"n\", Name: \"s#\"}}\n\n"),
	},
	{
		"bases", "p/p.go", "package p\n\n",
		says("type B# struct {\n\t_ struct{} `plugin:\"namespace=n#\"`\n}\n\ntype T# struct {\n\tB# " +
			"`plugin:\"name=t\"`\n}\n\n"),
	},
	{"bases that nothing embeds", "p/p.go", "package p\n\n", says("//plugin:namespace=n\ntype b# struct{}\n\n")},
	{
		"contracts", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n#\ntype C# func(int) error\n\n//plugin:namespace=n# name=f\nfunc F#(int) " +
			"error { return nil }\n\n"),
	},
	{"managers", "main.go", asking, says("//plugin:namespace=n# name=f\nfunc f#() error { return nil " +
		"}\n\nfunc load#() { registry.NewManager[func() error](\"n#\").LoadAll(ctx) }\n\n")},
	{
		"managers of one namespace", "main.go", asking,
		says("//plugin:namespace=n\nfunc f#() error { return nil }\n\nfunc load#() { " +
			"registry.NewManager[func() error](\"n\").LoadAll(ctx) }\n\n"),
	},
	{
		"managers of what is not there", "main.go", asking,
		says("//plugin:namespace=n# name=f\nfunc f#() error { return nil }\n\nfunc load#() { " +
			"registry.NewManager[func() error](\"m#\").LoadAll(ctx) }\n\n"),
	},
	{
		"managers of another type", "main.go", asking,
		says("//plugin:namespace=n\nfunc f#() error { return nil }\n\ntype t# int\n\nfunc load#() { " +
			"registry.NewManager[t#](\"n\").LoadAll(ctx) }\n\n"),
	},
	{
		"uses", "main.go", asking + "var m = registry.NewManager[func() error](\"n\")\n\n",
		says("//plugin:namespace=n\nfunc f#() error { return nil }\n\nfunc load#() { m.Load(ctx, \"f#\") }\n\n"),
	},
	{
		"uses of what is not there", "main.go", asking + "var m = registry.NewManager[func() error](\"n\")\n\n",
		says("//plugin:namespace=n name=plugin_#_one\nfunc f#() error { return nil }\n\nfunc load#() { " +
			"m.Load(ctx, \"plugin_#_noe\") }\n\n"),
	},
	{
		"uses in init", "main.go", asking + "var m = registry.NewManager[func() error](\"n\")\n\n",
		says("//plugin:namespace=n\nfunc f#() error { return nil }\n\nfunc init() { load#() }\n\nfunc " +
			"load#() { m.Load(ctx, \"f#\") }\n\n"),
	},
	{"hosts", "h%d/main.go", host, says("//plugin:namespace=n#\nfunc f() {}\n")},
	{"requirements", "p/p.go", "package p\n\n", says("//plugin:namespace=n name=t@ requires=t#\nfunc f#() {}\n\n")},
	{
		"requirements of another namespace", "main.go", asking,
		says("//plugin:namespace=n name=t# requires=m:t#\nfunc f#() {}\n\n//plugin:namespace=m " +
			"name=t#\nfunc g#() {}\n\nfunc load#() { registry.NewManager[func()](\"n\").Load(ctx, \"t#\") }\n\n"),
	},
	{
		"requirements in a cycle", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n# name=a requires=b\nfunc a#() {}\n\n//plugin:namespace=n# name=b " +
			"requires=a\nfunc b#() {}\n\n"),
	},
	{
		"requirements that are misspelt", "p/p.go", "package p\n\n",
		says("//plugin:namespace=n name=plugin_#_one requires=plugin_#_noe\nfunc f#() {}\n\n"),
	},
	{
		"names in two packages", "p%d/p.go", "package p\n\n",
		func(i int) string { return says("//plugin:namespace=n name=t#\ntype T# struct{}\n\n")(i / 2) },
	},
}

// Twice the declarations cost pluginvet twice the work, whatever they are, besides what it
// does for one, and sorting.
func TestVettingIsLinear(t *testing.T) {
	pluginvet := buildCounting(t, "cmd/pluginvet")
	for _, d := range declarations {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			n := 150 // twice as many make no file that is so large that it is scanned for errors before it is parsed
			if strings.Contains(d.path, "%d/") {
				n = 50 // packages
			}
			work := func(n int) float64 { return statements(t, d.write(t, n), pluginvet, "./...") }
			one := work(1)
			few, many := work(n)-one, work(2*n)-one
			t.Logf("%s: %.0f statements for each of %d, %.2f times as many for twice as many", d.name,
				few/float64(n), n, many/few)
			is.New(t).True(many <= 2.5*few) // statements
		})
	}
}

// write writes a program with n declarations, generates, and returns where it is.
func (d declaration) write(t *testing.T, n int) string {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	project, err := filepath.Abs("../..")
	is.NoErr(err)
	files := map[string]string{
		"go.mod": "module example.com/many\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen " +
			"v0.0.0\n\nreplace github.com/plugingen/plugingen => " + project + "\n",
		"main.go": host,
	}
	for i := range n {
		i += 1_000 // numbers of one length
		name := d.path
		if strings.Contains(name, "%d") {
			name = fmt.Sprintf(name, i)
		}
		if files[name] == "" || name != d.path {
			files[name] = d.head
		}
		files[name] += d.each(i)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
		is.NoErr(os.WriteFile(name, []byte(text), 0o666))
	}
	p, err := gen.Make(dir, []string{"./..."})
	is.NoErr(err)
	is.NoErr(p.Apply()) // as far as there is nothing wrong
	return dir
}
