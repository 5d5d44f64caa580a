package migrate

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/rules"
)

// parsed returns a migration with one file.
func parsed(t *testing.T, src string) (*migration, *file) {
	t.Helper()
	p := &program{fset: token.NewFileSet(), module: "example.com/app", files: map[string]*file{}}
	syntax, err := parser.ParseFile(p.fset, "a.go", src, parser.ParseComments)
	is.New(t).NoErr(err)
	f := &file{name: "a.go", src: []byte(src), syntax: syntax, path: "example.com/app/a"}
	p.files[f.name] = f
	return &migration{program: p}, f
}

func TestImports(t *testing.T) {
	for name, test := range map[string]struct{ before, uses, after string }{
		"none":   {"", "x.example/r", `import "x.example/r"`},
		"single": {`import "fmt"`, "x.example/r", "import (\n\t\"fmt\"\n\n\t\"x.example/r\"\n)"},
		"single, of the kind": {
			"import \"x.example/a\" // for a", "x.example/r", "import (\n\t\"x.example/a\" // for a\n\t\"x.example/r\"\n)",
		},
		"of the kind": {
			"import (\n\t\"fmt\"\n\n\t\"x.example/a\"\n\n\t\"example.com/app/b\"\n)", "x.example/r",
			"import (\n\t\"fmt\"\n\n\t\"x.example/a\"\n\t\"x.example/r\"\n\n\t\"example.com/app/b\"\n)",
		},
		"another kind": {
			"import (\n\t\"fmt\"\n\n\t\"example.com/app/b\"\n)", "x.example/r",
			"import (\n\t\"fmt\"\n\n\t\"example.com/app/b\"\n\n\t\"x.example/r\"\n)",
		},
		"standard": {
			"import (\n\t\"x.example/a\"\n)", "strconv", "import (\n\t\"strconv\"\n\n\t\"x.example/a\"\n)",
		},
		"without a dot, but not standard": {
			"import (\n\t\"tools/a\"\n\n\t\"example.com/app/b\"\n)", "x.example/r",
			"import (\n\t\"tools/a\"\n\t\"x.example/r\"\n\n\t\"example.com/app/b\"\n)",
		},
		"there already": {`import "x.example/r"`, "x.example/r", `import "x.example/r"`},
		"cgo": {
			"// #include <a.h>\nimport \"C\"", "x.example/r",
			"import \"x.example/r\"\n\n// #include <a.h>\nimport \"C\"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			used := ""
			for _, x := range []string{"fmt", "a", "b"} {
				if strings.Contains(test.before, x+`"`) {
					used += "\nvar _ = " + x + ".X\n"
				}
			}
			head := "package a\n\n"
			src, err := format.Source([]byte(head + test.before + "\n" + used))
			is.NoErr(err)
			m, f := parsed(t, string(src))
			e := newEditor(m)
			base := test.uses[strings.LastIndexByte(test.uses, '/')+1:]
			is.Equal(e.use(f, test.uses, base), base)
			e.replace(f, len(src), len(src), "\nvar _ = "+base+".X\n")
			got, err := e.apply(f)
			is.NoErr(err)
			want, err := format.Source([]byte(head + test.after + "\n" + used + "\nvar _ = " + base + ".X\n"))
			is.NoErr(err)
			is.Equal(string(got), string(want))
		})
	}
}

// TestUnusedImports has an edit remove the last use of a package.
func TestUnusedImports(t *testing.T) {
	is := is.New(t)
	src := `package a

import (
	"fmt" // prints

	// It is for strings.
	"strings"
	_ "time"
)

var a = strings.ToUpper("a")

var b = fmt.Sprint(a)
`
	m, f := parsed(t, src)
	e := newEditor(m)
	e.replace(f, strings.Index(src, "strings.ToUpper"), strings.Index(src, "\n\nvar b"), `"A"`)
	got, err := e.apply(f)
	is.NoErr(err)
	is.Equal(string(got), strings.NewReplacer("\n\t// It is for strings.\n\t\"strings\"", "",
		`strings.ToUpper("a")`, `"A"`).Replace(src))
}

