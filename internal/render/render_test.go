package render

import (
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/imports"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
)

// TestLayout renders files with all that can be in them, in many combinations: each is
// valid Go, laid out as gofmt does, with imports as goimports groups them.
func TestLayout(t *testing.T) {
	for seed := range uint64(500) {
		m := maker{rand.New(rand.NewPCG(seed, 0))}
		laidOut(t, m.file())
	}
}

func laidOut(t *testing.T, f *File) {
	t.Helper()
	is := is.New(t)
	src, err := Append(nil, f)
	is.NoErr(err)
	want, err := format.Source(src)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	is.Equal(string(src), string(want))
	want, err = imports.Process("plugins_gen.go", src, &imports.Options{
		FormatOnly: true,
		Comments:   true, TabIndent: true, TabWidth: 8,
	})
	is.NoErr(err)
	is.Equal(string(src), string(want))
}

// TestDeclaresAndNeeds compares what a file is known to declare and to need with what is in it:
// a name that were left out could be declared by the package, too, which would not compile.
func TestDeclaresAndNeeds(t *testing.T) {
	is := is.New(t)
	for seed := range uint64(500) {
		m := maker{rand.New(rand.NewPCG(seed, 2))}
		f := m.file()
		src, err := Append(nil, f)
		is.NoErr(err)
		parsed, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
		is.NoErr(err)
		declares, needs := map[string]bool{}, map[string]bool{}
		for name := range parsed.Scope.Objects {
			declares[name] = true
		}
		for _, id := range parsed.Unresolved {
			// what a file can do without may be a declaration of the package
			if types.Universe.Lookup(id.Name) != nil && id.Name != "any" && id.Name != "new" {
				needs[id.Name] = true
			}
		}
		is.Equal(slices.Compact(slices.Sorted(slices.Values(f.Declares()))), slices.Sorted(maps.Keys(declares)))
		for _, name := range f.Needs() {
			delete(needs, name)
		}
		is.Equal(len(needs), 0) // no others
	}
}

// What was rendered before makes no difference.
func TestRenderIsIndependentOfOrder(t *testing.T) {
	is := is.New(t)
	for seed := range uint64(200) {
		m := maker{rand.New(rand.NewPCG(seed, 1))}
		f := m.file()
		src, err := Append(nil, f)
		is.NoErr(err)
		clear(templates.all)
		again, err := Append(nil, f)
		is.NoErr(err)
		is.Equal(string(src), string(again))
	}
}

// gofmt puts the fields around a very long text in other columns.
func TestLayoutOfLongTexts(t *testing.T) {
	for _, length := range []int{maxText, 1_000_001} {
		ident := func(s string) code.Ident { return must(code.ParseIdent(s)) }
		s := Spec{
			Identifier: ident("Plugin_a__b"), Namespace: "a", Name: "b", Kind: annotate.Type, Symbol: ident("T"),
			Properties: annotate.Properties{Doc: strings.Repeat("x"+placeholder(1), length/6), Deprecated: "old"},
		}
		laidOut(t, &File{Path: "example.com/p", Package: ident("p"), Specs: []Spec{s}})
	}
}

// The name of an import does not depend on how many others would have the same.
func TestImportNames(t *testing.T) {
	is := is.New(t)
	name := func(paths ...string) map[string]string {
		known := map[string]string{annotate.RegistryPath: "registry"}
		for _, p := range paths {
			known[p] = path.Base(p)
		}
		f := &File{Path: "example.com/p", Reserved: []string{"c"}}
		return f.importNames(known)
	}
	few := name("example.com/in/a", "example.com/out/a", "example.com/b", "example.com/c", "example.com/registry")
	is.Equal(few["example.com/in/a"], "in_a")
	is.Equal(few["example.com/out/a"], "out_a")
	is.Equal(few["example.com/b"], "b")
	is.Equal(few["example.com/c"], "c1")
	is.Equal(few["example.com/registry"], "examplecom_registry")
	is.Equal(few[annotate.RegistryPath], "registry")
	many := name("example.com/in/a", "example.com/out/a", "example.com/b", "example.com/c",
		"example.com/registry", "example.com/extra/a", "example.com/extra/b")
	for p, name := range few {
		if p != "example.com/b" { // the first of its name
			is.Equal(many[p], name)
		}
	}
	is.Equal(many["example.com/b"], "examplecom_b")
}

