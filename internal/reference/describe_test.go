package reference_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/registry/config"
)

// describe returns the description of a struct, with a function that decodes the options
// by the same functions that generated code calls, and forgets them.
func describe(s *options.Struct) *config.Options {
	d := &config.Options{Type: s.Path + "." + s.Name, New: func() any { return new(any) }}
	sorted := slices.Clone(s.Options)
	slices.SortFunc(sorted, func(a, b *options.Option) int { return strings.Compare(a.Name, b.Name) })
	var fills []func(*config.Decoder, *any)
	for _, o := range sorted {
		name, table := typeName(o.Type)
		d.Options = append(d.Options, config.Option{
			Name: o.Name, Type: name, Struct: table, Default: o.Default, HasDefault: o.HasDefault, Required: o.Required,
			Secret: o.Secret, Min: o.Min, Max: o.Max, Enum: o.Enum, Pattern: o.Pattern, Aliases: o.Aliases,
		})
		fills = append(fills, elem(o.Type, table, o.Pattern != ""))
	}
	d.Fill = func(dec *config.Decoder, _ any) {
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
func typeName(t *options.Type) (name string, table *config.Options) {
	elem := func(prefix string) (string, *config.Options) {
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
func elem(t *options.Type, table *config.Options, pattern bool) func(*config.Decoder, *any) {
	switch t.Kind {
	case options.Bool:
		return scalar(config.Bool[bool])
	case options.Int:
		switch t.Bits {
		case 8:
			return scalar(config.Int[int8])
		case 16:
			return scalar(config.Int[int16])
		case 32:
			return scalar(config.Int[int32])
		}
		return scalar(config.Int[int64])
	case options.Uint:
		switch t.Bits {
		case 8:
			return scalar(config.Uint[uint8])
		case 16:
			return scalar(config.Uint[uint16])
		case 32:
			return scalar(config.Uint[uint32])
		}
		return scalar(config.Uint[uint64])
	case options.Float:
		if t.Bits == 32 {
			return scalar(config.Float[float32])
		}
		return scalar(config.Float[float64])
	case options.Duration:
		return scalar(config.Duration[int64])
	case options.Any:
		return scalar(config.Any)
	case options.Table:
		return func(d *config.Decoder, p *any) { table.Fill(d, p) }
	case options.Pointer:
		inner := elem(t.Elem, table, pattern)
		return func(d *config.Decoder, _ *any) { config.Pointer(d, new(*any), inner) }
	case options.List:
		inner := elem(t.Elem, table, pattern)
		return func(d *config.Decoder, _ *any) { config.List(d, new([]any), inner) }
	case options.Array:
		inner := elem(t.Elem, table, pattern)
		return func(d *config.Decoder, _ *any) { config.Array(d, make([]any, t.Len), inner) }
	case options.Map:
		inner := elem(t.Elem, table, pattern)
		return func(d *config.Decoder, _ *any) { config.Map(d, new(map[string]any), inner) }
	}
	if pattern {
		return scalar(func(d *config.Decoder, p *string) { config.Match(d, p, compile) })
	}
	return scalar(config.String[string])
}

func compile(pattern string) (func(string) bool, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}

func scalar[T any](decode func(*config.Decoder, *T)) func(*config.Decoder, *any) {
	return func(d *config.Decoder, _ *any) { decode(d, new(T)) }
}
