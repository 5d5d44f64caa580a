package gen_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/gen"
)

var (
	trees = flag.Int("trees", 25, "how many random trees TestBuildable changes")
	first = flag.Uint64("first", 0, "the seed of the first of them")
)

// TestBuildable makes random changes to random trees, slips included, and generates for random
// packages: what could be built before can be built after. Where nothing is wrong and all
// is generated, everything can be built.
func TestBuildable(t *testing.T) {
	if testing.Short() {
		t.Skip("loads packages")
	}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	known := knownPackages(t)
	for seed := *first; seed < *first+uint64(*trees); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.generate("./...")
			w.allBuildable(known)
			for range 6 {
				w.change()
				before := buildable(w.dir, known)
				patterns := w.patterns()
				w.generate(patterns...)
				after := buildable(w.dir, known)
				for path, err := range before {
					if err == nil && after[path] != nil {
						t.Fatalf("%v broke %s: %v\nafter %s", patterns, path, after[path], strings.Join(w.log, "\n\t"))
					}
				}
			}
			w.mend()
			w.generate("./...")
			w.allBuildable(known)
		})
	}
}

// A world is a tree that changes.
type world struct {
	*rand.Rand
	t        *testing.T
	dir      string
	packages []*randomPackage
	hosts    []*randomHost
	api      string // what is wrong with the package of the contracts
	counter  int
	log      []string
}

// A randomPackage has plugins.
type randomPackage struct {
	name    string
	imports bool // the package of the contracts
	plugins []*randomPlugin
	slip    string // what is wrong with it, "" for nothing
}

type randomPlugin struct {
	symbol, namespace, name string
	function                bool
	platform                string // of the file that it is in
	silent                  bool   // it has no directive
	slip                    string
}

// A randomHost links plugins. It is a package main, or one that has a plugin itself.
type randomHost struct {
	dir, args  string
	importable bool
	slip       string
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 3)), t: t, dir: t.TempDir()}
	w.write("go.mod", "module example.com/tree\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n")
	for i := range 3 + w.IntN(4) {
		p := &randomPackage{name: fmt.Sprintf("%c%d", "az"[i%2], i), imports: w.maybe()} // before and after hosts
		for range 1 + w.IntN(3) {
			p.plugins = append(p.plugins, w.plugin(p))
		}
		w.packages = append(w.packages, p)
	}
	w.hosts = []*randomHost{{dir: "cmd/one"}, {dir: "cmd/two", args: " namespaces=*"}}
	if w.maybe() {
		w.hosts = append(w.hosts, &randomHost{
			dir: "lib", importable: true,
			args: " packages=example.com/tree/" + w.packages[0].name,
		})
	}
	w.writeAll()
	return w
}

func (w *world) maybe() bool { return w.IntN(2) == 0 }

func oneOf[T any](w *world, from ...T) T { return from[w.IntN(len(from))] }

// plugin makes a plugin with which nothing is wrong.
func (w *world) plugin(p *randomPackage) *randomPlugin {
	w.counter++
	x := &randomPlugin{
		symbol: fmt.Sprintf("P%d", w.counter), name: fmt.Sprintf("n%d", w.counter),
		namespace: oneOf(w, "two", "one", "fn"), platform: oneOf(w, "", "", "", "_linux", "_windows"),
	}
	x.function = x.namespace == "fn" || x.namespace == "one" && p.imports && w.maybe()
	return x
}

// change makes some changes.
func (w *world) change() {
	for range 1 + w.IntN(3) {
		p := oneOf(w, w.packages...)
		h := oneOf(w, w.hosts...)
		switch n := w.IntN(14); {
		case n == 0:
			p.plugins = append(p.plugins, w.plugin(p))
		case n == 1 && len(p.plugins) > 0:
			i := w.IntN(len(p.plugins))
			p.plugins = slices.Delete(p.plugins, i, i+1)
		case n <= 6 && len(p.plugins) > 0:
			x := oneOf(w, p.plugins...)
			switch w.IntN(6) {
			case 0:
				x.silent = !x.silent
			case 1:
				w.counter++
				x.name = fmt.Sprintf("n%d", w.counter)
			case 2:
				if !x.function { // it satisfies either contract: what it does not satisfy is for the compiler to say
					x.namespace = oneOf(w, "two", "one")
				}
			case 3:
				x.platform = oneOf(w, "", "_linux")
			default:
				x.slip = oneOf(w, "", "key", "requires", "stand", "taken", "twice", "lifecycle")
			}
		case n == 13:
			w.api = oneOf(w, "", "packag", "half", "key")
		case n <= 9:
			p.slip = oneOf(w, "", "empty", "packag", "half", "way", "gone", "hides")
		default:
			h.slip = oneOf(w, "", "key", "nothing", "glob", "none", "syntax", "taken")
		}
	}
	w.writeAll()
}