// A module may have a path that begins as one of the standard library does. What its packages are
// called is not known from their paths.
func TestModulesNotInStandardLibrary(t *testing.T) {
	is := is.New(t)
	typ := func(expr, path string) code.Type {
		return must(code.ParseType(expr, map[string]string{"p0": path}))
	}
	ident := func(s string) code.Ident { return must(code.ParseIdent(s)) }
	f := &File{Path: "example.com/p", Package: ident("p"), Specs: []Spec{{
		Identifier: ident("Plugin_a__b"), Namespace: "a", Name: "b", Kind: annotate.Type, Symbol: ident("T"),
		TypeArgs: []code.Type{typ("p0.T", "plugin/api"), typ("p0.T", "net/url"), typ("p0.T", "example/net")},
	}}}
	src, err := Append(nil, f)
	is.NoErr(err)
	const want = "import (\n\t\"net/url\"\n\n\tnet \"example/net\"\n\tapi \"plugin/api\"\n\n\t\"github.com/"
	if !strings.Contains(string(src), want) {
		t.Errorf("there is no %q in\n%s", want, src)
	}
}

// A maker makes files at random.
type maker struct{ *rand.Rand }

func (m maker) maybe() bool { return m.IntN(2) == 0 }

func pick[T any](m maker, from ...T) T { return from[m.IntN(len(from))] }

// several returns up to three of something.
func several[T any](m maker, one func() T) []T {
	var all []T
	for range m.IntN(4) {
		all = append(all, one())
	}
	return all
}

func (m maker) file() *File {
	f := &File{Path: "example.com/p", Package: must(code.ParseIdent("p")), Reserved: several(m, m.symbol)}
	if m.maybe() {
		f.Constraint = pick(m, "linux", "linux && !cgo", "(a || b) && c")
		f.Slug = genfile.Slug(f.Constraint)
	}
	f.Contracts = several(m, m.mark)
	f.Bases = several(m, m.mark)
	f.Interfaces = several(m, func() genfile.Interface {
		return genfile.Interface{Record: m.mark(), Methods: several(m, m.ident), LoadArg: m.typ()}
	})
	f.Structs = m.structs()
	f.Specs = several(m, m.spec)
	if len(f.Structs) > 0 {
		for i := range f.Specs {
			if m.maybe() && f.Specs[i].Kind != annotate.Spec {
				f.Specs[i].Options = &Use{
					Struct: pick(m, f.Structs...).Struct,
					Param:  f.Specs[i].Factory != nil && m.maybe(), Pointer: m.maybe(),
				}
			}
		}
	}
	if m.maybe() {
		f.Host = "//plugin:link"
		f.Tables = several(m, func() Table { return Table{m.text(), append(several(m, m.ref), m.ref())} })
		f.Assertions = several(m, m.assertion)
		f.Sections = several(m, func() Section { return Section{Path: m.text(), Namespace: m.text()} })
		if len(f.Structs) > 0 && m.maybe() {
			f.Sections = append(f.Sections, Section{Path: "agent", Struct: pick(m, f.Structs...).Struct})
		}
	}
	return f
}

func (m maker) mark() genfile.Record {
	return genfile.Record{Namespace: m.namespace(), Symbol: m.symbol()}
}

func (m maker) namespace() string { return pick(m, "a", "my.plugins", "x-y.z_1") }

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func (m maker) ident() code.Ident { return must(code.ParseIdent(m.symbol())) }

func (m maker) symbol() string {
	return pick(m, "T", "New", "registry", "context", "any", "new", "err", "plugin", "spec", "über", "x1")
}

