package annotate_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/registry"
)

// All returns every field of Properties, and each has a key and is one of registry.Spec.
func TestProperties(t *testing.T) {
	is := is.New(t)
	var p annotate.Properties
	spec := reflect.TypeFor[registry.Spec]()
	v := reflect.ValueOf(&p).Elem()
	for property := range p.All() {
		field := v.FieldByName(property.Field)
		is.True(field.IsValid())
		is.Equal(field.Addr().Interface(), property.Value)
		of, ok := spec.FieldByName(property.Field)
		is.True(ok) // a field of registry.Spec
		is.Equal(of.Type.Kind(), field.Kind())
		named := func(k language.Entry) bool { return k.Name == property.Key }
		is.True(slices.ContainsFunc(language.Reference(), named))
	}
	is.Equal(len(slices.Collect(p.All())), v.NumField())
}