// mend takes back all that is wrong.
func (w *world) mend() {
	w.api = ""
	for _, p := range w.packages {
		p.slip = ""
		for i, x := range p.plugins {
			if x.slip != "" {
				p.plugins[i] = w.plugin(p)
			}
			p.plugins[i].slip = ""
		}
		p.plugins = append(p.plugins, w.plugin(p))
	}
	for _, h := range w.hosts {
		h.slip = ""
	}
	w.writeAll()
}

// patterns returns what somebody generates for.
func (w *world) patterns() []string {
	switch w.IntN(5) {
	case 0:
		return []string{"./" + oneOf(w, w.packages...).name}
	case 1:
		return []string{"./" + oneOf(w, w.hosts...).dir}
	case 2:
		return []string{"./cmd/...", "./" + oneOf(w, w.packages...).name}
	}
	return []string{"./..."}
}

func (w *world) write(name, src string) {
	is := is.New(w.t)
	file := filepath.Join(w.dir, name)
	is.NoErr(os.MkdirAll(filepath.Dir(file), 0o777))
	is.NoErr(os.WriteFile(file, []byte(src), 0o666))
}

func (w *world) writeAll() {
	w.writeAPI()
	for _, p := range w.packages {
		w.writePackage(p)
	}
	for _, h := range w.hosts {
		w.writeHost(h)
	}
}

// writeAPI writes the package of the contracts.
func (w *world) writeAPI() {
	src := "package api\n\n//plugin:namespace=two\ntype Two interface{ A(); B() " +
		"}\n\n//plugin:namespace=one\ntype One interface{ A() " +
		"}\n\n//plugin:namespace=fn\ntype Fn func()\n"
	switch w.api {
	case "packag":
		src = strings.Replace(src, "package", "packag", 1)
	case "half":
		src = src[:len(src)/2]
	case "key":
		src = strings.ReplaceAll(src, "namespace=one", "namespace=one,more")
	}
	w.write("api/api.go", src)
	w.log = append(w.log, fmt.Sprintf("api %q", w.api))
}

func (w *world) writePackage(p *randomPackage) {
	files := map[string]string{"": "", "_linux": "", "_windows": ""}
	for _, x := range p.plugins {
		files[x.platform] += x.source()
	}
	head := "package " + p.name + "\n"
	if p.imports {
		head += "\nimport _ \"example.com/tree/api\"\n"
	}
	for platform, src := range files {
		name := filepath.Join(p.name, "p"+platform+".go")
		src = head + src
		switch {
		case platform != "" && files[platform] == "", p.slip == "gone":
			os.Remove(filepath.Join(w.dir, name))
			continue
		case p.slip == "empty":
			src = ""
		case p.slip == "packag":
			src = strings.Replace(head, "package", "packag", 1)
		case p.slip == "half":
			src = src[:len(src)/2]
		case p.slip == "hides" && platform == "":
			src += "\ntype error interface{}\n"
		}
		w.write(name, src)
	}
	generated := filepath.Join(w.dir, p.name, "plugins_gen.go")
	switch src, err := os.ReadFile(generated); {
	case p.slip == "way" && err != nil:
		w.write(filepath.Join(p.name, "plugins_gen.go"), "package "+p.name+"\n\nvar mine = 1\n")
	case p.slip != "way" && err == nil && strings.Contains(string(src), "mine"):
		os.Remove(generated)
	}
	w.log = append(w.log, fmt.Sprintf("%s %q", p.name, p.slip))
	for _, x := range p.plugins {
		w.log = append(w.log, fmt.Sprintf("  %+v", *x))
	}
}

