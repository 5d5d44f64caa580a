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
var ByHand = registry.Spec{
	Namespace: "seed.every", Name: "by_hand",
	New: func(*registry.Spec) (any, error) { return nil, nil },
}

var _ bytes.Buffer
var _ strings.Builder
`

func TestEveryKeyIsReadBack(t *testing.T) {
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
		if len(found) != 1 || !strings.HasSuffix(found[0],
			" is not in plugins_gen.go as it is declared here: run go tool plugingen ./...") {
			t.Errorf("%q replaced by %q: %q\n%s", edit[0], edit[1], found, generated)
		}
	}
}

// A generated file is compared with what plugingen would write, whatever is in it. How it is
// laid out is not looked at.
func TestEditedFile(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	generate(t, dir)
	for _, test := range []struct{ file, before, after, want string }{
		{"steps", "\n\t\"github.com/", "\n\n\n\t\"github.com/", ""},
		{"steps", "\tPriority:  1,", "\tPriority: 1,", ""},
		{"steps", "import (", "import _ \"example.com/seed/api\"\n\nimport (", ""},
		{
			"steps", "\tPriority:  1,", "\tPriority:  4,",
			"steps/steps.go:9: stale: plugin seed.steps:logging is not in plugins_gen.go as it is declared " +
				"here: run go tool plugingen ./...",
		},
		{
			"steps", "\nfunc ", "\nfunc init() {}\n\nfunc ",
			"steps/steps.go:9: stale: plugins_gen.go is not what plugingen would write (func init): if it " +
				"was edited, change what it is made from, and run go tool plugingen ./...",
		},
		{
			"steps", "import (", "import _ \"os\"\n\nimport (",
			"steps/steps.go:9: stale: plugins_gen.go is not what plugingen would write (its imports): if it " +
				"was edited, change what it is made from, and run go tool plugingen ./...",
		},
		{
			"steps", "\nfunc ", "\n//go:noinline\nfunc ",
			"steps/steps.go:9: stale: plugins_gen.go is not what plugingen would write (//go:noinline): if " +
				"it was edited, change what it is made from, and run go tool plugingen ./...",
		},
		{
			"cmd/seed", "\nfunc ", "\nfunc init() { println() }\n\nfunc ",
			"cmd/seed/main.go:12: stale: plugins_gen.go is not what plugingen would write (func init): if " +
				"it was edited, change what it is made from, and run go tool plugingen ./...",
		},
	} {
		name := filepath.Join(dir, filepath.FromSlash(test.file), "plugins_gen.go")
		src, err := os.ReadFile(name)
		is.NoErr(err)
		edited := strings.Replace(string(src), test.before, test.after, 1)
		is.True(edited != string(src)) // it has the text
		write(t, name, edited)
		if got := strings.Join(check(t, dir), "\n"); got != test.want {
			t.Errorf("%q for %q: got\n%s\nwant\n%s", test.after, test.before, got, test.want)
		}
		write(t, name, string(src))
	}
}

// A base that each platform declares for itself has one record.
func TestBaseOfEachPlatform(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	const base = "\n\n//plugin:namespace=seed.based\ntype Base struct{}\n"
	write(t, filepath.Join(dir, "based", "base_linux.go"), "package based"+base)
	write(t, filepath.Join(dir, "based", "base_other.go"), "//go:build !linux\n\npackage based"+base)
	write(t, filepath.Join(dir, "based", "based.go"),
		"package based\n\ntype Plugin struct {\n\tBase `plugin:\"name=p\"`\n}\n")
	generate(t, dir)
	is.Equal(check(t, dir), nil)
}

// That a package lacks its generated file is reported there, and not where a host refers to it.
func TestFileIsGone(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	generate(t, dir)
	is.NoErr(os.Remove(filepath.Join(dir, "steps", "plugins_gen.go")))
	found := check(t, dir)
	is.Equal(len(found), 1)
	is.True(strings.HasPrefix(found[0], "steps/steps.go:9: stale: there is no plugins_gen.go"))
}
