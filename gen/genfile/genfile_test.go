package genfile_test

import (
	"bytes"
	"go/token"
	"testing"
	"unicode/utf8"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen/genfile"
)

func TestIdentifier(t *testing.T) {
	for _, test := range []struct{ namespace, name, want string }{
		{"my.plugins.cli", "my", "Plugin_my_plugins_cli__my"},
		{"localstack.configurators", "configure_logging", "Plugin_localstack_configurators__configure_logging"},
		{"a", "s3:default", "Plugin_a__s3_Cdefault"},
		{"a._b", "c", "Plugin_a_D_Ub__c"},
		{"a_.b", "c", "Plugin_a_U_b__c"},
		{"A.B", "_", "Plugin_A_DB___U"},
		{"a", "b/c", "Plugin_a__b_X2fZc"},
		{"größe", "ü", "Plugin_größe__ü"},
	} {
		t.Run(test.want, func(t *testing.T) {
			is := is.New(t)
			id := genfile.Identifier(test.namespace, test.name)
			is.Equal(id, test.want)
			namespace, name, ok := genfile.Plugin(id)
			is.True(ok)
			is.Equal(namespace+":"+name, test.namespace+":"+test.name)
		})
	}
}

func FuzzIdentifier(f *testing.F) {
	f.Add("a.b", "c_d")
	f.Add("a._b-", "_:-.X2f_")
	f.Add("x", "__")
	f.Fuzz(func(t *testing.T, namespace, name string) {
		if namespace == "" || name == "" || !utf8.ValidString(namespace) || !utf8.ValidString(name) {
			return
		}
		id := genfile.Identifier(namespace, name)
		if !token.IsIdentifier(id) {
			t.Fatalf("Identifier(%q, %q) = %q is not an identifier", namespace, name, id)
		}
		if ns, n, ok := genfile.Plugin(id); !ok || ns != namespace || n != name {
			t.Fatalf("Plugin(%q) = %q, %q, %v; want %q, %q", id, ns, n, ok, namespace, name)
		}
	})
}

func TestName(t *testing.T) {
	for constraint, want := range map[string]string{
		"":                           "plugins_gen.go",
		"linux":                      "plugins_linux_gen.go",
		"linux && cgo":               "plugins_linux_and_cgo_gen.go",
		"linux || cgo":               "plugins_linux_or_cgo_gen.go",
		"!windows":                   "plugins_not_windows_gen.go",
		"linux_and_cgo":              "plugins_linux_and_cgo_01d4671f_gen.go",
		"(linux || darwin) && amd64": "plugins_linux_or_darwin_and_amd64_bfd65f1c_gen.go",
		"linux || darwin && amd64":   "plugins_linux_or_darwin_and_amd64_gen.go",
	} {
		is := is.New(t)
		is.Equal(genfile.Name(constraint), want)
		is.True(genfile.IsName(want))
	}
}

func TestSeal(t *testing.T) {
	is := is.New(t)
	src := genfile.Seal("input", []byte("\npackage p\n"))
	is.True(genfile.Ours(src))

	input, intact := genfile.Open(src)
	is.Equal(input, "input")
	is.True(intact)

	_, intact = genfile.Open(bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")))
	is.True(intact) // as checked out on Windows

	_, intact = genfile.Open(append(src, "// edited\n"...))
	is.True(!intact)

	is.True(!genfile.Ours([]byte("package p\n")))
	is.True(!genfile.Ours([]byte(genfile.Header + " Or do.\n")))
}
