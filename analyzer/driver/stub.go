package driver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// withStubs writes a configuration in which each generated file is replaced by one
// that has its imports and its specs only. The generated files are still there to be
// read, as files of no build.
func (u *unit) withStubs(dir string) (string, error) {
	var files, ignored []string
	for i, file := range u.GoFiles {
		if !u.generated[file] {
			files = append(files, file)
			continue
		}
		name := filepath.Join(dir, fmt.Sprintf("stub%d_gen.go", i))
		if err := os.WriteFile(name, stub(u.files[i]), 0o666); err != nil {
			return "", err
		}
		files, ignored = append(files, name), append(ignored, file)
	}
	cfg := map[string]any{}
	if err := json.Unmarshal(u.source, &cfg); err != nil {
		return "", err
	}
	cfg["GoFiles"], cfg["IgnoredFiles"] = files, append(ignored, u.IgnoredFiles...)
	data, err := json.Marshal(cfg)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "plugin.cfg")
	return name, os.WriteFile(name, data, 0o666)
}

// stub returns a generated file with its imports and its specs only.
func stub(f *ast.File) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\npackage %s\n\nimport registry %q\n", genfile.Header, f.Name.Name, annotate.RegistryPath)
	for _, imp := range f.Imports {
		fmt.Fprintf(&b, "import _ %s\n", imp.Path.Value)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				if _, _, ok := genfile.Plugin(id.Name); ok {
					fmt.Fprintf(&b, "var %s registry.Spec\n", id.Name)
				}
			}
		}
	}
	b.WriteString("var _ registry.Spec\n")
	return b.Bytes()
}
