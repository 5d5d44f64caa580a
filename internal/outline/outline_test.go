package outline_test

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/outline"
)

// The outlines of files of Go itself are what the parser says.
func TestRealFiles(t *testing.T) {
	for _, dir := range []string{"go", "net"} {
		files := 0
		err := filepath.WalkDir(filepath.Join(build.Default.GOROOT, "src", dir),
			func(path string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") {
					return err
				}
				src, err := os.ReadFile(path)
				same(t, src)
				files++
				return err
			})
		is := is.New(t)
		is.NoErr(err)
		is.True(files > 50)
	}
}

// What gofmt would write otherwise, and what few would write at all.
func TestUnformattedFiles(t *testing.T) {
	for name, src := range map[string]string{
		"raw string": "var x = `\nfunc no() {`\nfunc f() { _ = `}` }\nfunc g() {}",
		"comments":   "/* func no() { */ func f() { /* } */ }\n// func no()\nfunc g() { // }\n}",
		"comment between": "type /* a */ T int /* b\n */ func /* c */ ( /* d */ r *T /* " +
			"e */ ) /* f */ M /* g */ () {}",
		"one line": "func f() {}; var a, b = 1, 2; type ( T int; U struct{}); const c = 1",
		"groups": "var (\na, b = 1,\n2\nc T\n)\nconst (\nd = iota\ne\n)\ntype (\nA " +
			"struct {\n x int\n}\nB =\nC\n)\nvar ()",
		"runes":   "var a, b, c, d = '\"', '\\'', '`', '{'\nfunc f() { _ = '}' }",
		"strings": "var a = \"\\\"{\"\nfunc f() { _ = \"}\\\\\" }",
		"continued": "var a =\nfunc() int { return 1 }()\nvar b = 1 +\nc\nvar c = " +
			"d.\ne\nvar d = 1.\nvar g chan\nint",
		"braces in signatures": "func f(struct{ a int }) interface{ m() } { return nil " +
			"}\nfunc g() struct{}\nfunc h() (x struct {\n}) " +
			"{\n}\nfunc i() func() {\nreturn nil\n}",
		"type parameters": "func f[T interface{ m() }](T) {}\ntype G[T any, U [2]int] " +
			"struct{}\nfunc (g *G[T, U]) M() {}\nfunc (g G[_, _]) N() {}",
		"receivers": "type T int\nfunc (T) a() {}\nfunc (*T) b() {}\nfunc (t (T)) c() " +
			"{}\nfunc (t (*T)) d() {}\nfunc (_ *T) e()",
		"unicode": "type Größe int\nfunc (g Größe) 日本() {}\nvar é, ñ = 1, 2",
		"embedded": "import . \"fmt\"\nimport (\n a \"b\"\n _ \"c\"\n)\nvar _ = 1\nfunc " +
			"init() {}\nfunc _() {}",
		"windows": "var a = 1\r\nfunc f() {\r\n\tg()\r\n}\r\nfunc g() {}\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			src := []byte("package p\n" + src)
			_, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
			is.New(t).NoErr(err)
			same(t, src)
		})
	}
}

// What stands above the package clause, a byte order mark included.
func TestHeaders(t *testing.T) {
	for _, header := range []string{"", "\ufeff", "\ufeff// a\n", "// package q\n\n/* a\n package r */\n", "\n\n\t"} {
		same(t, []byte(header+"package p\n\nfunc f() {}\n"))
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte("package p\n\nfunc (t *T) f(a int) (b int) {\n\tg(\"}\")\n}\n\nvar (\n\tx, y = 1, 2\n)\n"))
	f.Add([]byte("package p; type ( T struct{}; U interface{ f() } ); const a = '\\''; func g() struct{}"))
	f.Add([]byte("package p\n\nfunc f() {"))
	f.Fuzz(same)
}

// A file that is being typed ends anywhere.
func TestUnfinishedFiles(t *testing.T) {
	const src = "package p\n\ntype T struct{ a [2]int }\n\nfunc (t *T) f(a int) (b int) {\n\tg(\"}\", '\\'', `x` /* c */)\n}\n\nvar (\n\tx, y = 1, 2 // d\n)\n"
	for n := range len(src) {
		same(t, []byte(src[:n]))
	}
}

func TestWords(t *testing.T) {
	is := is.New(t)
	for src, want := range map[string]string{
		"":                             "",
		"a":                            "a",
		"(*T).f(größe, x1)":            "T f größe x1",
		"//plugin:name=a factory=NewT": "plugin name a factory NewT",
		"a\"b c\"`d`":                  "a b c d",
		"x.Y[Z]{}":                     "x Y Z",
	} {
		var words []string
		for w := range (outline.Outline{}).Words([]byte(src)) {
			words = append(words, string(w))
		}
		is.Equal(strings.Join(words, " "), want)
	}
}

// Brackets may be nested as deeply as a file can be long.
func TestDeepNesting(t *testing.T) {
	const depth = 1 << 20
	src := "package p\n\nvar x = " + strings.Repeat("(", depth) + "1" + strings.Repeat(")", depth) + "\n\nvar y = 1\n"
	is.New(t).Equal(len(outline.Of([]byte(src)).Names), 2)
}

// same fails unless the outline is what the parser says of a file that it can read, and so
// are the declarations of a file without what is in functions. Of any other file it
// requires that lines and length stay.
func same(t *testing.T, src []byte) {
	got := outline.Of(src)
	bare := got.AppendWithoutBodies(nil, src, func([]byte) bool { return false })
	if len(bare) != len(src) || bytes.Count(bare, []byte("\n")) != bytes.Count(src, []byte("\n")) {
		t.Fatalf("%s\n\nwithout bodies:\n%s", src, bare)
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil || slices.ContainsFunc(syntax.Decls, hasOddReceiver) {
		return
	}
	want := parsed(syntax)
	if got.Package != want.Package || !slices.Equal(got.Names, want.Names) ||
		!slices.Equal(got.Receivers, want.Receivers) || !slices.Equal(got.Bodies, want.Bodies) {
		t.Fatalf("%s\n\ngot:  %v\nwant: %v", src, got, want)
	}
	syntax, err = parser.ParseFile(token.NewFileSet(), "", bare, parser.SkipObjectResolution)
	is := is.New(t)
	is.NoErr(err)
	is.Equal(parsed(syntax), want)
}

// parsed returns the outline as the parser knows it.
func parsed(f *ast.File) outline.Outline {
	o := outline.Outline{Package: int(f.Package - f.FileStart)}
	at := func(pos token.Pos) int { return int(pos - f.FileStart) }
	add := func(id *ast.Ident) { o.Names = append(o.Names, outline.Name{Text: id.Name, Offset: at(id.Pos())}) }
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			} else {
				o.Receivers = append(o.Receivers, receiver(d.Recv.List[0].Type))
			}
			if d.Body != nil {
				o.Bodies = append(o.Bodies, outline.Range{Begin: at(d.Body.Lbrace) + 1, End: at(d.Body.Rbrace)})
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						add(id)
					}
				}
			}
		}
	}
	return o
}

// hasOddReceiver reports whether a declaration is one that the parser allows, and the compiler
// does not: a method of no type, or of several, or of one that has no name.
func hasOddReceiver(d ast.Decl) bool {
	fn, ok := d.(*ast.FuncDecl)
	return ok && fn.Recv != nil && (len(fn.Recv.List) != 1 || receiver(fn.Recv.List[0].Type) == "")
}

func receiver(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return ""
		}
	}
}
