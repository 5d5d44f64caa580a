package gen_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
)

var optionsSeed = flag.Uint64("options.seed", 1, "the seed of the structs of TestOptionsDecode")

// TestOptionsDecode generates for random structs with options, builds the program, and has it
// decode random values: each struct holds what encoding/json makes of the same value.
func TestOptionsDecode(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	is := is.New(t)
	repo, err := filepath.Abs("..")
	is.NoErr(err)
	m := structMaker{Rand: rand.New(rand.NewPCG(*optionsSeed, 5))}
	roots := make([]*randomType, 25)
	for i := range roots {
		roots[i] = m.root(i)
	}
	var cases []decodeCase
	for _, root := range roots {
		for range 40 {
			value := m.value(root)
			cases = append(cases, decodeCase{strings.ToLower(root.name), value.config, value.json})
		}
	}
	dir := t.TempDir()
	write := func(name, text string) {
		is.NoErr(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		is.NoErr(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("go.mod", "module example.com/app\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n\n"+
		"replace github.com/plugingen/plugingen => "+repo+"\n")
	write("other/other.go", "package other\n\nimport (\n\t\"net/netip\"\n\t\"time\"\n)\n\n"+
		"var (\n\t_ netip.Addr\n\t_ time.Duration\n)\n\n"+
		"type Generic[T any] struct {\n\tValue T `plugin:\"option\" json:\"value\"`\n}\n\n"+m.other.String())
	write("main.go", decodeProgram+m.own.String()+comparisons(roots))
	text, err := json.Marshal(cases)
	is.NoErr(err)
	write("cases.json", string(text))

	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOPROXY", "off")
	plan, err := gen.Make(dir, []string{"./..."})
	is.NoErr(err)
	for _, d := range plan.Diagnostics {
		t.Errorf("%v: %s", plan.Fset.Position(d.Span.Pos), d.Message)
	}
	is.NoErr(plan.Apply())
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "compared 1000\n") {
		t.Errorf("-options.seed=%d: %v\n%.4000s", *optionsSeed, err, out)
	}
}

// A decodeCase is a value of a section, as the configuration has it and as encoding/json
// reads it.
type decodeCase struct {
	Section      string
	Config, JSON string
}

// A randomType is a type of an option.
type randomType struct {
	kind   string // of basics, or pointer, list, array, map, struct or generic
	name   string // of a struct
	elem   *randomType
	length int
	fields []randomField
}

type randomField struct {
	name, key, initial string // initial is its default
	embedded           bool
	typ                *randomType
}

// A structMaker makes structs, and the source that declares them.
type structMaker struct {
	*rand.Rand
	own, other strings.Builder
	count      int
}

// basics are the Go types of options that are no lists and the like.
var basics = map[string]string{
	"bool": "bool", "string": "string", "int": "int", "int8": "int8", "uint16": "uint16", "uint64": "uint64",
	"float32": "float32", "float64": "float64", "duration": "time.Duration", "text": "netip.Addr", "any": "any",
	"named": "Named", "number": "Number",
}

var basicNames = []string{
	"bool", "string", "int", "int8", "uint16", "uint64", "float32", "float64", "duration", "text", "any",
}

func (m *structMaker) chance(n int) bool { return m.IntN(n) == 0 }

// root makes a struct that is a section of the program.
func (m *structMaker) root(i int) *randomType {
	t := m.structType(3, false, "T"+strconv.Itoa(i))
	return t
}

// typ makes a type. other says that it is written in the other package.
func (m *structMaker) typ(depth int, other bool) *randomType {
	if depth == 0 || m.chance(3) {
		names := basicNames
		if !other {
			names = append(names, "named", "number")
		}
		return &randomType{kind: names[m.IntN(len(names))]}
	}
	switch m.IntN(6) {
	case 0:
		elem := m.typ(depth-1, other)
		if elem.kind == "pointer" || elem.kind == "any" {
			return elem
		}
		return &randomType{kind: "pointer", elem: elem}
	case 1:
		return &randomType{kind: "list", elem: m.typ(depth-1, other)}
	case 2:
		return &randomType{kind: "array", length: 1 + m.IntN(3), elem: m.typ(depth-1, other)}
	case 3:
		return &randomType{kind: "map", elem: m.typ(depth-1, other)}
	case 4:
		return &randomType{kind: "generic", fields: []randomField{{"Value", "value", "", false, m.typ(depth-1, other)}}}
	}
	m.count++
	return m.structType(depth-1, other || m.chance(2), "S"+strconv.Itoa(m.count))
}

// structType makes a struct and declares it.
func (m *structMaker) structType(depth int, other bool, name string) *randomType {
	t := &randomType{kind: "struct", name: name}
	if other {
		t.name = "other." + name
	}
	var b strings.Builder
	root := name[0] == 'T'
	switch {
	case root:
		fmt.Fprintf(&b, "\n//plugin:options section=%s\n", strings.ToLower(name))
	case m.chance(2):
		fmt.Fprintf(&b, "\n// %s is shared.\n//\n//plugin:options\n", name)
	default:
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for i := range 1 + m.IntN(5) {
		f := randomField{name: fmt.Sprintf("F%d%s", i, name), typ: m.typ(depth, other)}
		f.key = strings.ToLower(f.name)
		if initial, ok := initials[f.typ.kind]; ok && m.chance(3) {
			f.initial = initial
		}
		option := "option=" + f.key
		if f.initial != "" {
			option += " default=" + f.initial
		}
		inner := f.typ
		if inner.kind == "pointer" && m.chance(2) {
			inner = inner.elem
		}
		if f.embedded = inner.kind == "struct" && m.chance(2); f.embedded {
			fmt.Fprintf(&b, "\t%s `plugin:\"option\"`\n", m.goType(f.typ, other))
		} else {
			fmt.Fprintf(&b, "\t%s %s `plugin:\"%s\" json:\"%s\"`\n", f.name, m.goType(f.typ, other), option, f.key)
		}
		t.fields = append(t.fields, f)
	}
	b.WriteString("}\n")
	if other {
		m.other.WriteString(b.String())
	} else {
		m.own.WriteString(b.String())
	}
	return t
}

// initials are defaults by kind.
var initials = map[string]string{
	"bool": "true", "string": "some", "int": "-7", "int8": "3", "uint16": "65535", "uint64": "1",
	"float64": "2.5", "duration": "1m", "text": "127.0.0.1", "named": "some", "number": "5",
}

// goType returns a type as a package writes it.
func (m *structMaker) goType(t *randomType, other bool) string {
	of := func() string { return m.goType(t.elem, other) }
	switch t.kind {
	case "pointer":
		return "*" + of()
	case "list":
		return "[]" + of()
	case "array":
		return "[" + strconv.Itoa(t.length) + "]" + of()
	case "map":
		return "map[string]" + of()
	case "generic":
		name := "Generic[" + m.goType(t.fields[0].typ, other) + "]"
		if other {
			return name
		}
		return "other." + name
	case "struct":
		if other {
			return strings.TrimPrefix(t.name, "other.")
		}
		return t.name
	}
	return basics[t.kind]
}

// A randomValue is a value as a configuration has it, and as encoding/json reads it.
type randomValue struct{ config, json string }

// value makes a value of a type.
func (m *structMaker) value(t *randomType) randomValue {
	same := func(s string) randomValue { return randomValue{s, s} }
	switch t.kind {
	case "pointer":
		if m.chance(5) {
			return same("null")
		}
		return m.value(t.elem)
	case "list", "array":
		n := t.length
		if t.kind == "list" {
			n = m.IntN(3)
		}
		var config, js []string
		for range n {
			v := m.value(t.elem)
			config, js = append(config, v.config), append(js, v.json)
		}
		return randomValue{"[" + strings.Join(config, ",") + "]", "[" + strings.Join(js, ",") + "]"}
	case "map":
		config, js := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		for range m.IntN(3) {
			key, v := []string{"a", "b c", "ü", ""}[m.IntN(4)], m.value(t.elem)
			config[key], js[key] = json.RawMessage(v.config), json.RawMessage(v.json)
		}
		return randomValue{marshal(config), marshal(js)}
	case "struct", "generic":
		config, js := map[string]json.RawMessage{}, map[string]json.RawMessage{}
		m.fill(t, config, js, true)
		return randomValue{marshal(config), marshal(js)}
	case "bool":
		return same(strconv.FormatBool(m.chance(2)))
	case "string", "named":
		return same(marshal([]string{"", "text", "\u00fc\n\"", "<&>", "a,b"}[m.IntN(5)]))
	case "int", "number":
		return same(strconv.Itoa(m.IntN(2001) - 1000))
	case "int8":
		return same(strconv.Itoa(m.IntN(256) - 128))
	case "uint16":
		return same(strconv.Itoa(m.IntN(65536)))
	case "uint64":
		return same(strconv.FormatUint(m.Uint64(), 10))
	case "float32", "float64":
		return same(strconv.FormatFloat(float64(m.IntN(1000))/8, 'g', -1, 64))
	case "duration":
		n := m.IntN(60)
		return randomValue{fmt.Sprintf("%q", fmt.Sprintf("%dm%dms", n, n)), fmt.Sprint(n * (60e9 + 1e6))}
	case "text":
		return same([]string{`"10.1.2.3"`, `"::1"`}[m.IntN(2)])
	}
	return same([]string{`"x"`, `true`, `[]`, `{"a":["b",false]}`}[m.IntN(4)]) // any
}

// fill makes values of some fields of a struct, and of those that have to have one for
// encoding/json to make the same of them.
func (m *structMaker) fill(t *randomType, config, js map[string]json.RawMessage, given bool) {
	for _, f := range t.fields {
		inner := f.typ
		if f.embedded {
			if inner.kind == "pointer" {
				inner = inner.elem
			}
			m.fill(inner, config, js, given)
			continue
		}
		switch {
		case given && !m.chance(3):
			v := m.value(f.typ)
			config[f.key], js[f.key] = json.RawMessage(v.config), json.RawMessage(v.json)
		case f.typ.kind == "struct" || f.typ.kind == "generic":
			nested := map[string]json.RawMessage{}
			m.fill(f.typ, map[string]json.RawMessage{}, nested, false)
			js[f.key] = json.RawMessage(marshal(nested))
		case f.initial != "":
			js[f.key] = json.RawMessage(f.json())
		default: // so that encoding/json makes what an embedded pointer points to
			js[f.key] = json.RawMessage("null")
		}
	}
}

// json returns the default as encoding/json reads it.
func (f randomField) json() string {
	switch f.typ.kind {
	case "string", "named", "text":
		return strconv.Quote(f.initial)
	case "duration":
		return "60000000000"
	}
	return f.initial
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// comparisons returns the function that decodes the sections.
func comparisons(roots []*randomType) string {
	var b strings.Builder
	b.WriteString("\nvar sections = map[string]func(string, []byte, []byte) error{\n")
	for _, root := range roots {
		fmt.Fprintf(&b, "\t%q: compare[%s],\n", strings.ToLower(root.name), root.name)
	}
	b.WriteString("}\n")
	return b.String()
}

const decodeProgram = `//plugin:link
package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"time"

	"example.com/app/other"
	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
)

var (
	_ netip.Addr
	_ time.Duration
	_ other.Generic[int]
)

// Contract is needed, since a host links plugins.
//
//plugin:contract namespace=app.plugins
type Contract any

//plugin:namespace=app.plugins name=plugin
type Plugin struct{}

type Named string

type Number int32

func main() {
	text, err := os.ReadFile("cases.json")
	check(err)
	var cases []struct{ Section, Config, JSON string }
	check(json.Unmarshal(text, &cases))
	for _, c := range cases {
		if err := sections[c.Section](c.Section, []byte(c.Config), []byte(c.JSON)); err != nil {
			fmt.Printf("%s: %v\n%s\n%s\n", c.Section, err, c.Config, c.JSON)
			os.Exit(1)
		}
	}
	fmt.Println("compared", len(cases))
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func compare[T any](section string, text, js []byte) error {
	cfg, err := config.Load(config.JSON("case", fmt.Appendf(nil, "{%q: %s}", section, text)))
	if err != nil {
		return err
	}
	got, err := registry.Decode[T](cfg)
	if err != nil {
		return err
	}
	want := new(T)
	if err := json.Unmarshal(js, want); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, want) {
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		return fmt.Errorf("got %s, want %s", a, b)
	}
	return nil
}
`
