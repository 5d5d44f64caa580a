package tree

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// writePlain writes the code of a package that no tool is interested in, in two files.
func (t Tree) writePlain(dir string, p Package, imports []int, random *rand.Rand) error {
	for k, name := range []string{"a.go", "b.go"} {
		var b bytes.Buffer
		if k == 0 {
			fmt.Fprintf(&b, "// Package %s is one of many.\n", p.Name)
		}
		fmt.Fprintf(&b, "package %s\n", p.Name)
		if k == 0 {
			t.importAll(&b, imports)
		}
		for n := 0; bytes.Count(b.Bytes(), []byte("\n")) < t.Lines/2; n++ {
			plainDecl(&b, fmt.Sprintf("%c%d", 'A'+k, n), random)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// importAll imports packages, and uses them.
func (t Tree) importAll(b *bytes.Buffer, imports []int) {
	if len(imports) > 0 {
		b.WriteString("\nimport (\n")
		for _, i := range imports {
			fmt.Fprintf(b, "\t%q\n", t.pkg(i).Path)
		}
		b.WriteString(")\n")
	}
	b.WriteString("\n// Total is what other packages ask for.\nfunc Total(n int) int {\n\ttotal := n\n")
	for _, i := range imports {
		fmt.Fprintf(b, "\ttotal += %s.Total(n / 2)\n", t.pkg(i).Name)
	}
	b.WriteString("\treturn total\n}\n")
}

// plainDecl writes a type with a field tag and a method, and a function, all with comments.
func plainDecl(b *bytes.Buffer, suffix string, random *rand.Rand) {
	x, y := 2+random.IntN(97), 2+random.IntN(7)
	fmt.Fprintf(b, `
// Record%[1]s holds what was counted under the number %[2]d.
type Record%[1]s struct {
	Name  string `+"`json:\"name,omitempty\"`"+`
	Count int    `+"`json:\"count\"`"+`
}

// Add counts one more, unless there are %[2]d.
func (r *Record%[1]s) Add(n int) bool {
	if r.Count+n >= %[2]d {
		return false
	}
	r.Count += n
	return true
}

// Sum%[1]s adds every number below n that %[3]d does not divide.
func Sum%[1]s(n int) (sum int) {
	for i := range n {
		if i%%%[3]d != 0 {
			sum += i * %[2]d // weighted
		}
	}
	return sum
}
`, suffix, x, y)
}
