package source_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/source"
)

func read(files ...source.File) (*token.FileSet, *source.Package) {
	fset := token.NewFileSet()
	return fset, source.Read(fset, "example.com/p", files, func(name string) ([]byte, error) {
		for _, f := range files {
			if f.Path == name {
				return f.Src, nil
			}
		}
		return nil, fs.ErrNotExist
	})
}

func file(name, src string, annotated bool) source.File {
	return source.File{Name: name, Path: name, Src: []byte(src), Annotated: annotated}
}

const plugin = "package p\n\n//plugin:namespace=a name=b factory=New\ntype T struct{}\n"

// What a file without annotations declares is declared only in the builds that have it.
func TestConstraintsOfOtherFiles(t *testing.T) {
	for name, src := range map[string]string{
		"x.go":       "//go:build linux\n\npackage p\n\nfunc New() *T { return nil }\n",
		"y.go":       "// +build linux\n\npackage p\n\nfunc New() *T { return nil }\n",
		"x_linux.go": "package p\n\nfunc New() *T { return nil }\n",
		"c.go":       "package p\n\nimport \"C\"\n\nfunc New() *T { return nil }\n",
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			_, p := read(file("a.go", plugin, true), file(name, src, false))
			is.Equal(len(p.Diagnostics), 1)
			is.Equal(p.Diagnostics[0].Category, annotate.Role)

			_, p = read(file("a_linux.go", "//go:build cgo\n\n"+plugin, true), file(name, src, false))
			is.Equal(p.Diagnostics, nil)
		})
	}
}

// Only what is referred to is parsed, until there is something to suggest or a question.
func TestOnlyWhatIsWanted(t *testing.T) {
	is := is.New(t)
	fset, p := read(
		file("a.go", plugin, true),
		file("b.go", "package p\n\nfunc New() *T { return with() }\n", false),
		file("c.go", "package p\n\nconst Unmentioned = \"x\"\n", false),
	)
	is.Equal(p.Diagnostics, nil)
	decls := func(name string) (n int) {
		for _, f := range p.About("").Files {
			if f.Name == name {
				n = len(f.Syntax.Decls)
			}
		}
		return n
	}
	is.Equal(decls("b.go"), 1)
	is.Equal(decls("c.go"), 0)
	is.True(p.Declares("Unmentioned"))
	is.Equal(fset.Position(p.Declaration("Unmentioned").Pos).String(), "c.go:3:7")
	is.Equal(slices.Sorted(p.Declared()), []string{"New", "T", "Unmentioned"})

	value, ok := p.About("Unmentioned").ConstantNamed(p.Files[0], "Unmentioned", nil)
	is.True(ok)
	is.Equal(value, "x")
}

// Files that the caller has parsed are used as they are, bodies included, and what they refer
// to is read.
func TestGivenSyntax(t *testing.T) {
	is := is.New(t)
	fset := token.NewFileSet()
	src := plugin + "\nfunc other() { _ = 1 }\n"
	syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments)
	is.NoErr(err)
	readFile := func(path string) ([]byte, error) {
		switch path {
		case "a.go":
			return []byte(src), nil
		case "b.go":
			return []byte("package p\n\nfunc New() *T { return nil }\n"), nil
		}
		return nil, errors.New("no such file")
	}
	p := source.Read(fset, "example.com/p", []source.File{
		{Name: "b.go", Path: "b.go"}, {Name: "gone.go", Path: "gone.go"}, {Name: "a.go", Path: "a.go", Syntax: syntax},
	}, readFile)
	is.Equal(p.Diagnostics, nil)
	is.Equal(len(p.Plugins), 1)
	is.True(slices.ContainsFunc(p.Files, func(f *annotate.File) bool { return f.Syntax == syntax }))
	is.True(syntax.Decls[len(syntax.Decls)-1].(*ast.FuncDecl).Body != nil)
	is.True(!p.Damaged())
}

func TestDamaged(t *testing.T) {
	is := is.New(t)
	_, p := read(file("a.go", plugin, true), file("b.go", "package p\n\n//plugin:namespace=a name=c\nfunc {", true))
	is.True(p.Damaged())
	is.Equal(len(p.SyntaxErrors), 1)
	is.Equal(p.SyntaxErrors[0].Category, annotate.Syntax)
	_, p = read(file("a.go", plugin, true), file("b.go", "package p\n\nfunc {", false))
	is.True(!p.Damaged())
	is.Equal(p.SyntaxErrors, nil)
}

// A file whose contents were released may change, or be gone, before it is read again.
func TestChangedWhileReading(t *testing.T) {
	for _, later := range []string{
		"", "package p\n", "package p\n\nfunc New() *T {",
		"package p\n\nfunc With() { if true {} }\n\nfunc New() *T { return nil }\n",
	} {
		is := is.New(t)
		wanted := file("b.go", "package p\n\nfunc New() *T { return with(a, b, c) }\n", false)
		other := file("c.go", "package p\n\nfunc unmentioned() { for range 10 { println() } }\n", false)
		fset := token.NewFileSet()
		files := []source.File{file("a.go", plugin, true), wanted, other}
		p := source.Read(fset, "example.com/p", files, func(string) ([]byte, error) { return []byte(later), nil })
		p.About("unmentioned")
		for name := range p.Declared() {
			is.True(fset.File(p.Declaration(name).Pos) != nil)
		}
		is.Equal(len(p.Plugins), 1)
	}
}

// Directives and tags in functions are reported, though other functions are not parsed.
func TestBodies(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want annotate.Category // "" for no diagnostic
	}{
		"directive":                    {"//plugin:namespace=a name=c", annotate.Placement},
		"tag":                          {"type t struct { _ int `plugin:\"namespace=a\"` }", annotate.Placement},
		"prose":                        {"// A plugin.", ""},
		"nothing":                      {"return", ""},
		"syntax error":                 {"x := ", ""},
		"conflict":                     {"<<<<<<< HEAD", ""},
		"parenthesis that is missing":  {"g(", ""},
		"bracket too many":             {"g(])", ""},
		"directive and a syntax error": {"//plugin:namespace=a name=c\nx := ", annotate.Syntax},
		"brace that is missing":        {"if true {", annotate.Syntax},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			_, p := read(file("a.go", plugin+"\nfunc New() *T { return nil }\n\nfunc f() {\n"+test.body+"\n}\n", true))
			found := append(p.Diagnostics, p.SyntaxErrors...)
			if test.want == "" {
				is.Equal(found, nil)
				is.Equal(len(p.Plugins), 1)
				return
			}
			is.Equal(len(found), 1)
			is.Equal(found[0].Category, test.want)
		})
	}
}

// All syntax errors of a file are reported if there is one outside of functions.
func TestErrorsInAndOutsideOfBodies(t *testing.T) {
	is := is.New(t)
	_, p := read(file("a.go", plugin+"\nfunc f() {\n\tx := \n}\n\nfunc {}\n", true))
	is.Equal(len(p.SyntaxErrors), 2)
}
