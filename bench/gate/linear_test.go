package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// files is source by name.
type files map[string]string

// repeat returns n texts, in which %[1]d is the number of each, joined.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// file returns a package of one file with n declarations.
func file(format string) func(n int) files {
	return func(n int) files { return files{"p/p.go": "package p\n\n" + repeat(n, format)} }
}

// kinds of input, each of a size n.
var kinds = map[string]func(n int) files{
	"types": file("//plugin:namespace=n name=p%[1]d\ntype T%[1]d struct{}\n\nfunc (*T%[1]d) " +
		"Close() error { return nil }\n\n"),
	"functions": file("// F%[1]d is one.\n//\n//plugin:namespace=n\nfunc F%[1]d() {}\n\n"),
	"type factories": file("//plugin:namespace=n name=p%[1]d factory=New%[1]d\ntype T%[1]d " +
		"struct{}\n\nfunc New%[1]d() *T%[1]d { return nil }\n\n"),
	"factories":  file("//plugin:namespace=n name=p%[1]d factory\nfunc New%[1]d() any { return nil }\n\n"),
	"variables":  file("//plugin:namespace=n name=p%[1]d\nvar V%[1]d = T{}\n\n"),
	"namespaces": file("//plugin:namespace=n%[1]d\nfunc F%[1]d() {}\n\n"),
	"contracts": file("//plugin:namespace=n%[1]d\ntype C%[1]d interface{ Do() " +
		"}\n\n//plugin:namespace=n%[1]d\nfunc F%[1]d() {}\n\n"),
	"bases": file("//plugin:namespace=n%[1]d\ntype Base%[1]d " +
		"struct{}\n\n//plugin:name=p%[1]d\ntype T%[1]d struct{ Base%[1]d }\n\n"),
	"tags":       file("type T%[1]d struct {\n\t_ struct{} `plugin:\"namespace=n name=p%[1]d\"`\n}\n\n"),
	"conditions": file("//plugin:namespace=n should_load=on%[1]d\nfunc F%[1]d() {}\n\nvar on%[1]d = true\n\n"),
	"type arguments": file("//plugin:namespace=n name=p%[1]d type_args=T%[1]d\nfunc F%[1]d[T any]() " +
		"{}\n\ntype T%[1]d int\n\n"),
	"misplaced":      file("//plugin:namespace=n name=p%[1]d factory=New\n\nfunc G%[1]d() {}\n\n"),
	"misspelt keys":  file("//plugin:namespace=n nmae=p%[1]d\nfunc F%[1]d() {}\n\n"),
	"misspelt types": file("//plugin:namespace=n type_args=Tt%[1]d\nfunc F%[1]d[T any]() {}\n\ntype T%[1]d int\n\n"),
	"misspelt factory": file("//plugin:namespace=n name=p%[1]d factory=Nwe%[1]d\ntype T%[1]d " +
		"struct{}\n\nfunc New%[1]d() *T%[1]d { return nil }\n\n"),
	"misspelt markers": file("//pluign:namespace=n name=p%[1]d\nfunc F%[1]d() {}\n\n"),
	"prose":            file("// plugin: name=p%[1]d\nfunc F%[1]d() {}\n\n"),
	"stray directives": file("//plugin:namespace=n name=p%[1]d\n\nfunc F%[1]d() {}\n\n"),
	"inner directives": file("func F%[1]d() {\n\t//plugin:namespace=n name=p%[1]d\n}\n\n"),
	"duplicates":       file("//plugin:namespace=n name=p\nfunc F%[1]d() {}\n\n"),
	"second contracts": file("//plugin:namespace=n\ntype C%[1]d interface{ Do() }\n\n"),
	"local tags":       file("func F%[1]d() {\n\ttype t struct {\n\t\t_ int `plugin:\"namespace=n\"`\n\t}\n}\n\n"),
	"hosts":            file("//plugin:link\n\nvar V%[1]d int\n\n"),
	"syntax errors":    file("//plugin:namespace=n\nfunc F%[1]d( {}\n\n"),
	"zero bytes":       file("//plugin:namespace=n\nfunc F%[1]d() {}\x00\n\n"),
	"requirements": func(n int) files { // few enough that each is compared with all
		return file("//plugin:namespace=n name=p%[1]d requires=first\nfunc F%[1]d() {}\n\n")(n / 2)
	},
	"specs": func(n int) files {
		return files{"p/p.go": "package p\n\nimport \"github.com/plugingen/plugingen/registry\"\n\n" +
			repeat(n, "var V%[1]d = registry.Spec{Namespace: \"n\", Name: name%[1]d}\n\nconst name%[1]d = "+
				"\"p%[1]d\"\n\n")}
	},
	"keys": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n" + repeat(n, " x_k%[1]d=v") + "\nfunc F() {}\n"}
	},
	"unknown keys": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n" + repeat(n, " k%[1]d=v") + "\nfunc F() {}\n"}
	},
	"repeated keys": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n" + repeat(n, " doc=v") + "\nfunc F() {}\n"}
	},
	"directives of one factory": func(n int) files {
		return files{"p/p.go": "package p\n\n" + repeat(n, "//plugin:namespace=n name=p%[1]d factory\n") +
			"func New() any { return nil }\n"}
	},
	"tags of one type": func(n int) files {
		return files{"p/p.go": "package p\n\ntype T struct {\n" +
			repeat(n, "\t_ int `plugin:\"namespace=n name=p%[1]d\"`\n") + "}\n"}
	},
	"aliases": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n aliases=a" + repeat(n, ",a%[1]d") + "\nfunc F() {}\n"}
	},
	"requirements of one plugin": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n requires=a" + repeat(n, ",a%[1]d") +
			"\nfunc F() {}\n"}
	},
	"methods": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n\ntype C interface {\n" +
			repeat(n, "\tM%[1]d()\n") + "}\n\n" +
			"//plugin:namespace=n name=p\ntype T int\n\n" + repeat(n, "func (T) M%[1]d() {}\n\n")}
	},
	"chain of bases": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n\ntype T0 struct{}\n\n" +
			repeat(n, "//plugin:name=p%[1]d\ntype U%[1]d struct{ T0 }\n\n")}
	},
	"imports": func(n int) files {
		return files{"p/p.go": "package p\n\nimport (\n" +
			repeat(n, "\tq%[1]d \"example.com/other/q%[1]d\"\n") + ")\n\n" +
			repeat(n, "//plugin:name=p%[1]d\ntype U%[1]d struct{ q%[1]d.T }\n\n")}
	},
	"long document": func(n int) files {
		return files{"p/p.go": "package p\n\n" + repeat(n, "// Line %[1]d.\n") +
			"//\n//plugin:namespace=n\nfunc F() {}\n"}
	},
	"comments": func(n int) files {
		return files{"p/p.go": "package p\n\n//plugin:namespace=n\nfunc F() {}\n\n" +
			repeat(n, "// This is about plugins: %[1]d.\n\n")}
	},
	"files with a plugin": func(n int) files {
		all := files{}
		for i := range n {
			all[fmt.Sprintf("p/p%d.go", i)] = fmt.Sprintf("package p\n\n//plugin:namespace=n\nfunc F%d() {}\n", i)
		}
		return all
	},
	"files with a type and a constructor": func(n int) files {
		all := files{}
		for i := range n {
			all[fmt.Sprintf("p/p%d.go", i)] = fmt.Sprintf("package p\n\n//plugin:namespace=n name=p%[1]d factory=New%[1]d\n"+
				"type T%[1]d struct{}\n\nfunc (*T%[1]d) Close() error { return nil }\n\n"+
				"func New%[1]d(o Options%[1]d) *T%[1]d { return &T%[1]d{} }\n\n"+
				"type Options%[1]d struct {\n\tA int `plugin:\"option\"`\n}\n", i)
		}
		return all
	},
	"files without": func(n int) files {
		all := files{"p/p.go": "package p\n\n//plugin:namespace=n\nfunc F() {}\n"}
		for i := range n {
			all[fmt.Sprintf("p/p%d.go", i)] = fmt.Sprintf("package p\n\nfunc G%d() { G%d() }\n", i, i+1)
		}
		return all
	},
	"files that refer to each other": func(n int) files {
		all := files{"p/p.go": "package p\n\n//plugin:namespace=n name=p\ntype T struct{ T0 }\n"}
		for i := range n {
			all[fmt.Sprintf("p/p%d.go", i)] = fmt.Sprintf("package p\n\ntype T%d struct{ T%d }\n", i, i+1)
		}
		return all
	},
	"constraints": func(n int) files {
		all := files{}
		for i := range n {
			all[fmt.Sprintf("p/p%d.go", i)] = fmt.Sprintf(
				"//go:build tag%d\n\npackage p\n\n//plugin:namespace=n\nfunc F%d() {}\n", i, i)
		}
		return all
	},
	"tags of a constraint": func(n int) files {
		return files{
			"p/p.go": "//go:build tag" + repeat(n/20, " && tag%[1]d") +
				"\n\npackage p\n\n//plugin:namespace=n\nfunc F() {}\n",
			"p/q.go": "//go:build tag" + repeat(n/20, " || tag%[1]d") +
				"\n\npackage p\n\n//plugin:namespace=n\nfunc F() {}\n",
		}
	},
	"packages": func(n int) files {
		all := files{}
		for i := range n {
			all[fmt.Sprintf("p%d/p.go", i)] = fmt.Sprintf("package p\n\n//plugin:namespace=n\nfunc F%d() {}\n", i)
		}
		return all
	},
	"packages that require each other": func(n int) files {
		all := files{}
		for i := range n {
			all[fmt.Sprintf("p%d/p.go", i)] = fmt.Sprintf(
				"package p\n\n//plugin:namespace=n requires=f%d\nfunc F%d() {}\n", i+1, i)
		}
		return all
	},
	"exclusions": func(n int) files {
		return files{
			"p/p.go":       "package p\n\n//plugin:namespace=n\nfunc F() {}\n",
			"host/host.go": "package main\n\n//plugin:link exclude=a" + repeat(n, ",n:f%[1]d") + "\n",
		}
	},
	"package patterns": func(n int) files {
		return files{
			"p/p.go":       "package p\n\n//plugin:namespace=n\nfunc F() {}\n",
			"host/host.go": "package main\n\n//plugin:link packages=a" + repeat(n, ",example.com/linear/p%[1]d") + "\n",
		}
	},
}

// Twice the input costs at most two and a half times the work, whatever it is twice of.
func TestWorkIsLinear(t *testing.T) {
	program := buildCounting(t, "cmd/plugingen")
	for name, source := range kinds {
		t.Run(name, func(t *testing.T) {
			work := func(n int) float64 {
				dir := t.TempDir()
				writeLinear(t, dir, source(n))
				return statements(t, dir, program, "check", "./...")
			}
			once, twice := work(500), work(1000)
			t.Logf("%.0f statements, %.0f for twice the input: %.2f times as many", once, twice, twice/once)
			is.New(t).True(twice <= 2.5*once)
		})
	}
}

// writeLinear writes a module that has the files and a host that links its plugins.
func writeLinear(t *testing.T, dir string, source files) {
	t.Helper()
	is := is.New(t)
	all := files{
		"go.mod":  "module example.com/linear\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n",
		"main.go": "package main\n\n//plugin:link\n\nfunc main() {}\n",
	}
	for name, src := range source {
		all[name] = src
	}
	for name, src := range all {
		name = filepath.Join(dir, name)
		is.NoErr(os.MkdirAll(filepath.Dir(name), 0o755))
		is.NoErr(os.WriteFile(name, []byte(src), 0o644))
	}
}
