package gate

import (
	"bytes"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/bench/tree"
	"github.com/plugingen/plugingen/gen"
)

// write writes a tree, and returns where.
func write(t *testing.T, shape tree.Tree) string {
	t.Helper()
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	shape.Project = "../.."
	is.New(t).NoErr(shape.Write(dir))
	return dir
}

// standard writes a tree and generates.
func standard(t *testing.T, packages int) string {
	t.Helper()
	dir := write(t, tree.Standard(packages, "plugingen"))
	is.New(t).NoErr(plan(t, dir).Apply())
	return dir
}

// plan plans what is to be written, without errors.
func plan(t *testing.T, dir string) *gen.Plan {
	t.Helper()
	is := is.New(t)
	p, err := gen.Make(dir, []string{"./..."})
	is.NoErr(err)
	is.Equal(len(p.Diagnostics), 0)
	return p
}

// goFiles returns the names and the bytes in all of a tree's Go files.
func goFiles(t *testing.T, dir string) (names []string, bytes int64) {
	t.Helper()
	is := is.New(t)
	is.NoErr(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		names, bytes = append(names, path), bytes+info.Size()
		return nil
	}))
	return names, bytes
}

// Of a package without plugins no file is parsed. In the others, those that declare
// no plugin are parsed for their imports.
func TestPackagesWithoutPluginsAreNotParsed(t *testing.T) {
	is := is.New(t)
	dir := standard(t, 200)
	parsed := map[string]bool{}
	plan(t, dir).Fset.Iterate(func(f *token.File) bool {
		parsed[f.Name()] = true
		return true
	})
	names, _ := goFiles(t, dir)
	annotated := map[string]bool{} // directories
	for _, name := range names {
		switch filepath.Base(name) {
		case "a.go", "b.go", "plugins_gen.go":
		default:
			annotated[filepath.Dir(name)] = true
			is.True(parsed[name]) // it declares plugins
		}
	}
	is.True(len(annotated) > 0)
	for name := range parsed {
		is.True(annotated[filepath.Dir(name)]) // nothing else is parsed
	}
}

func TestNothingIsWrittenTwice(t *testing.T) {
	is := is.New(t)
	is.Equal(len(plan(t, standard(t, 200)).Changes), 0)
}

// A plugin that has changed is a change of its package's file, and no other's.
func TestOnlyWhatChangedIsWritten(t *testing.T) {
	is := is.New(t)
	dir := standard(t, 200)
	name := filepath.Join(dir, "g000", "p00009", "plugins.go")
	src, err := os.ReadFile(name)
	is.NoErr(err)
	is.NoErr(os.WriteFile(name, bytes.Replace(src, []byte("// Plugin0 is"), []byte("// Plugin0 was"), 1), 0o644))
	changes := plan(t, dir).Changes
	is.Equal(len(changes), 1) // files to write
	is.Equal(changes[0].Path, filepath.Join(filepath.Dir(name), "plugins_gen.go"))
}

// Each Go file is read once, and little else is.
func TestFilesAreReadOnce(t *testing.T) {
	is := is.New(t)
	dir := standard(t, 500)
	_, want := goFiles(t, dir)
	before := bytesRead(t)
	plan(t, dir)
	read := bytesRead(t) - before
	t.Logf("%d bytes are in the Go files, %d were read", want, read)
	is.True(read >= want)                       // all of it
	is.True(float64(read) < 1.02*float64(want)) // once
}

// Completion, which somebody waits for, does less than a run that finds nothing to write.
func TestCompletionIsLessWorkThanGenerating(t *testing.T) {
	is := is.New(t)
	shape := tree.Standard(200, "plugingen")
	shape.PluginPackages = shape.Packages // there is little else to read
	dir := write(t, shape)
	is.NoErr(plan(t, dir).Apply())
	run := testing.AllocsPerRun(3, func() { plan(t, dir) })
	completion := testing.AllocsPerRun(3, func() {
		plugins, err := gen.Declared(dir, []string{"./..."})
		is.NoErr(err)
		is.Equal(len(plugins), 1000)
	})
	t.Logf("a run makes %.0f allocations, completion %.0f: %.2f of them", run, completion, completion/run)
	is.True(completion < 0.75*run)
}

var readChars = regexp.MustCompile(`rchar: (\d+)`)

// bytesRead returns how many bytes this process has read, where Linux counts them.
func bytesRead(t *testing.T) int64 {
	t.Helper()
	src, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip("bytes that are read can't be counted here:", err)
	}
	n, err := strconv.ParseInt(string(readChars.FindSubmatch(src)[1]), 10, 64)
	is.New(t).NoErr(err)
	return n
}

// What is allocated for each package stays the same however many there are.
func TestGenerationIsLinear(t *testing.T) {
	is := is.New(t)
	each := func(packages int) (allocs, bytes float64) {
		dir := standard(t, packages)
		allocs, bytes = allocated(func() { plan(t, dir) })
		t.Logf("%d packages: %.1f allocations and %.0f bytes for each", packages, allocs/float64(packages),
			bytes/float64(packages))
		return allocs / float64(packages), bytes / float64(packages)
	}
	allocsFew, bytesFew := each(200)
	allocsMany, bytesMany := each(2_000)
	is.True(allocsMany < 1.05*allocsFew)
	is.True(bytesMany < 1.1*bytesFew)
	is.True(allocsMany <= 140)   // for each package of the standard tree
	is.True(bytesMany <= 10_500) // the same
}
