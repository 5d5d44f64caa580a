package scan_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/scan"
)

// Of a directory with more plain files than are kept in memory, some have to be read again. Their
// names are all there, and what there is of their contents is right.
func TestManyPlainFiles(t *testing.T) {
	for name, annotated := range map[string]string{"first": "a.go", "in between": "m.go", "last": "z.go"} {
		t.Run(name, func(t *testing.T) {
			is := is.NewRelaxed(t) // a worker that does not return would keep Each waiting
			dir := t.TempDir()
			want := map[string][]byte{}
			for i := range 26 { // 5 MB
				file := fmt.Sprintf("%cplain.go", 'a'+i)
				want[file] = bytes.Repeat(fmt.Appendf(nil, "package p // %d\n", i), 200_000/16)
				is.NoErr(os.WriteFile(filepath.Join(dir, file), want[file], 0o666))
			}
			const plugin = "package p\n\n//plugin:namespace=n\nfunc F() {}\n"
			is.NoErr(os.WriteFile(filepath.Join(dir, annotated), []byte(plugin), 0o666))
			visited := 0
			is.NoErr(scan.Tree{Root: dir}.Each(dir, func(d *scan.Dir) {
				visited++
				is.Equal(len(d.Annotated), 1)
				is.Equal(d.Annotated[0].Name, annotated)
				is.Equal(string(d.Annotated[0].Src), plugin)
				is.Equal(len(d.Unannotated), len(want))
				released := 0
				for _, f := range d.Unannotated {
					if f.Src == nil {
						released++
					} else {
						is.True(bytes.Equal(f.Src, want[f.Name]))
					}
				}
				is.True(released > 0)
				is.True(released < len(want))
			}))
			is.Equal(visited, 1)
		})
	}
}

// What a symbolic link leads to can change without a change of the directory: one with links
// is not remembered.
func TestKnownLinks(t *testing.T) {
	is := is.New(t)
	root, target := t.TempDir(), filepath.Join(t.TempDir(), "t.go")
	is.NoErr(os.WriteFile(filepath.Join(root, "p.go"), []byte("package p\n\n//plugin:namespace=n\n"), 0o666))
	is.NoErr(os.WriteFile(target, []byte("package p\n"), 0o666))
	if err := os.Symlink(target, filepath.Join(root, "link.go")); err != nil {
		t.Skip(err) // on Windows, not everybody may make one
	}
	read := func(cache *scan.Cache) (text string) {
		tree := scan.Tree{Root: root, Cache: cache}
		is.NoErr(tree.Each(root, func(d *scan.Dir) { text = string(d.Unannotated[0].Src) }))
		return text
	}
	cache := &scan.Cache{}
	is.Equal(read(cache), "package p\n")
	is.NoErr(os.WriteFile(target, []byte("package p // changed\n"), 0o666))
	is.Equal(read(cache), "package p // changed\n")
}

// FuzzAnnotated checks that a file in which annotate finds anything is parsed at all.
func FuzzAnnotated(f *testing.F) {
	archives, err := filepath.Glob("../../annotate/testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		f.Fatal(archives, err)
	}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".go" {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if scan.Annotated(src) {
			return
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return
		}
		p := annotate.Read("example.com/p", []*annotate.File{annotate.NewFile(fset, "a.go", syntax)})
		p.Resolve(nil)
		// What was meant to be neither a plugin with a namespace nor a host is overlooked in
		// a file that has nothing else in it.
		found := slices.DeleteFunc(p.Diagnostics, func(d annotate.Diagnostic) bool {
			text := src[d.Pos-1 : d.End-1]
			return d.Category == annotate.NearMiss && !bytes.Contains(text, []byte("namespace=")) &&
				!bytes.Contains(text, []byte(":link"))
		})
		if len(p.Plugins)+len(p.Hosts)+len(p.Contracts)+len(p.Bases)+len(found) > 0 {
			t.Errorf("not parsed, though there is something in it: %q\n%v", src, p.Diagnostics)
		}
	})
}
