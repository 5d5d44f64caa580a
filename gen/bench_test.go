package gen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/gen"
)

// writeTree writes a module of which one package in ten has five plugins.
func writeTree(b *testing.B, packages int) string {
	b.Helper()
	dir := b.TempDir()
	write := func(name, src string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	write("go.mod", "module example.com/tree\n\ngo 1.26.0\n")
	write("cmd/host/main.go", "package main\n\n//plugin:link\n\nfunc main() {}\n")
	for i := range packages {
		var src strings.Builder
		src.WriteString("package p\n")
		for n := range 20 {
			fmt.Fprintf(&src, "\n// F%[1]d counts.\nfunc F%[1]d(n int) (sum int) {\n\tfor i := range n {\n\t\tsum += i %% %[1]d\n\t}\n\treturn sum\n}\n", n)
		}
		write(fmt.Sprintf("g%d/p%d/p.go", i/100, i), src.String())
		if i%10 == 0 {
			src.Reset()
			src.WriteString("package p\n")
			for n := range 5 {
				fmt.Fprintf(&src, "\n// T%[1]d is a plugin.\n//\n//plugin:namespace=tree.things name=p%[2]d_%[1]d\ntype T%[1]d struct{}\n\nfunc (*T%[1]d) Close() error { return nil }\n", n, i)
			}
			write(fmt.Sprintf("g%d/p%d/plugins.go", i/100, i), src.String())
		}
	}
	return dir
}

// BenchmarkMake measures a run that writes everything and one that changes nothing.
func BenchmarkMake(b *testing.B) {
	for _, packages := range []int{500, 2000} {
		dir := writeTree(b, packages)
		plan := func(b *testing.B) *gen.Plan {
			p, err := gen.Make(dir, []string{"./..."})
			if err != nil || len(p.Diagnostics) > 0 {
				b.Fatal(err, p)
			}
			return p
		}
		b.Run(fmt.Sprintf("everything/%d", packages), func(b *testing.B) {
			for b.Loop() {
				p := plan(b)
				if err := p.Apply(); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				for _, c := range p.Changes {
					if err := os.Remove(c.Path); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
			}
		})
		if err := plan(b).Apply(); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("nothing/%d", packages), func(b *testing.B) {
			for b.Loop() {
				if p := plan(b); len(p.Changes) > 0 {
					b.Fatal("there are changes")
				}
			}
		})
	}
}
