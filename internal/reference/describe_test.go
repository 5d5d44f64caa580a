package reference_test

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/registry/generated"
)

// describe returns the description of a struct, with a function that decodes the options
// by the same functions that generated code calls, and forgets them.
func describe(s *options.Struct) *generated.Options {
	d := &generated.Options{Type: s.Path + "." + s.Name, New: func() any { return new(any) }}
	sorted := slices.Clone(s.Options)
	slices.SortFunc(sorted, func(a, b *options.Option) int { return strings.Compare(a.Name, b.Name) })
	var fills []func(*generated.Decoder, *any)
	for _, o := range sorted {
		name, table := typeName(o.Type)
		option := generated.Option{
			Name: o.Name, Type: name, Struct: table, Default: o.Default, HasDefault: o.HasDefault,
		}
		for property := range o.Properties.All() {
			field := reflect.ValueOf(&option).Elem().FieldByName(property.Field)
			field.Set(reflect.ValueOf(property.Value).Elem())
		}
		d.Options = append(d.Options, option)
		fills = append(fills, elem(o.Type, table, o.Pattern != ""))
	}
	d.Fill = func(dec *generated.Decoder, _ any) {
		dec.Begin()
		for i, fill := range fills {
			if dec.Option(i) {
				fill(dec, new(any))
			}
		}
		dec.End()
	}
	return d
}

// typeName returns the type as descriptions have it, and the description of a table in it.
func typeName(t *options.Type) (name string, table *generated.Options) {
	elem := func(prefix string) (string, *generated.Options) {
		name, table := typeName(t.Elem)
		return prefix + name, table
	}
	bits := ""
	if t.Bits > 0 {
		bits = strconv.Itoa(t.Bits)
	}
	switch t.Kind {
	case options.Bool:
		return "bool", nil
	case options.Int:
		return "int" + bits, nil
	case options.Uint:
		return "uint" + bits, nil
	case options.Float:
		return "float" + bits, nil
	case options.Duration:
		return "duration", nil
	case options.Any:
		return "any", nil
	case options.Table:
		return "table", describe(t.Struct)
	case options.Pointer:
		return elem("*")
	case options.List:
		return elem("[]")
	case options.Array:
		return elem("[" + strconv.Itoa(t.Len) + "]")
	case options.Map:
		return elem("map[string]")
	}
	return "string", nil
}

// elem returns a function that decodes a value of a type.
func elem(t *options.Type, table *generated.Options, pattern bool) func(*generated.Decoder, *any) {
	switch t.Kind {
	case options.Bool:
		return scalar(generated.Bool[bool])
	case options.Int:
		switch t.Bits {
		case 8:
			return scalar(generated.Int[int8])
		case 16:
			return scalar(generated.Int[int16])
		case 32:
			return scalar(generated.Int[int32])
		}
		return scalar(generated.Int[int64])
	case options.Uint:
		switch t.Bits {
		case 8:
			return scalar(generated.Uint[uint8])
		case 16:
			return scalar(generated.Uint[uint16])
		case 32:
			return scalar(generated.Uint[uint32])
		}
		return scalar(generated.Uint[uint64])
	case options.Float:
		if t.Bits == 32 {
			return scalar(generated.Float[float32])
		}
		return scalar(generated.Float[float64])
	case options.Duration:
		return scalar(generated.Duration[int64])
	case options.Any:
		return scalar(generated.Any)
	case options.Table:
		return func(d *generated.Decoder, p *any) { table.Fill(d, p) }
	case options.Pointer:
		inner := elem(t.Elem, table, pattern)
		return func(d *generated.Decoder, _ *any) { generated.Pointer(d, new(*any), inner) }
	case options.List:
		inner := elem(t.Elem, table, pattern)
		return func(d *generated.Decoder, _ *any) { generated.List(d, new([]any), inner) }
	case options.Array:
		inner := elem(t.Elem, table, pattern)
		return func(d *generated.Decoder, _ *any) { generated.Array(d, make([]any, t.Len), inner) }
	case options.Map:
		inner := elem(t.Elem, table, pattern)
		return func(d *generated.Decoder, _ *any) { generated.Map(d, new(map[string]any), inner) }
	}
	if pattern {
		return scalar(func(d *generated.Decoder, p *string) { generated.Match(d, p, compile) })
	}
	return scalar(generated.String[string])
}

func compile(pattern string) (func(string) bool, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}

func scalar[T any](decode func(*generated.Decoder, *T)) func(*generated.Decoder, *any) {
	return func(d *generated.Decoder, _ *any) { decode(d, new(T)) }
}
