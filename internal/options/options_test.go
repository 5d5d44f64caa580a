package options

import (
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/golden"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/source"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// TestStandard compares the table of the standard library's types with the types: each entry
// is right, and of the packages in the table no type that can be an option is missing.
func TestStandard(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks packages of the standard library")
	}
	imp := importer.ForCompiler(token.NewFileSet(), "source", nil)
	for _, path := range slices.Sorted(maps.Keys(standard)) {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, name := range pkg.Scope().Names() {
			obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
			if kind := kindOfType(pkg, obj); ok && obj.Exported() && kind != "" {
				want[name] = kind
			}
		}
		got := map[string]string{}
		for entry := range strings.FieldsSeq(standard[path]) {
			name, kind, _ := strings.Cut(entry, "=")
			got[name] = kind
			if want[name] != kind {
				t.Errorf("%s.%s is %q, and the table has %q", path, name, want[name], kind)
			}
		}
		for name, kind := range want {
			if got[name] == "" && !strings.HasSuffix(name, "Error") && kind != "uintptr" {
				t.Errorf("%s.%s=%s is not in the table", path, name, kind)
			}
		}
	}
}

// kindOfType returns the kind of a type as the table has it.
func kindOfType(pkg *types.Package, obj *types.TypeName) string {
	if obj == nil {
		return ""
	}
	named, ok := types.Unalias(obj.Type()).(*types.Named)
	if !ok || named.TypeParams().Len() > 0 {
		return ""
	}
	kind := ""
	if b, ok := named.Underlying().(*types.Basic); ok {
		kind = types.Typ[b.Kind()].Name() // uint8 for byte
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	switch {
	case methods.Lookup(pkg, "UnmarshalText") != nil:
		return strings.TrimSuffix("text:"+kind, ":")
	case pkg.Path() == "time" && obj.Name() == "Duration":
		return "duration"
	case pkg.Path() == "net/url" && methods.Lookup(pkg, "UnmarshalBinary") != nil:
		return "binary"
	}
	return kind
}

// TestStandardTypesParseTheirText checks that the text of each type of the table that has UnmarshalText is parsed,
// so that a default of it is checked.
func TestStandardTypesParseTheirText(t *testing.T) {
	for path, entries := range standard {
		for entry := range strings.FieldsSeq(entries) {
			name, kind, _ := strings.Cut(entry, "=")
			full := path + "." + name
			if strings.HasPrefix(kind, "text") || kind == "binary" {
				is := is.New(t)
				is.True(full == "crypto/x509.OID" || texts[full] != nil) // it can be checked
			}
		}
	}
}

// TestParse compares what is accepted as a default with what the decoder of package config
// accepts.
func TestParse(t *testing.T) {
	inputs := []string{
		"", " ", "0", "1", "-1", "+1", "01", "-0", "127", "128", "-128", "-129", "255", "256", "65535", "65536",
		"2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
		"18446744073709551615", "18446744073709551616", "1.5", "1e3", "1e400", "0x10", "0x1p4", ".5", "5.", "1e5", "-0.5", "00.5", "1_000", "NaN", "Inf", "-inf",
		"true", "false", "True", "t", "yes", "5s", "1h30m", "30m1h", "1s1s", "5", "-5s", "1.5h", "5 s", "ms", "1us", "1µs",
		"99999999999h", "1d", "0s", "a", "é", "null", "[1]", "{}", "\x00",
	}
	for _, test := range []struct {
		typ Type
		get func(string) error
	}{
		{Type{Kind: Int, Bits: 8}, decodes(typed("int8"), generated.Int[int8])},
		{Type{Kind: Int, Bits: 64}, decodes(typed("int64"), generated.Int[int64])},
		{Type{Kind: Uint, Bits: 8}, decodes(typed("uint8"), generated.Uint[uint8])},
		{Type{Kind: Uint, Bits: 64}, decodes(typed("uint64"), generated.Uint[uint64])},
		{Type{Kind: Float, Bits: 64}, decodes(typed("float64"), generated.Float[float64])},
		{Type{Kind: Float, Bits: 32}, decodes(typed("float32"), generated.Float[float32])},
		{Type{Kind: Bool}, decodes(typed("bool"), generated.Bool[bool])},
		{Type{Kind: Duration}, decodes(typed("duration"), generated.Duration[time.Duration])},
		{Type{Kind: String}, decodes(typed("string"), generated.String[string])},
	} {
		for _, s := range inputs {
			_, why := parse(&test.typ, s)
			err := test.get(s)
			if why == "" && err != nil {
				t.Errorf("%v %d: %q is accepted as a default, and the decoder says %v", test.typ.Kind, test.typ.Bits, s, err)
			}
			if why != "" && err == nil && !lenient[s] {
				t.Errorf("%v %d: %q %s, but the decoder accepts it", test.typ.Kind, test.typ.Bits, s, why)
			}
		}
	}
}

// lenient are texts that the decoder accepts since they may come from the environment, and
// that a declaration should not have.
var lenient = map[string]bool{
	"t": true, "True": true, "1": true, "0": true, "1e3": true, "01": true, "+1": true, "-0": true, "0x10": true, ".5": true, "5.": true, "1e5": true, "00.5": true,
}

// typed returns what makes an option one of a type.
func typed(name string) func(*generated.Option) {
	return func(o *generated.Option) { o.Type = name }
}

// decodes returns a function that decodes a text as the default of an option.
func decodes[T any](set func(*generated.Option), elem func(*generated.Decoder, *T)) func(string) error {
	return func(text string) error {
		o := generated.Option{Name: "x", Default: text, HasDefault: true}
		set(&o)
		all := &generated.Options{
			Type: "T", Options: []generated.Option{o},
			Zero: (*T)(nil), New: func() any { return new(T) },
		}
		all.Fill = func(d *generated.Decoder, target any) {
			d.Begin()
			if d.Option(0) {
				elem(d, target.(*T))
			}
			d.End()
		}
		return generated.Fill(generated.Request{Options: all, Target: all.New()}).Err
	}
}

// TestJoined checks that lists of values come apart again as the decoder takes them apart.
func TestJoined(t *testing.T) {
	is := is.New(t)
	list := &Type{Kind: List, Elem: &Type{Kind: String}}
	is.Equal(joined(list, []string{"a", "b"}), "a,b")
	is.Equal(joined(list, []string{"a,b", "c"}), `["a,b","c"]`)
	is.Equal(joined(list, []string{""}), `[""]`)
	is.Equal(joined(list, []string{"[a]"}), `["[a]"]`)
	is.Equal(joined(&Type{Kind: String}, []string{"a", "b"}), "a,b") // a comma in an unquoted value
	is.Equal(joined(&Type{Kind: Pointer, Elem: list}, []string{"a,b"}), `["a,b"]`)
}

// TestItems compares the items of a default with those that the decoder makes of it.
func TestItems(t *testing.T) {
	refused := []string{`["a", 1]`, `["a"`} // by the decoder
	for value, want := range map[string][]string{
		"": nil, " ": nil, "a": {"a"}, "a,b": {"a", "b"}, " a , b ": {"a", "b"}, ",": {"", ""}, "a,": {"a", ""},
		"null": {"null"}, "true": {"true"}, "12": {"12"}, `"a"`: {`"a"`}, `"a,b"`: {`"a`, `b"`},
		`["a","b"]`: {"a", "b"}, ` ["a,b", ""] `: {"a,b", ""}, "[]": nil, "\u00a0a\u00a0": {"a"},
		`["a", 1]`: {`["a"`, "1]"}, `["a"`: {`["a"`},
	} {
		t.Run(value, func(t *testing.T) {
			is := is.New(t)
			is.Equal(slices.Concat(Items(value)), want)
			var decoded []string
			err := decodes(typed("[]string"), func(d *generated.Decoder, p *[]string) {
				generated.List(d, p, generated.String)
				decoded = slices.Concat(*p)
			})(value)
			is.Equal(err != nil, slices.Contains(refused, value))
			is.True(err != nil || slices.Equal(decoded, want))
		})
	}
}

func TestShowDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 90 * time.Second: "1m30s", time.Minute: "1m", time.Hour: "1h",
		time.Hour + time.Second: "1h0m1s", 1500 * time.Millisecond: "1.5s", -time.Minute: "-1m",
		10 * time.Minute: "10m", 20 * time.Hour: "20h", 250 * time.Microsecond: "250µs",
	} {
		is := is.New(t)
		got := showDuration(d)
		is.Equal(got, want)
		back, err := config.ParseDuration(got)
		is.NoErr(err)
		is.Equal(back, d) // it is read back
	}
}

