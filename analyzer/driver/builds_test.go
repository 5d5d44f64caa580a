package driver_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/driver"
	"github.com/plugingen/plugingen/gen"
)

// Whatever is declared once for each platform or edition, in whatever files: what plugingen
// takes and the compiler compiles is right for pluginvet, in each build.
func TestOtherBuilds(t *testing.T) {
	seeds := 5
	if testing.Short() {
		seeds = 2
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			is := is.New(t)
			dir := program(t)
			is.NoErr(os.RemoveAll(filepath.Join(dir, "cmd")))
			for _, name := range []string{"api", "free", "store", "web", "steps"} {
				is.NoErr(os.RemoveAll(filepath.Join(dir, name)))
			}
			w := &world{rand: rand.New(rand.NewPCG(seed, 1)), files: map[string]*file{}}
			w.program()
			for name, f := range w.files {
				write(t, filepath.Join(dir, filepath.FromSlash(name)), f.text())
			}
			plan, err := gen.Make(dir, []string{"./..."})
			is.NoErr(err)
			for _, d := range plan.Diagnostics {
				t.Errorf("plugingen: %s: %s", plan.Fset.Position(d.Pos), d.Message)
			}
			is.NoErr(plan.Apply())
			for _, system := range []string{"linux", "windows", "darwin"} {
				for _, tags := range []string{"", "pro"} {
					c := driver.Config{
						Dir: dir, Tests: true, Tags: tags,
						Env: append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
					}
					for _, line := range checkWith(t, c) {
						t.Errorf("GOOS=%s -tags=%s: %s", system, tags, line)
					}
				}
			}
			if t.Failed() {
				t.Log(w)
			}
		})
	}
}

// A world is a program that is made up at random.
type world struct {
	rand  *rand.Rand
	files map[string]*file
	ids   int
}

type file struct {
	pkg, build string
	imports    map[string]bool
	code       []string
}

// builds are ways to divide all builds into some that exclude each other.
var builds = [][]string{
	{""},
	{""},
	{"linux", "!linux"},
	{"windows", "!windows"},
	{"pro", "!pro"},
	{"cgo", "!cgo"},
	{"linux", "darwin", "!linux && !darwin"},
	{"windows && pro", "!windows || !pro"},
}

func (w *world) one(of ...string) string { return of[w.rand.IntN(len(of))] }

func (w *world) division() []string { return builds[w.rand.IntN(len(builds))] }

// add declares something in one of the package's files for a build.
func (w *world) add(dir, build, code string, imports ...string) {
	name := w.one("a", "b", "c")
	constrained := build
	switch {
	case (build == "linux" || build == "windows" || build == "darwin") && w.rand.IntN(2) == 0:
		name, constrained = name+"_"+build, ""
	case build != "":
		name += "_" + strings.NewReplacer("!", "not ", "&&", "and", "||", "or", " ", "").Replace(build) + "_x"
	}
	name = filepath.ToSlash(filepath.Join(dir, name+".go"))
	f := w.files[name]
	if f == nil {
		f = &file{pkg: packageOf(dir), build: constrained, imports: map[string]bool{}}
		w.files[name] = f
	}
	f.code = append(f.code, code)
	for _, path := range imports {
		f.imports[path] = true
	}
}

func packageOf(dir string) string {
	if dir == "." || strings.HasPrefix(dir, "cmd/") {
		return "main"
	}
	return filepath.Base(dir)
}

func (f *file) text() string {
	var b strings.Builder
	if f.build != "" {
		fmt.Fprintf(&b, "//go:build %s\n\n", f.build)
	}
	fmt.Fprintf(&b, "package %s\n\n", f.pkg)
	for _, path := range slices.Sorted(maps.Keys(f.imports)) {
		fmt.Fprintf(&b, "import %q\n", path)
	}
	for _, code := range f.code {
		b.WriteString("\n" + code + "\n")
	}
	return b.String()
}

func (w *world) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.files)) {
		fmt.Fprintf(&b, "\n-- %s --\n%s", name, w.files[name].text())
	}
	return b.String()
}

// helper declares something once for all builds, or once for each.
func (w *world) helper(dir, code string, imports ...string) {
	for _, build := range w.division() {
		w.add(dir, build, code, imports...)
	}
}

const (
	registryPath = "github.com/plugingen/plugingen/registry"
	seed         = "example.com/seed/"
)

