package driver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// Every key that makes a difference to generated code.
const everyKey = `package every

import (
	"bytes"
	"context"
	"strings"

	"github.com/plugingen/plugingen/registry"
)

//plugin:namespace=seed.every should_load=on load=prepare x_owner=me x_since=1.2
func Step() {}

func on() bool  { return true }
func off() bool { return false }

const enabled, disabled = true, false

func named(name string) bool          { return name != "" }
func known(spec *registry.Spec) bool  { return spec != nil }
func also(spec *registry.Spec) bool   { return spec != nil }
func prepare(context.Context) error   { return nil }
func unprepare(context.Context) error { return nil }

//plugin:namespace=seed.every name=constant should_load=enabled
type Constant struct{}

//plugin:namespace=seed.every name=asks should_load=named
type Asks struct{}

//plugin:namespace=seed.every name=knows should_load=known priority=-3
type Knows struct{}

//plugin:namespace=seed.every name=generic type_args=bytes.Buffer,map[string]*Asks
type Generic[A, B any] struct { a A; b B }

//plugin:namespace=seed.every name=other type_args=strings.Builder,[]int
type Other[A, B any] struct { a A; b B }

//plugin:namespace=seed.every name=made factory=NewMade
type Made struct{}

func NewMade() (*Made, error)         { return &Made{}, nil }
func MakeMade(string) (*Made, error) { return &Made{}, nil }

//plugin:namespace=seed.every name=many factory type_args=int
func NewMany[T any](name string) *Generic[T, T] { return new(Generic[T, T]) }

//plugin:namespace=seed.every name=value
var Value = Made{}

//plugin:namespace=seed.every name=pointer
var Pointer = &Made{}

// ByHand has no comment.
var ByHand = registry.Spec{Namespace: "seed.every", Name: "by_hand", New: func(*registry.Spec) (any, error) { return nil, nil }}

var _ bytes.Buffer
var _ strings.Builder
`

func TestEveryKey(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	name := filepath.Join(dir, "every", "every.go")
	write(t, name, everyKey)
	generate(t, dir)
	is.Equal(check(t, dir), nil)
	generated, err := os.ReadFile(filepath.Join(dir, "every", "plugins_gen.go"))
	is.NoErr(err)
	for _, edit := range [][2]string{
		{"should_load=on ", "should_load=off "},
		{"should_load=on ", ""},
		{"name=constant", "name=constant x_a=b"},
		{"x_owner=me", "x_owner=you"},
		{"x_owner=me ", ""},
		{"load=prepare", "load=unprepare"},
		{" load=prepare", ""},
		{"should_load=enabled", "should_load=disabled"},
		{"should_load=enabled", "should_load=on"},
		{"should_load=named", "should_load=known"},
		{"should_load=known", "should_load=also"},
		{"should_load=known", "should_load=named"},
		{"name=asks", "name=asks priority=2"},
		{"priority=-3", "priority=3"},
		{"*Asks", "*Knows"},
		{"type_args=bytes.Buffer", "type_args=strings.Builder"},
		{"type_args=strings.Builder,[]int", "type_args=strings.Builder,[]string"},
		{"factory=NewMade", "factory=MakeMade"},
		{"name=made factory=NewMade", "name=made"},
		{"type_args=int", "type_args=string"},
		{"name=value", "name=value doc=other"},
	} {
		write(t, name, strings.Replace(everyKey, edit[0], edit[1], 1))
		found := check(t, dir)
		if len(found) != 1 || !strings.HasSuffix(found[0], " is not in plugins_gen.go as it is declared here: run go tool plugingen ./...") {
			t.Errorf("%q replaced by %q: %q\n%s", edit[0], edit[1], found, generated)
		}
	}
}
