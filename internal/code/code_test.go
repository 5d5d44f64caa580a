package code_test

import (
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

func TestRef(t *testing.T) {
	is := is.New(t)
	ref, err := code.ParseRef("example.com/p", "p", "T")
	is.NoErr(err)
	is.Equal(ref.Path.String()+" "+ref.Package.String()+" "+ref.Name.String(), "example.com/p p T")
	for _, bad := range [][3]string{
		{"", "p", "T"},
		{"example.com/../p", "p", "T"},
		{"example.com//p", "p", "T"},
		{"/p", "p", "T"},
		{"./p", "p", "T"},
		{"C", "p", "T"},
		{"example.com/a b", "p", "T"},
		{"example.com/größe", "p", "T"},
		{`example.com/"`, "p", "T"},
		{"example.com/p\n", "p", "T"},
		{"example.com/p", "", "T"},
		{"example.com/p", "p q", "T"},
		{"example.com/p", "func", "T"},
		{"example.com/p", "p", ""},
		{"example.com/p", "p", "_"},
		{"example.com/p", "p", "T()"},
		{"example.com/p", "p", "T;"},
		{"example.com/p", "p", "T\n"},
	} {
		_, err := code.ParseRef(bad[0], bad[1], bad[2])
		is.True(err != nil) // not a reference
	}
}
