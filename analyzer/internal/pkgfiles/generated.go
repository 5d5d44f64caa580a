package pkgfiles

import (
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/internal/genfile"
)

// A Generated is a file of a package that plugingen wrote.
type Generated struct {
	*genfile.File
	Src   []byte
	Name  string
	Built bool // part of the build being checked
	Err   error
}

// ReadGenerated returns the generated files of a package, sorted by name, including
// those among the ignored files.
func ReadGenerated(pass *analysis.Pass, ignored []string) []Generated {
	var files []Generated
	read := func(name string, built bool) {
		if src, ok := genfile.ReadGenerated(name, pass.ReadFile); ok {
			f, err := genfile.Read(name, src)
			files = append(files, Generated{f, src, filepath.Base(name), built, err})
		}
	}
	for _, f := range pass.Files {
		read(pass.Fset.PositionFor(f.Package, false).Filename, true)
	}
	for _, name := range ignored {
		read(name, false)
	}
	slices.SortFunc(files, func(a, b Generated) int { return strings.Compare(a.Name, b.Name) })
	return files
}
