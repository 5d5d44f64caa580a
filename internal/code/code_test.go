package code_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/code"
)

var imports = map[string]string{"p0": "example.com/p", "p1": "net/http", "bad": "example.com/../p", "c": "C"}

func TestType(t *testing.T) {
	for text, want := range map[string]string{
		"int":                           "int",
		"(error)":                       "error",
		"p0.T":                          "p0.T",
		"*p0.t":                         "*p0.t",
		"[]any":                         "[]any",
		"[3]int":                        "[3]int",
		"[0x10]int":                     "[0x10]int",
		"[p0.N]p1.Request":              "[p0.N]p1.Request",
		"map[p0.K]p1.V":                 "map[p0.K]p1.V",
		"map[string]*p0.T":              "map[string]*p0.T",
		"chan int":                      "chan int",
		"chan (int)":                    "chan int",
		"chan (<-chan int)":             "chan (<-chan int)",
		"chan chan int":                 "chan chan int",
		"chan<- <-chan int":             "chan<- <-chan int",
		"<-chan (chan<- p0.T)":          "<-chan chan<- p0.T",
		"interface{}":                   "interface{}",
		"struct{}":                      "struct{}",
		"func()":                        "func() ()",
		"func(int, ...p0.T) error":      "func(int, ...p0.T) (error)",
		"func(func() p0.T) (int, bool)": "func(func() (p0.T)) (int, bool)",
		"p0.List[int]":                  "p0.List[int]",
		"p0.Pair[p1.K, []int]":          "p0.Pair[p1.K, []int]",
	} {
		t.Run(text, func(t *testing.T) {
			is := is.New(t)
			typ, err := code.ParseType(text, imports)
			is.NoErr(err)
			is.Equal(typ.String(), want)
			again, err := code.ParseType(want, imports)
			is.NoErr(err)
			is.Equal(again, typ)
		})
	}
}

func TestNoType(t *testing.T) {
	for _, text := range []string{
		"", "T", "p2.T", "p0._", "p0.T.U", "bad.T", "c.int", "1", "nil", "len", "f()", "p0.F()",
		"p0.T{}", "a + b", "-1", `"x"`,
		"[...]int", "[n]int", "[1+1]int", `["x"]int`, "[f()]int", "[func() int { return 1 }()]int",
		"[]T", "map[T]int", "map[int]T", "chan T", "*T",
		"func(x int)", "func() (err error)", "func(...int, int)", "func() ...int", "func(T)",
		"func() T", "func() {}", "func[T any]()",
		"interface{ M() }", "interface{ int }", "struct{ F int }", "List[int]", "p0.List[T]",
		"p0.Pair[int, T]", "int; func init() {}", "int\nfunc init() {}", "p0.T //", "p0.T /*",
	} {
		t.Run(text, func(t *testing.T) {
			typ, err := code.ParseType(text, imports)
			is.New(t).True(err != nil || typ.String() == "p0.T") // a comment is left out
		})
	}
}

// A scope is that of a package whose declarations are the names in capitals. args are its type
// parameters, which stand for types of another package.
type scope struct {
	path string
	args map[string]string
}

func (s scope) Argument(name string) (ast.Expr, code.Scope) {
	arg, ok := s.args[name]
	if !ok {
		return nil, nil
	}
	e, _ := parser.ParseExpr(arg)
	return e, scope{path: "example.com/caller"}
}

func (s scope) Declares(name string) string {
	if strings.ToUpper(name) == name {
		return s.path
	}
	return ""
}

func (s scope) ImportPath(qualifier string) string { return imports[qualifier] }

func TestNewType(t *testing.T) {
	s := scope{"example.com/own", map[string]string{"T": "LIST[*p1.V]", "U": "T", "E": "chan int"}}
	for text, want := range map[string]string{
		"int":                                "int",
		"OWN":                                "example.com/own.OWN",
		"p0.X":                               "example.com/p.X",
		"[N]p0.X":                            "[example.com/own.N]example.com/p.X",
		"[(3)]p0.X":                          "[3]example.com/p.X",
		"[(p0.N)]OWN":                        "[example.com/p.N]example.com/own.OWN",
		"T":                                  "example.com/caller.LIST[*net/http.V]",
		"map[U]T":                            "map[example.com/caller.T]example.com/caller.LIST[*net/http.V]",
		"MAP[OWN, E]":                        "example.com/own.MAP[example.com/own.OWN, chan int]",
		"(LIST)[(int)]":                      "example.com/own.LIST[int]",
		"func(a, b OWN, rest ...T) (n int)":  "func(example.com/own.OWN, example.com/own.OWN, ...example.com/caller.LIST[*net/http.V]) (int)",
		"chan<- func(func(x int) OWN)":       "chan<- func(func(int) (example.com/own.OWN)) ()",
		"struct{ m map[string]interface{} }": "",
		"struct{}":                           "struct{}",
		"unknown":                            "",
		"unknown.T":                          "",
		"p0._":                               "",
		"[unknown]int":                       "",
		"[int]int":                           "",
		"[...]int":                           "",
		"[p9.N]int":                          "",
		"LIST[unknown]":                      "",
		"int[OWN]":                           "",
		"E[int]":                             "",
		"func() unknown":                     "",
	} {
		t.Run(text, func(t *testing.T) {
			is := is.New(t)
			e, err := parser.ParseExpr(text)
			is.NoErr(err)
			typ, err := code.NewType(e, s)
			is.Equal(err == nil, want != "")
			if err == nil {
				is.Equal(typ.Identity(), want)
			}
		})
	}
}

// The qualifiers of a type are its own.
func TestQualifiers(t *testing.T) {
	is := is.New(t)
	e, err := parser.ParseExpr("func(p1.A, OWN, p1.B)")
	is.NoErr(err)
	typ, err := code.NewType(e, scope{path: "example.com/own"})
	is.NoErr(err)
	is.Equal(typ.String(), "func(p0.A, p1.OWN, p0.B) ()")
}

func TestRef(t *testing.T) {
	is := is.New(t)
	ref, err := code.ParseRef("example.com/p", "p", "T")
	is.NoErr(err)
	is.Equal(ref.Path.String()+" "+ref.Package.String()+" "+ref.Name.String(), "example.com/p p T")
	for _, path := range []string{
		"", "example.com/../p", "example.com//p", "/p", "./p", "C", "example.com/a b", "example.com/größe",
		`example.com/"`, "example.com/p\n",
	} {
		_, err := code.ParseRef(path, "p", "T")
		is.True(strings.HasPrefix(fmt.Sprint(err), fmt.Sprintf("malformed import path %q: ", path)))
	}
	for _, name := range []string{"", "p q", "func"} {
		_, err := code.ParseRef("example.com/p", name, "T")
		is.Equal(fmt.Sprint(err), fmt.Sprintf("%q is not a Go identifier", name))
	}
	for _, name := range []string{"", "_", "T()", "T;", "T\n"} {
		_, err := code.ParseRef("example.com/p", "p", name)
		is.Equal(fmt.Sprint(err), fmt.Sprintf("%q is not a Go identifier", name))
	}
}
