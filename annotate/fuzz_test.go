package annotate_test

import (
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/golden"
)

// readAlone reads a file as a package by itself, as far as it can be parsed.
func readAlone(name string, src []byte) (*token.FileSet, *annotate.Package, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	p := annotate.Read(root, []*annotate.File{annotate.NewFile(fset, name, syntax)})
	p.Resolve(nil)
	p.Diagnostics = annotate.Sort(fset, p.Diagnostics)
	return fset, p, err
}

// FuzzRead reads anything that a parser makes something of, broken files
// included: there is no panic, and each place is in the file.
func FuzzRead(f *testing.F) {
	for _, src := range golden.Sources(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		fset, p, _ := readAlone("a.go", src)
		for _, d := range p.Diagnostics {
			newFormatter(fset, map[string][]byte{"a.go": src}).Format(d)
			spans := []annotate.Span{d.Span}
			for _, r := range d.Related {
				spans = append(spans, r.Span)
			}
			if d.Fix != nil {
				spans = append(spans, d.Fix.Span)
			}
			for _, s := range spans {
				file := fset.File(s.Pos)
				if file == nil || s.End < s.Pos || int(s.End) > file.Base()+file.Size() {
					t.Errorf("%q: the place %v of %q is not in the file", src, s, d.Message)
				}
			}
		}
	})
}

// places are the parts of messages that gofmt may change.
var places = regexp.MustCompile(`\s+`)

// said returns all that is read of a file, without the places, sorted.
func said(p *annotate.Package) []string {
	var all []string
	for _, x := range p.Plugins {
		all = append(all, plugin(x))
	}
	for _, c := range p.Contracts {
		all = append(all, contract(c))
	}
	for _, b := range p.Bases {
		all = append(all, b.Namespace+" "+b.Symbol)
	}
	for _, d := range p.Diagnostics {
		all = append(all, places.ReplaceAllString(string(d.Category)+" "+d.Message, " "))
	}
	slices.Sort(all)
	return all
}

// TestGofmtChangesNothing formats the golden packages, which moves directives to
// the end of their comments and turns misspelt ones into prose: all that is found is
// found again, and the same is said of it.
func TestGofmtChangesNothing(t *testing.T) {
	for name, src := range golden.Sources(t) {
		_, before, err := readAlone(name, src)
		if err != nil {
			t.Fatal(err)
		}
		formatted, err := format.Source(src)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := readAlone(name, formatted)
		if a, b := said(before), said(after); !slices.Equal(a, b) {
			t.Errorf("before gofmt:\n%s\nafter:\n%s\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"), formatted)
		}
	}
}

// TestExcerptOfALongLine points into a line that is too long to show as it is.
func TestExcerptOfALongLine(t *testing.T) {
	src := "package p\n\n//plugin:namespace=n x_a=" + strings.Repeat("世", 30000) +
		" nmae=x x_b=" + strings.Repeat("b", 30000) + "\ntype T struct{}\n"
	fset, p, err := readAlone("a.go", []byte(src))
	if err != nil || len(p.Diagnostics) == 0 {
		t.Fatal(err, p.Diagnostics)
	}
	text := newFormatter(fset, map[string][]byte{"a.go": []byte(src)}).Format(p.Diagnostics[0])
	lines := strings.Split(text, "\n")
	at := strings.Index(lines[1], "nmae")
	if len(text) > 800 || at < 0 || len([]rune(lines[1][:at])) != strings.IndexByte(lines[2], '^') {
		t.Errorf("%s", text)
	}
}

// TestBegunIsNeverIgnored writes every printable character behind //plugin:, and more
// behind that: a comment that begins like a directive is one, or it is reported.
func TestBegunIsNeverIgnored(t *testing.T) {
	for r := rune(' '); r < 0x250; r++ {
		if !unicode.IsPrint(r) {
			continue
		}
		for _, rest := range []string{"", "x", "namespace=n", "foo=bar", "{\"a\":1}", " text"} {
			comment := "//plugin:" + string(r) + rest
			_, p, _ := readAlone("a.go", []byte("package p\n\n"+comment+"\nfunc F() {}\n"))
			if len(p.Plugins)+len(p.Hosts)+len(p.Diagnostics) == 0 {
				t.Errorf("%s is ignored", comment)
			}
		}
		if marker := "//plugin" + string(r) + "namespace=n"; !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			_, p, _ := readAlone("a.go", []byte("package p\n\n"+marker+"\nfunc F() {}\n"))
			if len(p.Plugins)+len(p.Diagnostics) == 0 {
				t.Errorf("%s is ignored", marker)
			}
		}
	}
}

// TestConstantsTakeLinearTime evaluates constants of which each is twice the one before: the work is
// linear in their number, and a name that is too long to be written is none.
func TestConstantsTakeLinearTime(t *testing.T) {
	var src strings.Builder
	src.WriteString("package p\n\nconst c0 = \"x\"\n")
	for i := range 60 {
		fmt.Fprintf(&src, "const c%d = c%d + c%d\n", i+1, i, i)
	}
	src.WriteString("//plugin:namespace=n name_from=c60\nfunc F() {}\n//plugin:namespace=n name_from=c4\nfunc G() {}\n")
	_, p, _ := readAlone("a.go", []byte(src.String()))
	if len(p.Plugins) != 1 || p.Plugins[0].Name != strings.Repeat("x", 16) || len(p.Diagnostics) != 1 {
		t.Error(p.Plugins, p.Diagnostics)
	}
}

// TestSuggestionsAreBounded checks that a package with very many undeclared names has a
// diagnostic for each, but suggestions only for the first ones: each takes a search
// through all declarations.
func TestSuggestionsAreBounded(t *testing.T) {
	var src strings.Builder
	src.WriteString("package p\n\nfunc enabled() bool { return true }\n")
	for i := range 300 {
		fmt.Fprintf(&src, "\n//plugin:namespace=n should_load=enabeld\nfunc F%d() {}\n", i)
	}
	_, p, _ := readAlone("a.go", []byte(src.String()))
	suggestions := 0
	for _, d := range p.Diagnostics {
		if d.Fix != nil {
			suggestions++
		}
	}
	if len(p.Diagnostics) != 300 || suggestions == 0 || suggestions > 100 {
		t.Errorf("%d diagnostics, %d with suggestions", len(p.Diagnostics), suggestions)
	}
}
