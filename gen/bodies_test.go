package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/matryer/is"
)

// The declarations of real files are the same without what is in their functions.
func TestWithoutBodies(t *testing.T) {
	is := is.New(t)
	files, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "go", "*", "*.go"))
	is.NoErr(err)
	is.True(len(files) > 50)
	saved := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		is.NoErr(err)
		without := withoutBodies(src)
		is.Equal(len(without), len(src))
		is.Equal(outline(t, without), outline(t, src)) // places included
		if slices.Compare(src, without) != 0 {
			saved++
		}
	}
	is.True(saved > len(files)/2)
}

func TestWithoutBodiesLeavesAlone(t *testing.T) {
	for name, src := range map[string]string{
		"raw string":     "package p\n\nfunc f() {\n\tx := `\n}\n\nfunc no() {\n\t`\n\t_ = x\n}\n",
		"comment":        "package p\n\nfunc f() {\n\t/*\n}\n\nfunc no() {\n\t*/\n\tg()\n}\n",
		"not indented":   "package p\n\nfunc f() {\nif x {\n}\n}\n",
		"closed earlier": "package p\n\nfunc f() {\n\tg()\n\t}\n\tvar x = T{\n}\n",
		"one line":       "package p\n\nfunc f() { g() }\n",
		"no end":         "package p\n\nfunc f() {\n\tg()",
	} {
		t.Run(name, func(t *testing.T) {
			is.New(t).Equal(string(withoutBodies([]byte(src))), src)
		})
	}
}

func FuzzWithoutBodies(f *testing.F) {
	f.Add([]byte("package p\n\nfunc f() {\n\tg()\n}\n\nvar x = 1\n"))
	f.Add([]byte("package p\n\nfunc f() {\n\t}\n\n\tfunc g() {\n}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, err := parser.ParseFile(token.NewFileSet(), "", src, 0); err != nil {
			return
		}
		without := withoutBodies(src)
		if _, err := parser.ParseFile(token.NewFileSet(), "", without, 0); err != nil {
			return // then the whole file is parsed
		}
		if a, b := outline(t, src), outline(t, without); !slices.Equal(a, b) {
			t.Fatalf("%q has the declarations %v, but without bodies %v", src, a, b)
		}
	})
}

type declaration struct {
	name string
	pos  token.Pos
}

func outline(t *testing.T, src []byte) []declaration {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "f.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []declaration
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			all = append(all, declaration{d.Name.Name, d.Pos()})
		case *ast.GenDecl:
			all = append(all, declaration{d.Tok.String(), d.Pos()})
		}
	}
	return all
}
