package annotate_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/annotate"
)

// pluginFile returns a file of about 200 lines with the number of plugins.
func pluginFile(plugins int) string {
	var b strings.Builder
	b.WriteString("// Package p has plugins.\npackage p\n\nimport (\n\t\"context\"\n\t\"fmt\"\n)\n")
	for i := range 12 {
		if i < plugins {
			fmt.Fprintf(&b, "\n// T%d is a plugin of some kind. It does things.\n//\n", i)
			fmt.Fprintf(&b, "//plugin:namespace=my.plugins name=t%d requires=a,b priority=%d\n", i, i)
		} else {
			fmt.Fprintf(&b, "\n// T%d is no plugin.\n", i)
		}
		fmt.Fprintf(&b, "type T%d struct {\n\tname string `json:\"name\"`\n\tsize int\n}\n\n", i)
		fmt.Fprintf(&b, "// Load loads it.\nfunc (t *T%d) Load(ctx context.Context) error {\n", i)
		b.WriteString("\tif t.size > 0 {\n\t\treturn fmt.Errorf(\"no: %s\", t.name)\n\t}\n\treturn nil // done\n}\n")
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	for _, plugins := range []int{0, 5} {
		src := pluginFile(plugins)
		b.Run(fmt.Sprintf("plugins=%d", plugins), func(b *testing.B) {
			fset := token.NewFileSet()
			syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				p := annotate.Read(root, []*annotate.File{annotate.NewFile(fset, "a.go", syntax)})
				p.Resolve(nil)
				if len(p.Diagnostics) > 0 || len(p.Plugins) != plugins {
					b.Fatal(p.Diagnostics)
				}
			}
		})
	}
}

// BenchmarkParse is what BenchmarkRead is to be compared with: a file is parsed
// before it is read.
func BenchmarkParse(b *testing.B) {
	src := pluginFile(5)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := parser.ParseFile(token.NewFileSet(), "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			b.Fatal(err)
		}
	}
}