// text is what users may write, at its worst.
func (m maker) text() string {
	return pick(m, "", "plain", "{", "a:b(", "//", "*/", "`", "\"quoted\"", "two\nlines", "\\", "{{",
		"# heading", "- item", "\ttab", "日本", placeholder(0), "\xff\x00")
}

func (m maker) name() string {
	return pick(m, "google cloud storage", "s3:default", "{", "a(", "#", "-", "//x", "日本", "*/", "]:",
		"\nfunc init() {}")
}

func (m maker) ref() code.Ref {
	ref := pick(m, [3]string{"example.com/p", "p", "T"}, [3]string{
		"example.com/q", "q",
		"Plugin_a__b",
	}, [3]string{"example.com/go-r", "r", "C"}, [3]string{"example.com/v2", "v1", "D"})
	return must(code.ParseRef(ref[0], ref[1], ref[2]))
}

func (m maker) spec() Spec {
	s := Spec{
		Namespace: m.namespace(), Name: m.name(), Symbol: m.ident(),
		Kind:    annotate.Kind(1 + m.IntN(int(annotate.Spec))),
		Address: m.maybe(),
	}
	for property := range s.All() {
		switch value := property.Value.(type) {
		case *string:
			*value = m.text()
		case *int:
			*value = m.IntN(3) - 1
		case *[]string:
			*value = several(m, m.text)
		case *[]annotate.Attr:
			*value = several(m, func() annotate.Attr { return annotate.Attr{Key: "x_" + m.symbol(), Value: m.text()} })
		}
	}
	s.Identifier = must(code.ParseIdent(genfile.Identifier(s.Namespace, s.Name)))
	switch s.Kind {
	case annotate.Type:
		s.Methods = several(m, func() string {
			methods := []*rules.Method{
				rules.LoadContext, rules.ShouldLoadBool, rules.CloseWithoutContext, rules.CloseContext,
			}
			return pick(m, methods...).Record
		})
		s.Method = pick(m, code.Ident{}, must(code.ParseIdent("Load")))
	case annotate.Func:
		s.Load = pick(m, code.Ident{}, must(code.ParseIdent("load")))
	case annotate.Factory:
		s.Factory = m.call()
	}
	if s.Kind != annotate.Spec {
		s.TypeArgs = several(m, m.typ)
		if m.maybe() {
			s.ShouldLoad = m.call()
		}
		if m.maybe() {
			contract := Contract{m.ref(), m.maybe()}
			s.Contract = &contract
		}
	}
	if s.Kind == annotate.Type && m.maybe() {
		s.Factory = m.call()
	}
	if s.Kind == annotate.Func && s.Contract != nil {
		s.Interface = m.maybe()
		if s.Interface && m.maybe() {
			s.Adapter = m.adapter()
		}
	}
	return s
}

// structs makes structs with options, which may refer to each other and to one of another
// module.
func (m maker) structs() []*Struct {
	foreign := &options.Struct{Path: "other.example/tls", Package: "tls", Name: "TLS", Shared: true, Foreign: true}
	all := []*options.Struct{foreign}
	var described []*Struct
	for i := range m.IntN(4) {
		s := &options.Struct{Path: "example.com/p", Package: "p", Name: "T" + strconv.Itoa(i), Shared: m.maybe()}
		if m.maybe() {
			s.Path, s.Package, s.Shared = "example.com/"+strings.Repeat("long/", m.IntN(60))+"go-r", "r", false
			s.TypeArgs = several(m, m.typ)
		}
		s.Section = m.text()
		s.Go = must(code.ParseType("p."+s.Name, map[string]string{"p": s.Path}))
		all = append(all, s)
		described = append(described, &Struct{s, m.maybe()})
	}
	for _, s := range all[1:] {
		s.Options = several(m, func() *options.Option { return m.option(all) })
		s.Embedded = several(m, func() options.Embedded { return options.Embedded{Field: m.field(), Elem: m.typ()} })
		s.Parts = several(m, func() options.Part {
			return options.Part{Struct: foreign, Field: m.field(), Pointer: m.maybe()}
		})
		s.SetDefaults = several(m, m.field)
		s.Validates = append(several(m, m.field), nil)
	}
	contained := func() [][]*options.Struct { return rules.Cycles(all, (*options.Struct).Contained) }
	for cycles := contained(); len(cycles) > 0; cycles = contained() { // lists can contain what has them
		for _, o := range cycles[0][0].Options {
			o.Type = &options.Type{Kind: options.List, Elem: o.Type, Go: m.typ()}
		}
	}
	return described
}

