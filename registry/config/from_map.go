package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// FromMap returns the source of values that the program has. The name stands for
// their position in errors. The values are booleans, numbers, strings, nil, times,
// durations, [Value]s, encoding.TextMarshalers, and slices and string-keyed maps of
// them. The map must not be changed while [Load] runs.
func FromMap(name string, values map[string]any) Source { return mapSource{name, values} }

type mapSource struct {
	name   string
	values map[string]any
}

func (s mapSource) load(l *loader) {
	b := newDocument(l.origin(s.name, tree.LayerFile))
	b.put(s.values)
	if b.Failed() {
		l.errs = append(l.errs, b.doc.errs...)
		return
	}
	l.add(b.finish())
}

// put makes the value what a Go value says.
func (b *Builder) put(value any) {
	if b.Full() {
		return
	}
	if p := reflect.ValueOf(value); p.Kind() == reflect.Pointer && p.IsNil() {
		value = nil
	}
	switch v := value.(type) {
	case nil:
		b.Null(0, 0)
	case Value:
		b.graft(v.node())
	case *Value:
		b.graft(v.node())
	case time.Duration:
		b.String(v.String(), 0, 0)
	case time.Time:
		b.Datetime(v.Format(time.RFC3339Nano), 0, 0)
	case interface { // a json.Number
		Int64() (int64, error)
		Float64() (float64, error)
		String() string
	}:
		b.number(v.String())
	case encoding.TextMarshaler:
		said, err := v.MarshalText()
		if err != nil {
			b.fail(fmt.Sprintf("%T can't be written as text", value))
		}
		b.String(string(said), 0, 0)
	default:
		b.reflected(reflect.ValueOf(value))
	}
}

// number makes the value the integer or the float that the text is.
func (b *Builder) number(said string) {
	var n Builder
	n.doc = &document{}
	r := jsonReader{data: said, line: 1, report: &n}
	r.document(&n)
	switch n.Kind() {
	case KindInteger:
		b.Integer(said, 0, 0)
	case KindFloat:
		b.Float(said, 0, 0)
	default:
		b.fail("expected a number")
	}
}

// graft makes the value another one of this package, at the same position.
func (b *Builder) graft(from *tree.Node) {
	if from == nil || b.Full() {
		return
	}
	n := &b.entry.Node
	switch from.Kind {
	case tree.Table:
		b.Table(0, 0)
		for i := range from.Items {
			b.Key(from.Items[i].Key, 0, 0).graft(&from.Items[i].Node)
		}
	case tree.List:
		b.List(0, 0)
		for i := range from.Items {
			b.Item(0, 0).graft(&from.Items[i].Node)
		}
	default:
		n.Kind, n.Text, n.Raw = from.Kind, from.Text, from.Raw
	}
	n.File, n.Line, n.Col = from.File, from.Line, from.Col
}

// fail adds an error about the value, which has no line.
func (b *Builder) fail(message string) {
	if !b.tooMany() {
		b.doc.errs = append(b.doc.errs, failIn(b.doc.origin, 0, 0, b.path(), message))
	}
}

func (b *Builder) reflected(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		b.Bool(v.Bool(), 0, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		b.Integer(strconv.FormatInt(v.Int(), 10), 0, 0)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		b.Integer(strconv.FormatUint(v.Uint(), 10), 0, 0)
	case reflect.Float32, reflect.Float64:
		b.Float(strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), 0, 0)
	case reflect.String:
		b.String(v.String(), 0, 0)
	case reflect.Pointer:
		switch v.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface: // which may lead to itself
			b.fail(fmt.Sprintf("%v is no value of a configuration", v.Type()))
		default:
			b.put(v.Elem().Interface())
		}
	case reflect.Slice, reflect.Array:
		b.List(0, 0)
		for i := range v.Len() {
			if b.Full() {
				return
			}
			b.Item(0, 0).put(v.Index(i).Interface())
		}
	case reflect.Map:
		b.Table(0, 0)
		for _, key := range v.MapKeys() {
			if key.Kind() == reflect.Interface {
				key = key.Elem()
			}
			if key.Kind() != reflect.String {
				b.fail(fmt.Sprintf("a map of %v: expected strings as keys", v.Type().Key()))
				return
			}
			if b.Full() {
				return
			}
			b.Key(key.String(), 0, 0).put(v.MapIndex(key).Interface())
		}
	default:
		b.fail(fmt.Sprintf("%v is no value of a configuration", v.Type()))
	}
}