// TestReplacedImports has an edit remove the only use of a package, and use another one.
func TestReplacedImports(t *testing.T) {
	for _, imports := range []string{
		"import \"x.example/a\"", "import (\n\t\"x.example/a\"\n)", "import (\n\t// For a.\n\t\"x.example/a\"\n)",
		"import \"x.example/a\"\nimport \"x.example/b\"", "import \"strings\"",
	} {
		t.Run(imports, func(t *testing.T) {
			is := is.New(t)
			src := "package x\n\n" + imports + "\n\nvar (\n\t_ = a.X\n\t_ = b.X\n\t_ = strings.X\n)\n"
			m, f := parsed(t, src)
			e := newEditor(m)
			is.Equal(e.use(f, "x.example/r", "r"), "r")
			e.replace(f, strings.Index(src, "var ("), len(src), "var _ = r.X\n")
			got, err := e.apply(f)
			is.NoErr(err)
			is.Equal(string(got), "package x\n\nimport \"x.example/r\"\n\nvar _ = r.X\n")
		})
	}
}

// TestUnformatted has a file that gofmt would change keep what is not edited.
func TestUnformatted(t *testing.T) {
	is := is.New(t)
	src := "package a\n\nvar  a   = 1\nvar b =    2\n"
	m, f := parsed(t, src)
	e := newEditor(m)
	e.replace(f, len(src)-2, len(src)-1, "3")
	got, err := e.apply(f)
	is.NoErr(err)
	is.Equal(string(got), "package a\n\nvar  a   = 1\nvar b =    3\n")
}

func TestImportPath(t *testing.T) {
	is := is.New(t)
	_, f := parsed(t, `package a

import (
	"x.example/one"
	"x.example/three/v3"
	"gopkg.in/yaml.v3"
	named "x.example/other/v2"
	"x.example/api/v1"
)
`)
	for name, want := range map[string]string{
		"one": "x.example/one", "three": "x.example/three/v3", "yaml": "gopkg.in/yaml.v3",
		"named": "x.example/other/v2", "other": "", "v3": "", "v1": "x.example/api/v1",
	} {
		is.Equal(importPath(f.syntax, name), want)
	}
}

func TestDocAboutRegisteringIsDropped(t *testing.T) {
	for doc, want := range map[string]string{
		"// init registers the plugin.":               "",
		"// Registers the plugin.":                    "",
		"// It is slow.":                              "// It is slow.",
		"// It is slow.\n//nolint:gochecknoinits":     "// It is slow.",
		"//nolint:gochecknoinits // it registers":     "",
		"//nolint:gochecknoinits\n// It is slow.":     "// It is slow.",
		"// It is slow,\n// and init registers twice": "// It is slow,\n// and init registers twice",
	} {
		t.Run(doc, func(t *testing.T) {
			_, f := parsed(t, "package a\n\n"+doc+"\nfunc init() {}\n")
			is.New(t).Equal(keptDoc(f.syntax.Decls[0].(*ast.FuncDecl).Doc), want)
		})
	}
}

func TestNamesOfWhatIsWritten(t *testing.T) {
	is := is.New(t)
	for in, want := range map[string]string{
		"cpu": "CPU", "http.handlers.gzip": "HTTPHandlersGzip",
		"a b-c_d": "ABCD", "1und1": "1und1", "ident": "Ident",
	} {
		is.Equal(camel(in), want)
	}
	for in, want := range map[string]string{
		"open-ai": "OpenAI", "openai": "OpenAI", "http.openai": "HTTPOpenAI", "open": "Open", "ai": "AI", "penai": "Penai",
	} {
		is.Equal(camel(in, "newOpenAI"), want)
	}
	for in, want := range map[string]string{
		"URL": "url", "CPUTime": "cpuTime", "Desc": "desc", "already": "already", "A": "a", "HTTP2": "http2",
	} {
		is.Equal(lowerFirst(in), want)
	}
	for in, want := range map[string]string{
		"module": "modules", "factory": "factories", "key": "keys",
		"inputs": "inputs",
	} {
		is.Equal(plural(in), want)
	}
	for r := range rune(0x3100) {
		is.True(rules.ValidNamespace(namespaceWord("a" + string(r)))) // a word of any name
	}
	for in, want := range map[string]string{
		"example.com/app": "app", "example.com/app/v2": "app", "gopkg.in/yaml.v3": "yaml", "example.com/vault": "vault",
	} {
		is.Equal(majorless(in), want)
	}
}
