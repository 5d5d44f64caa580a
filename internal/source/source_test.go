package source_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
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
func TestAnnotationsInFunctionsAreReported(t *testing.T) {
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

// Syntax errors are where the parser sees them, and not more of one file than the compiler
// reports.
func TestSyntaxErrors(t *testing.T) {
	for _, wrong := range []string{"func {}\n\n", "# 1\n"} { // for the parser, and for its scanner
		is := is.New(t)
		fset, p := read(file("a.go", plugin+"\nfunc New() *T { return nil }\n\n"+strings.Repeat(wrong, 30), true))
		is.Equal(len(p.SyntaxErrors), readfile.MaxErrors+1)
		is.Equal(fset.Position(p.SyntaxErrors[0].Pos).Line, 8)
		is.Equal(p.SyntaxErrors[readfile.MaxErrors].Message, "too many errors")
		is.True(p.SyntaxErrors[readfile.MaxErrors-1].Message != "too many errors")
	}
}

// Syntax errors of files without annotations are reported only if asked for, and never those of
// tests, or of files that others report.
func TestUnannotatedErrors(t *testing.T) {
	is := is.New(t)
	fset := token.NewFileSet()
	files := []source.File{
		file("a.go", plugin, true), file("b.go", "package p\n\nfunc {", false),
		file("b_test.go", "package p\n\nfunc {", false), file("c.go", "//plugin:\npackage p\n\nfunc {", true),
	}
	given, err := parser.ParseFile(fset, "d.go", "package p\n\nfunc {", parser.ParseComments)
	is.True(err != nil)
	p := source.Read(fset, "example.com/p", append(files, source.File{Name: "d.go", Path: "d.go", Syntax: given}),
		func(string) ([]byte, error) { return []byte("package p\n\nfunc {"), nil })
	found := p.UnannotatedErrors()
	is.Equal(len(found), 1)
	is.Equal(fset.Position(found[0].Pos).String(), "b.go:3:6")
	is.Equal(found[0].Category, annotate.Syntax)
}

// Files are in the order of their names, whatever order the caller has them in.
func TestOrderOfFiles(t *testing.T) {
	is := is.New(t)
	const second = "package p\n\n//plugin:namespace=a name=c factory=New\ntype U struct{}\n\nfunc New() *U { return nil }\n"
	_, p := read(file("b.go", second, true), file("c.go", "package p\n", false), file("a.go", strings.ReplaceAll(
		plugin, " factory=New", ""), true))
	var names []string
	for _, f := range p.Files {
		names = append(names, f.Name)
	}
	is.Equal(names, []string{"a.go", "b.go", "c.go"})
	is.Equal(len(p.Plugins), 2)
	is.Equal(p.Plugins[0].Name, "b")
}

// What a file declares is read if an annotated file refers to it, if what it refers to does, or
// if it may declare what annotate looks for by itself.
func TestWhatIsWanted(t *testing.T) {
	declared := strings.ReplaceAll(plugin, " factory=New", "")
	for name, test := range map[string]struct {
		annotated, other, third string
		wanted                  int // declarations of the third file
	}{
		"named":          {plugin, "", "func New() *T { return nil }", 1},
		"not named":      {declared, "", "func New() *T { return nil }", 0},
		"named by other": {plugin, "func New() S { return nil }", "type S = *T", 1},
		"methods":        {declared, "", "func (*T) Load() error { return nil }", 1},
		"methods of other": {
			declared + "\ntype I interface{ U }\n", "type U struct{}", "func (U) Load() error { return nil }", 1,
		},
		"registry is imported": {
			"package p\n\nimport \"" + annotate.RegistryPath + "\"\n\nvar _ = registry.Default\n", "", "var a = f()", 1,
		},
		"something to suggest": {plugin, "", "func Newer() *T { return nil }", 1},
		"nothing annotated":    {"", "type U struct{}", "var a = 1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			var files []source.File
			if test.annotated != "" {
				files = append(files, file("a.go", test.annotated, true))
			}
			_, p := read(append(files, file("b.go", "package p\n\n"+test.other+"\n", false),
				file("c.go", "package p\n\n"+test.third+"\n", false))...)
			last := p.Files[len(p.Files)-1]
			is.Equal(last.Name, "c.go")
			is.Equal(len(last.Syntax.Decls), test.wanted)
		})
	}
}

// A file that another tool generates is known for one, though it is parsed without comments.
func TestGeneratedByOthers(t *testing.T) {
	is := is.New(t)
	_, p := read(file("a.go", plugin, true),
		file("b.go", "// Code generated by stringer. DO NOT EDIT.\n\npackage p\n\nfunc New() *T { return nil }\n", false))
	is.Equal(p.Diagnostics, nil)
	is.Equal(len(p.Files), 1)
	is.Equal(p.Files[0].Name, "a.go")
}

// The names that a package declares are those of its files, tests in it included, but not of
// another package in the directory; init and _ are no names, and methods declare none.
func TestDeclaredNames(t *testing.T) {
	is := is.New(t)
	fset, p := read(
		file("a.go", strings.ReplaceAll(plugin, " factory=New", ""), true),
		file("b.go", "package p\n\nimport \"fmt\"\n\nvar _ = fmt.Sprint\n\nfunc init() {}\n\nfunc (Gone) Load() {}\n\n"+
			"type (\n\tFirst int\n\tLast int\n)\n", false),
		file("b_test.go", "package p\n\nvar inTest = 1\n", false),
		file("x_test.go", "package p_test\n\nvar outside = 1\n", false),
	)
	is.Equal(slices.Sorted(p.Declared()), []string{"First", "Last", "T", "inTest"})
	for _, name := range []string{"First", "Last", "T", "inTest"} {
		is.True(p.Declares(name))
	}
	for _, name := range []string{"_", "init", "Gone", "Load", "outside"} {
		is.True(!p.Declares(name))
	}
	last := p.Declaration("Last") // in a file of which only the imports are parsed
	is.Equal(fset.Position(last.Pos).String(), "b.go:13:2")
	is.Equal(last.End-last.Pos, token.Pos(len("Last")))

	var compiled []string
	for _, f := range p.Compiled() {
		compiled = append(compiled, fset.Position(f.Package).Filename)
	}
	is.Equal(compiled, []string{"a.go", "b.go"})
}

// A declaration is parsed again, with comments or the body, if that is needed.
func TestWholeDeclarations(t *testing.T) {
	is := is.New(t)
	_, p := read(file("a.go", plugin+"\ntype S struct {\n\tOptions\n}\n", true),
		file("b.go", "package p\n\ntype Other struct{}\n\n// Options has a doc.\ntype (\n\tOptions struct{}\n)\n\n"+
			"func (Other) New() {}\n\nfunc New() *T { return nil }\n", false))
	is.Equal(p.Diagnostics, nil)
	types := p.Types("Options", p.Files[0])
	is.Equal(len(types), 1)
	is.Equal(types[0].File.Syntax.Comments, nil)
	whole := p.WithComments(types[0])
	is.Equal(whole.Name.Name, "Options")
	is.Equal(len(whole.File.Syntax.Comments), 1)

	fn := p.WithBody("New", p.Files[1])
	is.Equal(fn.Recv, nil)
	is.Equal(len(fn.Body.List), 1)
	is.Equal(p.WithBody("gone", p.Files[1]), nil)
}
