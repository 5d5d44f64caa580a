package driver_test

import (
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/driver"
)

func TestFix(t *testing.T) {
	for _, test := range []struct{ name, before, after string }{
		{
			"lines end as they did",
			"package plug\r\n\r\n//plugin:namespace=a nam=b\r\nfunc F() {}\r\n",
			"package plug\r\n\r\n//plugin:namespace=a name=b\r\nfunc F() {}\r\n",
		},
		{
			"what two findings have in common is made once",
			"package plug\n\n//plugin:namespace=a name=p\n//plugin:namespace=a naem=p\n\nfunc F() {}\n",
			"package plug\n\n//plugin:namespace=a name=p\n//plugin:namespace=a naem=p\nfunc F() {}\n",
		},
		{
			"new lines end as the others do",
			"package plug\r\n\r\nvar V = 1 //plugin:namespace=a name=v\r\n",
			"package plug\r\n\r\n//plugin:namespace=a name=v\r\nvar V = 1\r\n",
		},
		{
			"what is not formatted stays so",
			"package plug\n\n//plugin:namespace=a nam=b\nfunc   F( ) {}\n",
			"package plug\n\n//plugin:namespace=a name=b\nfunc   F( ) {}\n",
		},
		{
			"several at once",
			"package plug\n\n//plugin:namespace=a nam=b prioritty=1\nfunc F() {}\n\n// " +
				"größe\n//plugin:namespace=a naem=c\nfunc G() {}\n",
			"package plug\n\n//plugin:namespace=a name=b priority=1\nfunc F() {}\n\n// " +
				"größe\n//plugin:namespace=a name=c\nfunc G() {}\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			dir := program(t)
			name := filepath.Join(dir, "plug", "plug.go")
			write(t, name, test.before)
			report, err := driver.Config{Dir: dir, Tests: true}.Check("./plug")
			is.NoErr(err)
			files, _, err := report.Fix()
			is.NoErr(err)
			is.NoErr(driver.Write(files))
			got, err := os.ReadFile(name)
			is.NoErr(err)
			is.Equal(string(got), test.after)
		})
	}
}

// A file stays the file it was.
func TestFixSymbolicLink(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	link, name := filepath.Join(dir, "plug", "plug.go"), filepath.Join(dir, "plug.go.txt")
	write(t, name, "package plug\n\n//plugin:namespace=a nam=b\nfunc F() {}\n")
	is.NoErr(os.Mkdir(filepath.Dir(link), 0o777))
	if os.Symlink(name, link) != nil {
		t.Skip("no symbolic links")
	}
	is.NoErr(os.Chmod(name, 0o600))
	report, err := driver.Config{Dir: dir, Tests: true}.Check("./plug")
	is.NoErr(err)
	files, _, err := report.Fix()
	is.NoErr(err)
	is.NoErr(driver.Write(files))
	info, err := os.Lstat(name)
	is.NoErr(err)
	is.Equal(info.Mode().Perm(), os.FileMode(0o600))
	got, err := os.ReadFile(name)
	is.NoErr(err)
	is.Equal(string(got), "package plug\n\n//plugin:namespace=a name=b\nfunc F() {}\n")
}

// Of two fixes that insert something different in one place, one is made: in which order both
// would stand is not known. What both have in common is made once.
func TestFixesInOnePlace(t *testing.T) {
	is := is.New(t)
	name := filepath.Join(t.TempDir(), "p.go")
	write(t, name, "package p\n")
	fset := token.NewFileSet()
	file := fset.AddFile(name, -1, len("package p\n"))
	file.SetLinesForContent([]byte("package p\n"))
	insert := func(offset int, text string) driver.Finding {
		pos := file.Pos(offset)
		return driver.Finding{Diagnostic: analysis.Diagnostic{Pos: pos, SuggestedFixes: []analysis.SuggestedFix{{
			TextEdits: []analysis.TextEdit{{Pos: pos, NewText: []byte(text)}},
		}}}}
	}
	report := &driver.Report{Fset: fset, Findings: []driver.Finding{
		insert(10, "// a\n"),
		insert(10, "// b\n"), insert(10, "// a\n"), insert(0, "// c\n"),
	}}
	files, _, err := report.Fix()
	is.NoErr(err)
	is.Equal(len(files), 1)
	is.Equal(string(files[0].New), "// c\npackage p\n\n// a\n")
}

// A package is checked with its tests and without; what is wrong is reported once.
func TestFindingsOnce(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	write(t, filepath.Join(dir, "plug", "plug.go"), "package plug\n\n//plugin:namespace=a nam=b\nfunc F() {}\n")
	write(t, filepath.Join(dir, "plug", "plug_test.go"), "package plug\n\nvar _ = F\n")
	report, err := driver.Config{Dir: dir, Tests: true}.Check("./plug")
	is.NoErr(err)
	is.Equal(len(report.Findings), 1)
}