// source returns the declaration of a plugin.
func (x *randomPlugin) source() string {
	directive := fmt.Sprintf("\n//plugin:namespace=%s name=%s", x.namespace, x.name)
	switch {
	case x.silent:
		directive = "\n// It was a plugin once."
	case x.slip == "key":
		directive = strings.Replace(directive, "name=", "nmae=", 1)
	case x.slip == "requires":
		directive += " requires=nothing"
	}
	src := fmt.Sprintf("%s\ntype %s struct{}\n\nfunc (%[2]s) A() {}\nfunc (%[2]s) B() {}\n", directive, x.symbol)
	if x.function || x.slip == "stand" {
		src = fmt.Sprintf("%s\nfunc %s() {}\n", directive, x.symbol)
	}
	switch x.slip {
	case "taken":
		src += fmt.Sprintf("\nfunc newPlugin_%s__%s() {}\n", x.namespace, x.name)
	case "lifecycle":
		if !x.function {
			src += fmt.Sprintf("\nfunc (%s) Load(int) {}\n", x.symbol)
		}
	case "twice":
		if x.function { // no type is of a func type
			return src + fmt.Sprintf("\n//plugin:namespace=%s name=%s\nfunc Twice%s() {}\n", x.namespace, x.name, x.symbol)
		}
		src += fmt.Sprintf(
			"\n//plugin:namespace=%s name=%s\ntype Twice%s struct{}\n\nfunc (Twice%[3]s) A() "+
				"{}\nfunc (Twice%[3]s) B() {}\n", x.namespace, x.name, x.symbol)
	}
	return src
}

func (w *world) writeHost(h *randomHost) {
	pkg := "main"
	src := "//plugin:link" + h.args
	if h.importable {
		pkg = filepath.Base(h.dir)
	}
	switch h.slip {
	case "key":
		src += " nmae=x"
	case "nothing":
		src = "//plugin:link packages=example.com/tree/nowhere/..."
	case "glob":
		src += " exclude=[a"
	case "none":
		src = ""
	case "syntax":
		src += "\n\nfunc {"
	case "taken":
		src += "\n\nvar pluginLinks = 1"
	}
	src = "package " + pkg + "\n\n" + src + "\n"
	if h.importable {
		src += "\n//plugin:namespace=two name=lib\ntype Lib struct{}\n\nfunc (Lib) A() {}\nfunc (Lib) B() {}\n"
	} else {
		src += "\nfunc main() {}\n"
	}
	w.write(filepath.Join(h.dir, "host.go"), src)
	w.log = append(w.log, fmt.Sprintf("%s %q", h.dir, h.slip))
}

func (w *world) generate(patterns ...string) {
	w.t.Helper()
	plan, err := gen.Make(w.dir, patterns)
	is := is.New(w.t)
	is.NoErr(err)
	is.NoErr(plan.Apply())
	w.log = append(w.log, fmt.Sprintf("generate %v: %d diagnostics", patterns, len(plan.Diagnostics)))
}

// allBuildable checks that there is nothing wrong with the tree.
func (w *world) allBuildable(known map[string]*types.Package) {
	w.t.Helper()
	for path, err := range buildable(w.dir, known) {
		if err != nil {
			w.t.Fatalf("%s: %v\nafter %s", path, err, strings.Join(w.log, "\n\t"))
		}
	}
	plan, err := gen.Make(w.dir, []string{"./..."})
	is := is.New(w.t)
	is.NoErr(err)
	is.Equal(len(plan.Diagnostics), 0)
	is.Equal(len(plan.Changes), 0)
}

// knownPackages returns the packages that generated files import, but for the tree's own.
func knownPackages(t *testing.T) map[string]*types.Package {
	t.Helper()
	is := is.New(t)
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes},
		"github.com/plugingen/plugingen/registry", "github.com/plugingen/plugingen/registry/generated", "context")
	is.NoErr(err)
	known := map[string]*types.Package{}
	for _, p := range loaded {
		is.Equal(len(p.Errors), 0)
		known[p.PkgPath] = p.Types
	}
	return known
}

// buildable returns what is wrong with each package of a tree, nil where it can be built.
func buildable(dir string, known map[string]*types.Package) map[string]error {
	b := &builder{dir: dir, known: known, checked: map[string]*types.Package{}, errs: map[string]error{}}
	filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			rel, _ := filepath.Rel(dir, path)
			b.Import("example.com/tree/" + filepath.ToSlash(rel))
		}
		return err
	})
	return b.errs
}

// A builder type-checks packages.
type builder struct {
	dir     string
	known   map[string]*types.Package
	checked map[string]*types.Package
	errs    map[string]error
}

func (b *builder) Import(path string) (*types.Package, error) {
	if p := b.known[path]; p != nil {
		return p, nil
	}
	if _, ok := b.errs[path]; !ok {
		b.errs[path] = fmt.Errorf("import cycle")
		b.checked[path], b.errs[path] = b.check(path)
	}
	return b.checked[path], b.errs[path]
}

func (b *builder) check(path string) (*types.Package, error) {
	dir := filepath.Join(b.dir, strings.TrimPrefix(path, "example.com/tree/"))
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return (&types.Config{Importer: b}).Check(path, fset, files, nil)
}
