package gen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/write"
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
			fmt.Fprintf(&src,
				"\n// F%[1]d counts.\nfunc F%[1]d(n int) (sum int) {\n\tfor i := range n "+
					"{\n\t\tsum += i %% %[1]d\n\t}\n\treturn sum\n}\n", n)
		}
		write(fmt.Sprintf("g%d/p%d/p.go", i/100, i), src.String())
		if i%10 == 0 {
			src.Reset()
			src.WriteString("package p\n")
			for n := range 5 {
				fmt.Fprintf(&src,
					"\n// T%[1]d is a plugin.\n//\n//plugin:namespace=tree.things "+
						"name=p%[2]d_%[1]d\ntype T%[1]d struct{}\n\nfunc (*T%[1]d) Close() error "+
						"{ return nil }\n", n, i)
			}
			write(fmt.Sprintf("g%d/p%d/plugins.go", i/100, i), src.String())
		}
	}
	return dir
}

// BenchmarkMake measures a run that writes everything and one that changes nothing.
func BenchmarkMake(b *testing.B) {
	for _, packages := range []int{500, 2000} {
		b.Run(fmt.Sprint(packages), func(b *testing.B) {
			dir := writeTree(b, packages)
			b.Run("everything", func(b *testing.B) { benchmarkEverything(b, dir) })
			b.Run("nothing", func(b *testing.B) { benchmarkNothing(b, dir) })
		})
	}
}

func benchmarkEverything(b *testing.B, dir string) {
	for b.Loop() {
		changes := generate(b, dir)
		b.StopTimer()
		for _, c := range changes {
			if err := os.Remove(c.Path); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
}

func benchmarkNothing(b *testing.B, dir string) {
	generate(b, dir)
	for b.Loop() {
		if len(generate(b, dir)) > 0 {
			b.Fatal("there are changes")
		}
	}
}

// generate does what plugingen does, and returns what that changed.
func generate(b *testing.B, dir string) []write.Change {
	b.Helper()
	plan, err := gen.Make(dir, []string{"./..."})
	if err != nil || len(plan.Diagnostics) > 0 {
		b.Fatal(err, plan)
	}
	if err := plan.Apply(); err != nil {
		b.Fatal(err)
	}
	return plan.Changes
}
