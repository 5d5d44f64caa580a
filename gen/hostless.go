package gen

import (
	"bytes"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
)

// hostless reports whether there are plugins among the packages of the module that were read, and
// no host.
func (t *tree) hostless() bool {
	plugins := false
	for _, q := range t.sorted() {
		if len(q.Hosts) > 0 {
			return false
		}
		plugins = plugins || len(q.Plugins) > 0
	}
	return plugins
}

// programs returns the directories of the module's programs in this build.
func (t *tree) programs() (dirs []string) {
	c := build.Default
	// A pipe with the name of a Go file is not opened, as that would wait for a writer.
	c.OpenFile = func(name string) (io.ReadCloser, error) {
		src, err := readfile.Source(name)
		return io.NopCloser(bytes.NewReader(src)), err
	}
	_ = filepath.WalkDir(t.main.Dir, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what can't be read has been reported
		}
		_, err = os.Stat(filepath.Join(dir, "go.mod"))
		if dir != t.main.Dir && (scan.Skip(d.Name()) || err == nil) {
			return fs.SkipDir
		}
		if found, err := c.ImportDir(dir, 0); err == nil && found.Name == "main" && len(found.GoFiles) > 0 {
			dirs = append(dirs, dir)
		}
		return nil
	})
	return dirs
}

// packageClause returns the name in the first package clause of a program, nil if it can't be read.
func (t *tree) packageClause(dir string) *annotate.Span {
	program := t.syntaxAt(t.main.ImportPath(dir))
	if program == nil {
		return nil
	}
	for _, f := range program.Files {
		if !strings.HasSuffix(f.Name, "_test.go") && f.Syntax.Name.Name == "main" {
			return &annotate.Span{Pos: f.Syntax.Name.Pos(), End: f.Syntax.Name.End()}
		}
	}
	return nil
}