func (w *world) program() {
	w.add("consts", "", "// Package consts is in each build.")
	w.helper("consts", `const Space, prefix = "app.spec", "name"`)
	w.helper("consts", `const Prefix = prefix + "_"`)
	w.helper("base", "//plugin:namespace=app.based\ntype Base struct{}")
	w.helper("base", "type Middle struct{ Base }")
	w.helper("api", "//plugin:namespace=app.api\ntype Doer interface { Do(Arg) }")
	w.helper("api", "type Arg int")
	w.add("only", "windows", "//plugin:namespace=app.only\ntype Base struct{}\n\nconst Prefix = "+
		"\"only\"\n\ntype Alias = Base")
	w.add("only/more", "windows", "//plugin:name=more\ntype More struct{ only.Alias }", seed+"only")
	for _, dir := range []string{"p", "q", "q/r"} {
		w.add(dir, "", "// Package "+packageOf(dir)+" is in each build.")
		for range 8 {
			w.plugin(dir)
		}
	}
	w.add("main", "", "") // a package of that name is nothing special
	for i, build := range w.division() {
		w.add(".", build, "//plugin:link"+w.one("", " packages=example.com/seed/...",
			" namespaces=app.*")+fmt.Sprintf("\n\nvar _ = %d", i))
	}
	w.add(".", "", "func main() { manage() }")
	w.helper(".", "func manage() {\n\tctx := "+
		"context.Background()\n\tregistry.NewManager[any](\"app.only\").LoadAll(ctx)\n"+
		"\tregistry.NewManager[any](\"app.type\").Load(ctx, \"pro\")\n}",
		"context", registryPath)
	w.add("cmd/two", w.one("windows", "pro"), "//plugin:link "+
		"packages=example.com/seed/only/...,example.com/seed/p namespaces=app.only,app.type")
	w.add("cmd/two", "", "func main() {}")
	w.add("p", "", "//plugin:namespace=app.type name=first\ntype First struct{}")
	w.add("p", "pro", "//plugin:namespace=app.type name=pro aliases=prof\ntype Pro struct{}")
}

// plugin declares a plugin in some way that could go wrong.
func (w *world) plugin(dir string) {
	w.ids++
	id := fmt.Sprint(w.ids)
	build := w.division()[0]
	is := func(code string, imports ...string) { w.add(dir, build, strings.ReplaceAll(code, "9", id), imports...) }
	has := func(code string, imports ...string) { w.helper(dir, strings.ReplaceAll(code, "9", id), imports...) }
	switch w.rand.IntN(12) {
	case 0:
		is("//plugin:namespace=app.type name=t9 requires=first\ntype T9 struct{ h9 }")
		has("type h9 struct{ n int }\n\nfunc (*h9) Close() error { return nil }")
	case 1:
		is("//plugin:namespace=app.type name=t9 factory=new9 should_load=on9\ntype T9 struct{ h9 }")
		has("type h9 map[string]int")
		has("func new9(name string) (*T9, error) { return new(T9), nil }\n\nvar _ = new9")
		has("func on9() bool { return true }")
		if build != "" {
			w.other(dir, build, "type T"+id+" struct{}")
		}
	case 2:
		is("//plugin:namespace=app.type name=t9 type_args=h9,[]*h9\ntype T9[A comparable, B any] struct{ a A; b B }")
		has("type h9 = int")
	case 3:
		is("//plugin:namespace=app.func name=f9 should_load=on9\nfunc F9(h9) error { return nil }")
		has("type h9 struct{}")
		has("const on9 = yes9 || !yes9")
		has("const yes9 = true")
	case 4:
		is("//plugin:namespace=app.type name=v9\nvar V9 = h9{}")
		has("type h9 struct{ n int }")
	case 5:
		is("var S9 = registry.Spec{Namespace: consts.Space, Name: consts.Prefix + suffix9, New: make9}",
			registryPath, seed+"consts")
		has(`const suffix9 = "9"`)
		has("func make9(*registry.Spec) (any, error) { return 1, nil }\n\nvar _ = make9", registryPath)
	case 6:
		is("//plugin:name=b9\ntype T9 struct{ base.Middle }", seed+"base")
	case 7:
		is("//plugin:namespace=app.api name=a9\ntype T9 struct{}\n\nvar _ api.Doer", seed+"api")
		is("func (T9) Do(api.Arg) {}", seed+"api")
	case 8:
		for i, build := range w.division() {
			w.add(dir, build, strings.ReplaceAll(fmt.Sprintf("//plugin:namespace=app.type name=t9\ntype T9 "+
				"struct{ fd [%d]byte }", i), "9", id))
		}
	case 9:
		for _, build := range w.division() {
			w.add(dir, build, strings.ReplaceAll("//plugin:namespace=app.type name=g9 factory "+
				"type_args=int\nfunc NewG9[T any]() *G9[T] { return new(G9[T]) }", "9", id))
		}
		has("type G9[T any] struct{ t T }")
	case 10:
		w.add(dir, "windows", strings.ReplaceAll("//plugin:name=o9\ntype T9 struct{ *only.Alias }\n\nvar S9 "+
			"= registry.Spec{Namespace: consts.Space, Name: only.Prefix + \"9\", New: func(*registry.Spec) "+
			"(any, error) { return 1, nil }}", "9", id),
			registryPath, seed+"only", seed+"consts")
	case 11:
		has("type T9 struct {\n\tlocal9 `plugin:\"name=t9\"`\n}")
		has("//plugin:namespace=app.type\ntype local9 struct{}")
	}
}

// other declares something in the builds that a build is not.
func (w *world) other(dir, build, code string) {
	w.add(dir, "!("+build+")", code)
}
