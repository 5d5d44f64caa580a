package reference_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/reference"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

var (
	seed    = flag.Uint64("agreement.seed", 1, "seed of the first struct")
	structs = flag.Int("agreement.structs", 300, "how many random structs")
	values  = flag.Int("agreement.values", 100, "how many random values for each")
)

// TestSchemaAndDecoderAgree decodes random values into random structs.
func TestSchemaAndDecoderAgree(t *testing.T) {
	accepted := 0
	for i := range *structs {
		r := random{rand.New(rand.NewPCG(*seed+uint64(i), 0))}
		s := r.options(3)
		check := newChecker(t, s)
		for range *values {
			value := r.value(s)
			if check.agree(t, *seed+uint64(i), value) {
				accepted++
			}
		}
	}
	total := *structs * *values
	t.Logf("%d of %d values were accepted", accepted, total)
	if accepted < total/10 || accepted > total*9/10 {
		t.Errorf("%d of %d values were accepted: the test needs more of the others", accepted, total)
	}
}

// A checker asks both whether they accept a value.
type checker struct {
	schema   []byte
	resolved *jsonschema.Resolved
	options  *generated.Options
}

func newChecker(t *testing.T, s *options.Struct) *checker {
	t.Helper()
	is := is.New(t)
	program := &gen.Program{Host: "example.com/host", Sections: []gen.Section{{
		Path: "plugins", Namespace: "example.plugins", Plugins: []gen.Plugin{{Name: "p", Options: s}},
	}}}
	text := reference.Schema(program)
	var schema jsonschema.Schema
	is.NoErr(json.Unmarshal(text, &schema))
	resolved, err := schema.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return &checker{text, resolved, describe(s)}
}

// agree fails the test unless both accept the value, or both refuse it. It returns whether
// they accept it.
func (c *checker) agree(t *testing.T, seed uint64, value []byte) bool {
	t.Helper()
	instance := fmt.Appendf(nil, `{"plugins":{"p/x":%s}}`, value)
	d := json.NewDecoder(bytes.NewReader(instance))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v\n%s", err, instance)
	}
	byTheSchema := c.resolved.Validate(exact(v))
	cfg, err := config.Load(config.JSON("test.json", instance))
	if err == nil {
		request := generated.Request{Value: cfg.At(`plugins."p/x"`), Options: c.options, Target: new(any)}
		err = generated.Fill(request).Err
	}
	if (byTheSchema == nil) != (err == nil) {
		t.Fatalf("-agreement.seed=%d\nvalue: %s\nschema: %v\ndecoder: %v\n%s", seed, value, byTheSchema, err, c.schema)
	}
	return err == nil
}

// exact replaces each json.Number, which the validator takes for a string at times, by a
// number that is exactly the same. Those that have none are not among the values.
func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return u
		}
		f, err := v.Float64()
		if err != nil {
			panic(err)
		}
		return f
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exact(v[k])
		}
	}
	return v
}

// random makes random structs, and values for them.
type random struct{ *rand.Rand }

func (r random) chance(n int) bool { return r.IntN(n) == 0 }

func pick[T any](r random, list ...T) T { return list[r.IntN(len(list))] }

func (r random) options(depth int) *options.Struct {
	s := &options.Struct{Path: "example.com/p", Package: "p", Name: "T" + strconv.Itoa(r.IntN(1000))}
	for i := range 1 + r.IntN(5) {
		o := &options.Option{Name: string(rune('a' + i)), Type: r.typ(depth)}
		r.constrain(o)
		o.Required = !o.HasDefault && r.chance(3)
		o.Secret = !o.HasDefault && r.chance(8)
		if r.chance(6) {
			o.Aliases = []string{"old_" + o.Name}
		}
		s.Options = append(s.Options, o)
	}
	return s
}

func (r random) typ(depth int) *options.Type {
	kinds := []options.Kind{
		options.Bool, options.String, options.String, options.Int, options.Uint, options.Float,
		options.Duration, options.Any,
	}
	if depth > 0 {
		kinds = append(kinds, options.Table, options.Pointer, options.List, options.Array, options.Map)
	}
	t := &options.Type{Kind: pick(r, kinds...)}
	switch t.Kind {
	case options.Int, options.Uint:
		t.Bits = pick(r, 0, 8, 16, 32, 64)
	case options.Float:
		t.Bits = pick(r, 32, 64)
	case options.Table:
		t.Struct = r.options(depth - 1)
	case options.Array:
		t.Len = r.IntN(3)
		t.Elem = r.typ(depth - 1)
	case options.Pointer:
		t.Elem = r.typ(depth - 1)
		for t.Elem.Kind == options.Pointer {
			t.Elem = r.typ(depth - 1)
		}
	case options.List, options.Map:
		t.Elem = r.typ(depth - 1)
	}
	return t
}