// TestHelp reads the example of "plugingen help keys": there is no error in it.
func TestHelp(t *testing.T) {
	is := is.New(t)
	var help strings.Builder
	is.NoErr(language.WriteHelp(&help))
	_, example, _ := strings.Cut(help.String(), "\nOPTIONS\n")
	example, _, found := strings.Cut(example, "Run plugingen")
	is.True(found)
	src := "package p\n\nimport (\n\t\"net/netip\"\n\t\"time\"\n)\n"
	for line := range strings.Lines(example) {
		if code, ok := strings.CutPrefix(line, "\t"); ok || line == "\n" {
			src += strings.ReplaceAll(code, "{ ... }", "{ return nil }")
		}
	}
	read := readSource(t, src)
	is.Equal(len(read.Diagnostics), 0)
	is.Equal(len(read.Uses), 1)
	for _, u := range read.Uses {
		is.Equal(len(u.Options), 7)
		is.Equal(u.Options[0].Doc, "Addr is the address to listen on.")
	}
}

// readSource reads the options of a package that imports no others.
func readSource(t *testing.T, src string) *Package {
	t.Helper()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	p := source.Read(fset, "example.com/p", []source.File{{Name: "a.go", Path: "a.go", Syntax: syntax}}, nil)
	p.Resolve(nil)
	read := Read(p, alone{p}, func(string, *annotate.File) string { return "" })
	read.Diagnostics = append(read.Diagnostics, p.Diagnostics...)
	return read
}

