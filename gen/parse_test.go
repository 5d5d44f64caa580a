package gen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
)

// What files without annotations declare matters though few of them are parsed: all is as if
// each had an annotation, for which files are parsed whole.
func TestPlainFiles(t *testing.T) {
	const plugin = "//plugin:namespace=a.b name=c\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string // in what is generated, or said
	}{
		"method of a plugin": {
			map[string]string{"a.go": plugin + "type T struct{}", "b.go": "func (t *T) " +
				"Load(context.Context) error { return nil }"},
			"At:        (*T).Load",
		},
		"wrong method": {
			map[string]string{"a.go": plugin + "type T struct{}", "b.go": "func (t *T) Load() error { return nil }"},
			"the manager calls Load of the plugin a.b:c",
		},
		"factory": {
			map[string]string{"a.go": "//plugin:namespace=a.b name=c factory=New\ntype T " +
				"struct{}", "b.go": "func New(name string) (*T, error) { return nil, nil }"},
			"New(spec.Name)",
		},
		"misspelt factory": {
			map[string]string{"a.go": "//plugin:namespace=a.b name=c factory=Neww\ntype " +
				"T struct{}", "b.go": "func NewT() *T { return nil }"},
			`did you mean "NewT"?`,
		},
		"chain of bases": {
			map[string]string{
				"a.go": "//plugin:namespace=a.b\ntype Base struct{}",
				"b.go": "type Middle struct{ Base }", "c.go": "type Upper struct{ *Middle }",
				"d.go": "//plugin:name=c\ntype T struct{ Upper }", "e.go": "type Other struct{}",
			},
			"is the plugin a.b:c",
		},
		"chain through another package": {
			map[string]string{
				"a.go":   "import \"example.com/m/q\"\n//plugin:name=c\ntype T struct{ q.Middle }",
				"q/a.go": "//plugin:namespace=a.b\ntype Base struct{}",
				"q/b.go": "type Middle struct{ Base }", "q/c.go": "type Other struct{}",
			},
			"is the plugin a.b:c",
		},
		"spec by a function": {
			map[string]string{
				"a.go": "import \"github.com/plugingen/plugingen/registry\"\nfunc spec() " +
					"registry.Spec { return registry.Spec{} }", "b.go": "var X = spec()",
			},
			"syntax does not tell the namespace of the registry.Spec X",
		},
		"spec by an alias": {
			map[string]string{
				"a.go": "import \"github.com/plugingen/plugingen/registry\"\ntype S = " +
					"registry.Spec", "b.go": "var X = S{Namespace: \"a.b\", Name: \"c\"}",
			},
			"Var:       &X",
		},
		"constants elsewhere": {
			map[string]string{
				"a.go": "import " +
					"(\n\"github.com/plugingen/plugingen/registry\"\n\"example.com/m/q\"\n)\nvar X = registry.Spec{Namespace: q.Space, Name: \"c\"}",
				"q/a.go": "//plugin:namespace=d.e name=f\ntype T struct{}",
				"q/b.go": "const Space = prefix + \".b\"", "q/c.go": "const prefix = \"a\"",
			},
			"is the plugin a.b:c",
		},
		"contract that embeds": {
			map[string]string{
				"a.go": "//plugin:namespace=a.b\ntype C interface{ Server }",
				"b.go": "type Server interface{ Serve(int) Result }", "c.go": "type Result int",
				"d.go": "//plugin:namespace=a.b name=c\nfunc f(int) Result { return 0 }",
			},
			"Serve(a0 int) Result",
		},
		"contract imported elsewhere": {
			map[string]string{
				"a.go": plugin + "type T struct{}", "b.go": "import \"example.com/m/q\"\nvar _ q.C",
				"q/a.go": "//plugin:namespace=a.b\ntype C interface{ M() }",
			},
			"(plugin p.C) p.C",
		},
		"name of an import": {
			map[string]string{
				"a.go": plugin + "type T struct{}", "b.go": "var registry = 1",
			},
			"registry1.Spec",
		},
		"name of Go's own": {
			map[string]string{"a.go": plugin + "type T struct{}", "b.go": "\n\n\ntype error int"},
			"b.go:5:6: this hides Go's own error",
		},
		"name of a spec": {
			map[string]string{"a.go": plugin + "type T struct{}", "b.go": "func " +
				"unmentioned() " +
				"{\n}\n\nvar " +
				"Plugin_a_b__c = 1"},
			"b.go:5:5: Plugin_a_b__c is a name that plugingen needs",
		},
		"constraint": {
			map[string]string{
				"a.go": "//plugin:namespace=a.b name=c factory=New\ntype T struct{}",
				"b.go": "//go:build linux\n\npackage p\nfunc " +
					"New() *T { return nil }",
			},
			"New can't be a factory: it is declared only in builds for (linux), but the plugin is in every build",
		},
		"old constraint": {
			map[string]string{"a.go": "//plugin:namespace=a.b name=c factory=New\ntype T " +
				"struct{}", "b.go": "// +build linux\n\npackage p\nfunc New() *T { return nil }"},
			"New can't be a factory: it is declared only in builds for (linux), but the plugin is in every build",
		},
		"constraints for all": {
			map[string]string{
				"a.go": "//plugin:namespace=a.b name=c factory=New\ntype T struct{}",
				"b.go": "//go:build linux\n\npackage p\nfunc New() *T { return nil }",
				"c.go": "//go:build !linux\n\npackage p\nfunc New() *T { " +
					"return nil }",
			},
			"New()",
		},
		"name of a constraint": {
			map[string]string{"a.go": "//plugin:namespace=a.b name=c factory=New\ntype T " +
				"struct{}", "b_windows.go": "func New() *T { return nil }"},
			"it is declared only in builds for (windows)",
		},
		"other package": {
			map[string]string{
				"a.go": plugin + "type T struct{}", "b.go": "package q\nvar x = 1",
				"c.go": "package q\nvar y = 1",
			},
			"this file is of package p, but the package of its directory is q",
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			got := outcome(t, test.files, "")
			is.Equal(got, outcome(t, test.files, "\n\n// This is about the plugin a.b: what it is.\n"))
			if !strings.Contains(got, test.want) {
				t.Errorf("no %q in:\n%s", test.want, got)
			}
		})
	}
}

// outcome returns what is said of a module with the files, and what is generated. The files
// end in the tail.
func outcome(t *testing.T, files map[string]string, tail string) string {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	is.NoErr(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.26.0\n"), 0o666))
	for name, src := range files {
		if !strings.Contains(src, "package ") {
			src = "package p\n" + src
		}
		name = filepath.Join(dir, filepath.FromSlash(name))
		is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
		is.NoErr(os.WriteFile(name, []byte(src+tail), 0o666))
	}
	plan, err := gen.Make(dir, []string{"."})
	is.NoErr(err)
	var said strings.Builder
	for _, d := range plan.Diagnostics {
		said.WriteString(plan.Fset.Position(d.Span.Pos).String() + ": " + d.Message + "\n")
	}
	for _, c := range plan.Changes {
		said.WriteString(c.Path + "\n" + string(c.New))
	}
	return regexp.MustCompile(`"?`+regexp.QuoteMeta(dir)).ReplaceAllString(said.String(), "")
}
