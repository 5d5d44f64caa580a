package render

import (
	"reflect"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/options"
)

// Every field of what is declared is in the key of its template, and so is whether there is one.
func TestKeys(t *testing.T) {
	for _, declaration := range []interface{ appendTo(*key) }{&Spec{}, &Assertion{}, &links{}, &names{}} {
		v := reflect.ValueOf(declaration).Elem()
		t.Run(v.Type().Name(), func(t *testing.T) {
			keyOf := func() string {
				var k key
				declaration.appendTo(&k)
				return string(k)
			}
			seen := map[string]string{keyOf(): "nothing"}
			check := func(what string) {
				if other, ok := seen[keyOf()]; ok {
					t.Errorf("the key is the same with %s and with %s", what, other)
				}
				seen[keyOf()] = what
			}
			eachField(v, "", check)
		})
	}
}

// eachField sets one field after another, those of what a field points to included, and
// calls check after each.
func eachField(v reflect.Value, path string, check func(string)) {
	switch x := v.Addr().Interface().(type) {
	case *code.Ident:
		*x = must(code.ParseIdent("x"))
	case *code.ImportPath:
		*x = must(code.ParseImportPath("example.com/x"))
	case *code.Type:
		*x = must(code.ParseType("p.T", map[string]string{"p": "example.com/p"}))
		check(path)
		*x = must(code.ParseType("p.T", map[string]string{"p": "example.com/q"}))
	default:
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Type().Field(i)
				if f.IsExported() && f.Type != reflect.TypeFor[*options.Struct]() { // for which there are placeholders
					eachField(v.Field(i), path+"."+f.Name, check)
				}
			}
			return
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			check(path)
			eachField(v.Elem(), path, check)
			return
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			check(path)
			eachField(v.Index(0), path+"[0]", check)
			return
		case reflect.String:
			v.SetString("x")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int:
			v.SetInt(1)
		}
	}
	check(path)
}

// The same texts in other fields, or divided otherwise, make another key.
func TestKeysOfTexts(t *testing.T) {
	is := is.New(t)
	keyOf := func(s Spec) string {
		var k key
		s.appendTo(&k)
		return string(k)
	}
	specs := []Spec{
		{Properties: annotate.Properties{Requires: []string{"a", "b"}}},
		{Properties: annotate.Properties{Requires: []string{"ab"}}},
		{Properties: annotate.Properties{Requires: []string{"a"}, After: []string{"b"}}},
		{Properties: annotate.Properties{After: []string{"a", "b"}}},
		{Properties: annotate.Properties{Stability: "ab"}},
		{Properties: annotate.Properties{Stability: "a", Deprecated: "b"}},
		{Properties: annotate.Properties{Deprecated: "ab"}},
		{Options: &Use{table: "a"}},
		{Options: &Use{typ: "a"}},
	}
	keys := map[string]bool{}
	for _, s := range specs {
		keys[keyOf(s)] = true
	}
	is.Equal(len(keys), len(specs))
}