// TestEndlessTypeIsAnError checks that a generic struct that contains itself with ever other type arguments,
// which does not compile, is an error and not endless.
func TestEndlessTypeIsAnError(t *testing.T) {
	is := is.New(t)
	const src = `package p

//plugin:namespace=n name=x
type X struct {
	G G[int] ` + "`plugin:\"option\"`" + `
}

type G[T any] struct {
	A *G[[]T]          ` + "`plugin:\"option\"`" + `
	B *G[map[string]T] ` + "`plugin:\"option\"`" + `
}
`
	read := readSource(t, src)
	is.True(len(read.Diagnostics) > 0)
	is.True(strings.Contains(read.Diagnostics[0].Message, "it is nested too deeply"))
}

// FuzzTag reads options with arbitrary text in the tag of a field. Nothing panics, each
// diagnostic is in the file, and an option without one has a value that its type allows.
func FuzzTag(f *testing.F) {
	types := []string{
		"int", "uint8", "string", "[]string", "time.Duration", "*bool", "map[string]int", "netip.Addr", "any", "T",
		"[2]float32", "[]T", "big.Int", "Text",
	}
	for i, tag := range []string{
		"option", "option=x", "option default=1", "option min=1 max=2", "option enum=a,b default=a", "option required secret",
		"option pattern=^[a-z]{1,3}$ default=abc", "option env=A_B aliases=b,c", "option as=text", "option plugin=a.b type_key=x",
		`option default=\"a,b\",c example=x`, "option default=", "requird", "option option", "option doc=\"a b\" deprecated=x",
	} {
		f.Add(uint8(i), tag)
	}
	f.Fuzz(func(t *testing.T, n uint8, tag string) {
		quoted := strconv.Quote(tag)
		lit := strconv.Quote("plugin:" + quoted)
		src := `package p

import (
	"math/big"
	"net/netip"
	"time"
)

//plugin:namespace=n name=x
type X struct {
	Other int ` + "`plugin:\"option\"`" + `
	A ` + types[int(n)%len(types)] + ` ` + lit + `
}

type T struct {
	A int ` + "`plugin:\"option\"`" + `
}

type Text string

func (*Text) UnmarshalText([]byte) error { return nil }
`
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Skip()
		}
		p := source.Read(fset, "example.com/p", []source.File{{Name: "a.go", Path: "a.go", Syntax: syntax}}, nil)
		p.Resolve(nil)
		read := Read(p, alone{p}, func(string, *annotate.File) string { return "" })
		file := fset.File(syntax.FileStart)
		for _, d := range read.Diagnostics {
			if int(d.Pos) < file.Base() || int(d.End) > file.Base()+file.Size() || d.Pos > d.End || d.Message == "" {
				t.Errorf("%s: %q at %d-%d", tag, d.Message, d.Pos, d.End)
			}
		}
		if len(read.Diagnostics) > 0 {
			return
		}
		for _, u := range read.Uses {
			for _, o := range u.Options {
				checkOption(t, tag, o)
			}
		}
	})
}

