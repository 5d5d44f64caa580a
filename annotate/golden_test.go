package annotate_test

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/excerpt"
	"github.com/plugingen/plugingen/internal/golden"
)

// TestGolden reads each archive in testdata as a package (files in directories are
// packages that it can import) and compares all that annotate says of it.
func TestGolden(t *testing.T) {
	golden.Compare(t, func(t *testing.T, sources map[string][]byte) string {
		tree := readTree(t, sources)
		tree.checkFixes(t)
		return tree.report()
	})
}

const root = "example.com/p"

// A tree is a package, example.com/p, and those in directories below it.
type tree struct {
	fset    *token.FileSet
	sources map[string][]byte
	main    *annotate.Package
	others  map[string]*annotate.Package
}

func readTree(t testing.TB, sources map[string][]byte) *tree {
	t.Helper()
	tr := &tree{fset: token.NewFileSet(), sources: sources, others: map[string]*annotate.Package{}}
	scanned := map[string][]*annotate.File{}
	names := make([]string, 0, len(sources))
	for name := range sources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		syntax, err := parser.ParseFile(tr.fset, name, sources[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(name)
		scanned[dir] = append(scanned[dir], annotate.NewFile(tr.fset, path.Base(name), syntax))
	}
	for dir, files := range scanned {
		if dir != "." {
			tr.others[path.Join(root, dir)] = annotate.Read(path.Join(root, dir), files)
		}
	}
	tr.main = annotate.Read(root, scanned["."])
	tr.others[root] = tr.main
	tr.main.Resolve(tr)
	tr.main.Diagnostics = annotate.Sort(tr.fset, tr.main.Diagnostics)
	return tr
}

func (tr *tree) Namespace(from *annotate.File, path, typeName string) (string, bool) {
	if p := tr.others[path]; p != nil {
		return p.NamespaceOf(from, typeName, tr)
	}
	return "", false
}

func (tr *tree) Address(from *annotate.File, path, typeName string) (address, ok bool) {
	if p := tr.others[path]; p != nil {
		return p.AddressOf(from, typeName, tr)
	}
	return false, false
}

func (tr *tree) Constant(from *annotate.File, path, name string) (string, bool) {
	if p := tr.others[path]; p != nil {
		return p.ConstantNamed(from, name, tr)
	}
	return "", false
}

func newFormatter(fset *token.FileSet, sources map[string][]byte) *excerpt.Formatter {
	return &excerpt.Formatter{
		Fset: fset, Name: filepath.ToSlash,
		Source: func(name string) []byte { return sources[name] },
	}
}

// report renders all that was read.
func (tr *tree) report() string {
	var b strings.Builder
	for _, p := range tr.main.Plugins {
		fmt.Fprintln(&b, plugin(p))
	}
	for _, x := range tr.main.Bases {
		fmt.Fprintf(&b, "base %s %s\n", x.Namespace, x.Symbol)
	}
	for _, c := range tr.main.Contracts {
		fmt.Fprintln(&b, contract(c))
	}
	for _, h := range tr.main.Hosts {
		fmt.Fprintf(&b, "host packages=%s namespaces=%s exclude=%s\n",
			words(h.Packages), words(h.Namespaces), words(h.Exclude))
	}
	formatter := newFormatter(tr.fset, tr.sources)
	for _, d := range tr.main.Diagnostics {
		fmt.Fprintf(&b, "\n[%s] ", d.Category)
		b.WriteString(formatter.Format(d))
		if d.Fix != nil {
			fmt.Fprintf(&b, "\tfix: %s\n", d.Fix.Message)
		}
	}
	return b.String()
}

func plugin(p *annotate.Plugin) string {
	var b strings.Builder
	fmt.Fprintf(&b, "plugin %s %v %s", p.ID(), p.Kind, p.Symbol)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	field("build", p.File.Constraint.String())
	field("factory", call(p.Factory))
	field("should_load", call(p.ShouldLoad))
	field("load", call(p.Load))
	for property := range p.All() {
		switch value := property.Value.(type) {
		case *[]string:
			field(property.Key, strings.Join(*value, ","))
		case *int:
			field(property.Key, strings.TrimPrefix(fmt.Sprint(*value), "0"))
		case *string:
			if property.Key != "doc" { // at the end
				field(property.Key, *value)
			}
		}
	}
	var args, methods []string
	for _, e := range p.TypeArgs {
		args = append(args, types.ExprString(e))
	}
	for _, m := range p.Methods {
		methods = append(methods, m.Name)
	}
	field("type_args", strings.Join(args, ","))
	field("methods", strings.Join(methods, ","))
	if p.Address {
		field("address", "true")
	}
	for _, a := range p.Attrs {
		field(a.Key, a.Value)
	}
	if p.Doc != "" {
		fmt.Fprintf(&b, " doc=%q", p.Doc)
	}
	return b.String()
}

func call(c *annotate.Call) string {
	switch {
	case c == nil:
		return ""
	case c.Value:
		return c.Symbol
	}
	result := ""
	if c.Error {
		result = " with error"
	}
	args := [...]string{"", "name", "spec"}[c.Arg]
	if c.Options != nil {
		args = strings.TrimPrefix(args+", "+types.ExprString(c.Options), ", ")
	}
	return c.Symbol + "(" + args + ")" + result
}

func contract(c *annotate.Contract) string {
	var b strings.Builder
	fmt.Fprintf(&b, "contract %s %s", c.Namespace, c.Symbol)
	for _, m := range c.Methods.Own {
		fmt.Fprintf(&b, " own:%s%s", m.Name, strings.TrimPrefix(types.ExprString(m.Type), "func"))
	}
	for _, m := range c.Methods.Lifecycle {
		fmt.Fprintf(&b, " lifecycle:%s%s", m.Name, strings.TrimPrefix(types.ExprString(m.Type), "func"))
	}
	for _, a := range c.Methods.LoadArgs {
		fmt.Fprintf(&b, " load:%s", types.ExprString(a.Expr))
	}
	for _, u := range c.Methods.Unknown {
		fmt.Fprintf(&b, " unknown:%s", types.ExprString(u.Expr))
	}
	if m := c.Adapts(); m != nil {
		fmt.Fprintf(&b, " adapts:%s", m.Name)
	}
	return b.String()
}

func words(list []annotate.Word) string {
	var texts []string
	for _, w := range list {
		texts = append(texts, w.Text)
	}
	return strings.Join(texts, ",")
}

// checkFixes applies each fix by itself: the file still parses, and the error is gone.
func (tr *tree) checkFixes(t *testing.T) {
	for _, d := range tr.main.Diagnostics {
		if d.Fix == nil {
			continue
		}
		name := tr.fset.PositionFor(d.Pos, false).Filename
		fixed := map[string][]byte{}
		for n, src := range tr.sources {
			fixed[n] = src
		}
		fixed[name] = tr.apply(d.Fix, tr.sources[name])
		if _, err := parser.ParseFile(token.NewFileSet(), name, fixed[name], parser.ParseComments); err != nil {
			t.Errorf("fix of %q: %v\n%s", d.Message, err, fixed[name])
			continue
		}
		if formatted(tr.sources[name]) && !formatted(fixed[name]) {
			t.Errorf("gofmt changes what the fix of %q writes:\n%s", d.Message, fixed[name])
		}
		if lost := tr.lostComment(name, d, fixed[name]); lost != "" {
			t.Errorf("the fix of %q removes %s", d.Message, lost)
		}
		count := func(tr *tree) (n int) {
			for _, other := range tr.main.Diagnostics {
				if other.Message == d.Message {
					n++
				}
			}
			return n
		}
		if again := readTree(t, fixed); count(again) >= count(tr) {
			t.Errorf("the fix of %q does not correct it:\n%s", d.Message, fixed[name])
		}
	}
}

// lostComment returns a comment of a file that a fix has removed, though it is not what the
// diagnostic is about, or "".
func (tr *tree) lostComment(name string, d annotate.Diagnostic, fixed []byte) string {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, tr.sources[name], parser.ParseComments)
	if err != nil {
		return err.Error()
	}
	from, to := tr.fset.PositionFor(d.Pos, false).Offset, tr.fset.PositionFor(d.End, false).Offset
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			apart := fset.PositionFor(c.End(), false).Offset <= from || to <= fset.PositionFor(c.Pos(), false).Offset
			if apart && !bytes.Contains(bytes.ReplaceAll(fixed, []byte("\r"), nil), []byte(c.Text)) {
				return c.Text
			}
		}
	}
	return ""
}

// formatted reports whether gofmt leaves the lines of the source as they are, but for the
// place of directives in doc comments.
func formatted(src []byte) bool {
	out, err := format.Source(src)
	lines := func(src []byte) []string {
		all := strings.Split(string(src), "\n")
		slices.Sort(all)
		return slices.DeleteFunc(all, func(line string) bool { return line == "" || line == "//" })
	}
	return err == nil && slices.Equal(lines(out), lines(src))
}

func (tr *tree) apply(fix *annotate.Fix, src []byte) []byte {
	edits := append([]annotate.Edit{{Span: fix.Span, New: fix.New}}, fix.Also...)
	slices.SortFunc(edits, func(a, b annotate.Edit) int { return int(b.Pos - a.Pos) })
	out := bytes.Clone(src)
	for _, e := range edits {
		from, to := tr.fset.PositionFor(e.Pos, false).Offset, tr.fset.PositionFor(e.End, false).Offset
		out = slices.Concat(out[:from], []byte(e.New), out[to:])
	}
	return out
}