// field makes the path of a field.
func (m maker) field() []string { return append(several(m, m.symbol), m.symbol()) }

func (m maker) option(tables []*options.Struct) *options.Option {
	o := &options.Option{
		Name: m.name(), Field: m.field(), Type: m.optionType(tables, 3),
		Doc: m.text(), Example: m.text(), Default: m.text(), HasDefault: m.maybe(), Preset: m.maybe(),
	}
	for property := range o.Properties.All() {
		switch value := property.Value.(type) {
		case *bool:
			*value = m.maybe()
		case *string:
			*value = m.text()
		case *[]string:
			*value = several(m, m.text)
		}
	}
	return o
}

func (m maker) optionType(tables []*options.Struct, depth int) *options.Type {
	t := &options.Type{Kind: options.Kind(1 + m.IntN(int(options.Map))), Go: m.typ()}
	switch {
	case t.Kind == options.Table:
		t.Struct = pick(m, tables...)
	case t.Kind == options.Plugin:
		t.Namespace, t.TypeKey = m.text(), m.text()
	case t.Kind < options.Pointer:
		t.Bits = pick(m, 0, 8, 64)
		t.Number = pick(m, options.Invalid, options.Int)
	case depth == 0:
		t.Kind = options.String
	default:
		t.Elem = m.optionType(tables, depth-1)
	}
	return t
}

func (m maker) call() *Call {
	arg := pick(m, annotate.NoArg, annotate.NameArg, annotate.SpecArg)
	return &Call{Symbol: m.ident(), Arg: arg, Error: m.maybe(), Value: m.maybe()}
}

func (m maker) adapter() *Adapter {
	a := &Adapter{
		Method: must(code.ParseIdent("Serve")), LoadArg: m.typ(),
		Params: several(m, m.typ), Results: several(m, m.typ),
	}
	a.Variadic = len(a.Params) > 0 && m.maybe()
	for _, method := range []*rules.Method{
		rules.LoadContext, rules.LoadArgument, rules.ShouldLoadBool, rules.CloseWithoutContext,
	} {
		if m.maybe() {
			a.Lifecycle = append(a.Lifecycle, method.Record)
		}
	}
	return a
}

func (m maker) assertion() Assertion {
	p := Assertion{
		Contract: Contract{m.ref(), m.maybe()}, Plugin: m.ref(),
		Kind: annotate.Kind(1 + m.IntN(int(annotate.Spec)-1)), Address: m.maybe(),
	}
	if m.maybe() {
		p.Factory = m.call()
		if m.maybe() {
			p.Options = &Use{
				Struct:  &options.Struct{Path: "other.example/tls", Package: "tls", Name: "TLS"},
				Pointer: m.maybe(),
			}
		}
	}
	return p
}

// qualifiers is what the qualifiers stand for in types that typ makes.
var qualifiers = map[string]string{
	"p0": "example.com/p", "p1": "net/http",
	"p2": "example.com/third/v2", "p3": "nodot/api", "p4": "other.example/nodot/api",
}

// typ makes any type that a generated file can have.
func (m maker) typ() code.Type { return must(code.ParseType(m.typeText(2), qualifiers)) }