// FuzzSource reads options of arbitrary packages, which need not compile, and whose plugins are
// of a namespace that names options by toml tags. Nothing panics or takes long, and each
// diagnostic is in the file.
func FuzzSource(f *testing.F) {
	for _, src := range golden.Sources(f) {
		f.Add(string(src), false)
		f.Add(string(src), true)
	}
	f.Fuzz(func(t *testing.T, src string, named bool) {
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "a.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Skip()
		}
		p := source.Read(fset, "example.com/p", []source.File{{Name: "a.go", Path: "a.go", Syntax: syntax}}, nil)
		p.Resolve(nil)
		naming := ""
		if named {
			naming = "toml"
		}
		read := Read(p, alone{p}, func(string, *annotate.File) string { return naming })
		file := fset.File(syntax.FileStart)
		for _, d := range read.Diagnostics {
			if int(d.Pos) < file.Base() || int(d.End) > file.Base()+file.Size() || d.Pos > d.End || d.Message == "" {
				t.Errorf("%q at %d-%d", d.Message, d.Pos, d.End)
			}
		}
	})
}

// checkOption checks an option about which nothing was reported.
func checkOption(t *testing.T, tag string, o *Option) {
	t.Helper()
	typ := pointee(o.Type)
	if o.HasDefault && listOf(typ) == nil {
		if _, why := parse(typ, o.Default); why != "" {
			t.Errorf("%s: default %q %s", tag, o.Default, why)
		}
	}
	if _, err := regexp.Compile(o.Pattern); err != nil {
		t.Errorf("%s: %v", tag, err)
	}
	if o.Name == "" || o.Required && o.HasDefault || o.Secret && o.HasDefault || reflect.DeepEqual(o.Type, &Type{}) {
		t.Errorf("%s: %+v", tag, o)
	}
}

// alone is the Imports of a package that imports no others.
type alone struct{ p *source.Package }

func (a alone) Package(path string) *source.Package {
	if path == a.p.Path {
		return a.p
	}
	return nil
}

func (alone) Foreign(string, string) (f Foreign, known bool) { return f, true }

// Of a struct of another module, pluginvet may know the names of options and no more.
func TestOptionsWithoutTypes(t *testing.T) {
	is := is.New(t)
	s := &Struct{Options: []*Option{{Name: "a"}, {Name: "b", Properties: Properties{Required: true}}}}
	is.Equal(s.Contained(), nil)
	_, err := CheckSize([]*Struct{s})
	is.NoErr(err)
}

// All returns every field of Properties; each has a key, and is a field of generated.Option.
func TestProperties(t *testing.T) {
	is := is.New(t)
	var p Properties
	v := reflect.ValueOf(&p).Elem()
	description := reflect.TypeFor[generated.Option]()
	for property := range p.All() {
		field, ok := v.Type().FieldByName(property.Field)
		is.True(ok)
		is.Equal(v.FieldByIndex(field.Index).Addr().Interface(), property.Value)
		is.Equal(field.Tag.Get("json"), property.Key+",omitempty")
		of, ok := description.FieldByName(property.Field)
		is.True(ok) // a field of generated.Option
		is.Equal(of.Type, field.Type)
		hasName := func(k language.Entry) bool { return k.Name == property.Key }
		is.True(slices.ContainsFunc(language.Reference(), hasName))
	}
	is.Equal(len(slices.Collect(p.All())), v.NumField())
}