// constrain gives an option bounds, an enum or a default.
func (r random) constrain(o *options.Option) {
	t := o.Type
	if t.Kind == options.Pointer {
		t = t.Elem
	}
	switch t.Kind {
	case options.Int:
		switch r.IntN(4) {
		case 0:
			o.Min, o.Max = strconv.Itoa(-r.IntN(10)), strconv.Itoa(r.IntN(20))
		case 1:
			o.Enum = []string{"1", "-2", "30"}
		}
	case options.Uint:
		if r.chance(2) {
			o.Min, o.Max = strconv.Itoa(r.IntN(5)), strconv.Itoa(5+r.IntN(20))
		}
	case options.Float:
		if r.chance(2) {
			o.Min, o.Max = "-1.5", "7.25"
		}
	case options.String:
		switch r.IntN(5) {
		case 0:
			o.Min, o.Max = strconv.Itoa(r.IntN(3)), strconv.Itoa(3+r.IntN(3))
		case 1:
			o.Enum = []string{"a", "", "äöü"}
		case 2:
			o.Pattern = pick(r, "^[a-z]+$", "b", `^\p{L}*$`)
		}
	case options.List, options.Map:
		if r.chance(2) {
			o.Min, o.Max = strconv.Itoa(r.IntN(2)), strconv.Itoa(1+r.IntN(3))
		}
		for t.Elem != nil {
			t = t.Elem
		}
		if t.Kind == options.String { // of the items
			switch r.IntN(3) {
			case 0:
				o.Enum = []string{"a", "b", ""}
			case 1:
				o.Pattern = "^[a-z]*$"
			}
		}
	}
}

// value returns a value of a struct, mostly one that is nearly right.
func (r random) value(s *options.Struct) []byte {
	if r.chance(30) {
		return r.anything(2)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	add := func(name string, value []byte) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", name, value)
	}
	for _, o := range s.All() {
		if !o.Required && r.chance(3) || r.chance(25) {
			continue
		}
		if len(o.Aliases) > 0 && r.chance(2) {
			add(o.Aliases[0], r.of(o.Type, o))
			if !r.chance(6) {
				continue
			}
		}
		add(o.Name, r.of(o.Type, o))
	}
	if r.chance(20) {
		add("unknown", r.anything(1))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// of returns a value of a type, most often.
func (r random) of(t *options.Type, o *options.Option) []byte {
	if r.chance(25) {
		return r.anything(2)
	}
	switch t.Kind {
	case options.Bool:
		return []byte(pick(r, "true", "false"))
	case options.Int, options.Uint, options.Float:
		if len(o.Enum) > 0 && !r.chance(4) {
			return []byte(pick(r, o.Enum...))
		}
		return r.number()
	case options.String:
		if len(o.Enum) > 0 && !r.chance(4) {
			return quoted(pick(r, o.Enum...))
		}
		return quoted(pick(r, "", "a", "b", "abc", "äöü", "a b", "abcdef", "$", "日本語"))
	case options.Duration:
		return quoted(pick(r, "5s", "1h30m", "0", "-2ms", "1.5h", "5", "1m1h", "999999h", "1000000h", "1us2ns", "µs",
			"3µs", "", "s", "1.s", ".5s", "1h 2m", "1d", "+5s", "00000000001s", "1.1234567891s"))
	case options.Table:
		return r.value(t.Struct)
	case options.Pointer:
		if r.chance(4) {
			return []byte("null")
		}
		return r.of(t.Elem, o)
	case options.List:
		return r.list(r.IntN(4), t, o)
	case options.Array:
		if r.chance(6) {
			return r.list(r.IntN(4), t, o)
		}
		return r.list(t.Len, t, o)
	case options.Map:
		var b bytes.Buffer
		b.WriteByte('{')
		for i := range r.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%q:%s", pick(r, "k", "ä", "a b", "")+strconv.Itoa(i), r.of(t.Elem, o))
		}
		b.WriteByte('}')
		return b.Bytes()
	}
	return r.anything(2)
}

func (r random) list(n int, t *options.Type, o *options.Option) []byte {
	items := make([][]byte, n)
	for i := range items {
		items[i] = r.of(t.Elem, o)
	}
	return slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))
}

// number returns a number. One with more digits than 64 bits hold is no value of an option
// of any type; JSON Schema has no way to say so of what may be anything.
func (r random) number() []byte {
	return []byte(pick(r, "0", "-0", "1", "-1", "5", "7.25", "127", "128", "-128", "-129", "255", "256", "1.0", "1.5",
		"1e2", "1.5e1", "15e-1", "100e-2", "32767", "32768", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-1e19",
		"18446744073709551615", "18446744073709551616.0", "3.4028235e38", "3.5e38", "1e38", "1e39", "1e300", "0.1"))
}

func (r random) anything(depth int) []byte {
	switch n := r.IntN(7); {
	case n == 0:
		return []byte("null")
	case n == 1:
		return []byte(pick(r, "true", "false"))
	case n == 2:
		return r.number()
	case n == 3 && depth > 0:
		return slices.Concat([]byte("["), r.anything(depth-1), []byte("]"))
	case n == 4 && depth > 0:
		return slices.Concat([]byte(`{"a":`), r.anything(depth-1), []byte("}"))
	case n == 5:
		return []byte("{}")
	}
	return quoted(pick(r, "", "a", "5", "5s", "true"))
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}
