package annotate

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// TestWriteHelp checks that the help has all keys, in lines that fit a terminal.
func TestWriteHelp(t *testing.T) {
	is := is.New(t)
	var b strings.Builder
	is.NoErr(WriteHelp(&b))
	directives, options, _ := strings.Cut(b.String(), "\nOPTIONS\n")
	for _, k := range keys {
		part, other, head := directives, options, k.example()
		if k.on == onOption {
			part, other = options, directives
		}
		if k.kind == optionValue {
			head = "option, " + head
		}
		is.Equal(strings.Count(part, "\n  "+head+"\n"), 1) // the key has an entry
		is.Equal(strings.Count(other, "\n  "+head+"\n"), 0)
		is.True(strings.Contains(strings.Join(strings.Fields(part), " "), strings.Join(strings.Fields(k.doc), " ")))
	}
	for line := range strings.Lines(b.String()) {
		is.True(len(line) <= 100) // no line is too long
		is.Equal(strings.TrimRight(line, " \t\n")+"\n", line)
	}
}

// TestWrapped checks that lines of text are as long as they can be, and no longer.
func TestWrapped(t *testing.T) {
	is := is.New(t)
	is.Equal(wrapped("a bb ccc dddd", "  ", 9), "  a bb\n  ccc\n  dddd\n")
	is.Equal(wrapped("a bb ccc dddd", "  ", 10), "  a bb ccc\n  dddd\n")
	is.Equal(wrapped("longer than that", "  ", 4), "  longer\n  than\n  that\n")
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteHelpError(t *testing.T) {
	is := is.New(t)
	is.True(WriteHelp(brokenPipe{}) != nil) // the writer's error is returned
}

// All returns every field of Properties, and each has a key and is one of registry.Spec.
func TestProperties(t *testing.T) {
	is := is.New(t)
	var p Properties
	spec := reflect.TypeFor[registry.Spec]()
	v := reflect.ValueOf(&p).Elem()
	for property := range p.All() {
		field := v.FieldByName(property.Field)
		is.True(field.IsValid())
		is.Equal(field.Addr().Interface(), property.Value)
		of, ok := spec.FieldByName(property.Field)
		is.True(ok) // a field of registry.Spec
		is.Equal(of.Type.Kind(), field.Kind())
		is.True(slices.ContainsFunc(Keys(), func(k Key) bool { return k.Name == property.Key }))
	}
	is.Equal(len(slices.Collect(p.All())), v.NumField())
}