// typeText is its text, nested so deep.
func (m maker) typeText(depth int) string {
	if depth == 0 {
		return pick(m, "int", "error", "p0.T", "*p1.Request", "p2.Thing", "p3.A", "p4.A", "interface{}", "struct{}")
	}
	inner := func() string { return m.typeText(depth - 1) }
	switch m.IntN(12) {
	case 0:
		return "*" + inner()
	case 1:
		return "[]" + inner()
	case 2:
		return fmt.Sprintf("[%s]%s", pick(m, "3", "p0.N", "0x10", "0XAb", "0O7", "0B1", "07"), inner())
	case 3:
		return fmt.Sprintf("map[%s]%s", inner(), inner())
	case 4:
		return pick(m, "chan ", "<-chan ", "chan<- ") + inner()
	case 5:
		return fmt.Sprintf("func(%s) (%s)", strings.Join(several(m, inner), ", "),
			strings.Join(several(m, inner), ", "))
	case 6:
		return fmt.Sprintf("func(int, ...%s)", inner())
	case 7:
		return fmt.Sprintf("p1.List[%s]", inner())
	case 8:
		return fmt.Sprintf("p0.Pair[%s, %s]", inner(), inner())
	case 9:
		return "(" + inner() + ")"
	}
	return inner()
}

// What a file describes of structs with options is read back from it as it was.
func TestOptionsReadBack(t *testing.T) {
	is := is.New(t)
	described := 0
	for seed := range uint64(300) {
		m := maker{rand.New(rand.NewPCG(seed, 2))}
		f := &File{Path: "example.com/p", Package: must(code.ParseIdent("p")), Structs: m.structs()}
		for _, s := range f.Structs {
			readable(s.Struct)
		}
		src, err := Append(nil, f)
		is.NoErr(err)
		read, err := genfile.Read("plugins_gen.go", src)
		if err != nil {
			t.Fatalf("%v in\n%s", err, src)
		}
		is.Equal(len(read.Structs), len(f.Structs))
		for i, s := range f.Structs {
			described += len(s.Options)
			is.Equal(outline(read.Structs[i]), outline(s.Struct))
		}
	}
	is.True(described > 300)
}

// readable makes a struct at random one that a file may have.
func readable(s *options.Struct) {
	s.Section = "a.b"
	slices.SortFunc(s.Options, func(a, b *options.Option) int { return strings.Compare(a.Name, b.Name) })
	s.Options = slices.CompactFunc(s.Options, func(a, b *options.Option) bool { return a.Name == b.Name })
	s.Options = slices.DeleteFunc(s.Options, func(o *options.Option) bool { return strings.Contains(o.Name, "\n") })
	for _, o := range s.Options {
		for _, text := range []*string{
			&o.Doc, &o.Example, &o.Default, &o.Min, &o.Max, &o.Pattern, &o.Env,
			&o.Deprecated,
		} {
			*text = strings.ToValidUTF8(*text, "?")
		}
		for _, list := range [][]string{o.Enum, o.Aliases} {
			for i := range list {
				list[i] = strings.ToValidUTF8(list[i], "?")
			}
		}
		if t := o.Type.Leaf(); t.Kind == options.Plugin {
			t.Namespace = "my.plugins"
			t.TypeKey = strings.ToValidUTF8(t.TypeKey, "?")
		}
		switch t := o.Type.Leaf(); t.Kind {
		case options.Int, options.Uint:
		case options.Float:
			t.Bits = 64
		default:
			t.Bits = 0
		}
	}
}

// outline returns what is described of a struct, and the names of those that it refers to.
func outline(s *options.Struct) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s %t %q\n", s.Path, s.Name, s.Shared, s.Section)
	for _, p := range s.Parts {
		fmt.Fprintf(&b, "\tpart %s.%s\n", p.Path, p.Name)
	}
	for _, o := range s.Options {
		t := o.Type.Leaf()
		data := *o
		data.Type, data.Field = nil, nil
		fmt.Fprintf(&b, "\t%s %q %q %+q\n", genfile.TypeName(o.Type), t.Namespace, t.TypeKey, fmt.Sprintf("%+v", data))
		if t.Struct != nil {
			fmt.Fprintf(&b, "\t\t%s.%s\n", t.Struct.Path, t.Struct.Name)
		}
	}
	return b.String()
}
