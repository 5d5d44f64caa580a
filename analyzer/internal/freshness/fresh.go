package freshness

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/genfile"
)

// Enabled reports whether generated files are checked: the flag -fresh.
var Enabled bool

// ExpectedAlone is what plugingen would write in a run for the package alone.
func ExpectedAlone(dir string) (map[string][]byte, bool) {
	files, known, err := gen.Expected(dir)
	return files, known && err == nil
}

// fresh compares the package's generated files with what they should be. Everything is
// reported in the source, since tools hide what is in generated files.
func (c *checker) fresh() {
	if !Enabled || c.expected == nil || len(c.Own.Diagnostics) > 0 || c.Unresolved || c.Sources.Damaged() {
		return
	}
	files := slices.DeleteFunc(slices.Clone(c.Generated()),
		func(f pkgfiles.Generated) bool { return !f.Built && !c.concernsFile(f.Name) })
	if len(files)+len(c.Own.Plugins)+len(c.Own.Contracts)+len(c.Own.Bases)+len(c.Own.Hosts) == 0 {
		return
	}
	d, stale := c.invalid(files)
	if !stale {
		d, stale = c.outdated(files)
	}
	if !stale {
		c.Facts.Broken = c.broken(files)
		return
	}
	d.Category = annotate.Stale
	if blocked, ok := c.blocked(); ok {
		d = blocked
	}
	c.Facts.Stale = new(target.Problem(d.Category, d.Span, d.Message))
}

// blocked returns the error that keeps plugingen from writing the files of a host, if
// there is one: running it would not help. The error can be in another package, so it is
// only looked for when a program is checked.
func (c *checker) blocked() (annotate.Diagnostic, bool) {
	if !c.InProgram || len(c.Own.Hosts) == 0 {
		return annotate.Diagnostic{}, false
	}
	plan, err := gen.Make(c.Dir(), nil)
	if err != nil {
		return annotate.Diagnostic{}, false
	}
	for _, d := range plan.Diagnostics {
		at := plan.Fset.PositionFor(d.Pos, false)
		for _, h := range c.Own.Hosts {
			from, to := c.Fset.PositionFor(h.Directive.Pos, false), c.Fset.PositionFor(h.Directive.End, false)
			if filepath.Base(at.Filename) == filepath.Base(from.Filename) && from.Offset <= at.Offset &&
				at.Offset < to.Offset {
				pos := h.Directive.Pos + token.Pos(at.Offset-from.Offset)
				span := annotate.Span{Pos: pos, End: pos + d.End - d.Pos}
				return annotate.Diagnostic{Span: span, Category: d.Category, Message: d.Message}, true
			}
		}
	}
	return annotate.Diagnostic{}, false
}

// invalid returns a diagnostic for the first generated file that can't be read, or that
// another version of plugingen wrote.
func (c *checker) invalid(files []pkgfiles.Generated) (annotate.Diagnostic, bool) {
	known := c.codeVersion()
	for _, f := range files {
		why := ""
		switch {
		case f.Err != nil:
			why = "can't be read: " + c.RunPlugingen(c.anchor().Pos)
		case f.Version != 0 && known != 0 && f.Version != known:
			why = "was written by a plugingen of another version than the registry package: " +
				c.RunPlugingen(c.anchor().Pos)
		default:
			continue
		}
		return annotate.Diagnostic{Span: c.anchor(), Message: f.Name + " " + why}, true
	}
	return annotate.Diagnostic{}, false
}

// codeVersion returns the newest version of generated code that package generated
// supports, or 0 if it is unknown, as in a package that does not import it.
func (c *checker) codeVersion() int {
	pkg := c.Import(genfile.GeneratedPath)
	if pkg == nil {
		return 0
	}
	newest := 0
	for _, name := range pkg.Scope().Names() {
		if digits, ok := strings.CutPrefix(name, genfile.VersionPrefix); ok {
			n, _ := strconv.Atoi(digits)
			newest = max(newest, n)
		}
	}
	return newest
}

// anchor returns the place to report what is wrong with the package's generated
// files: its first declaration that they are made from, or the package clause.
func (c *checker) anchor() annotate.Span {
	var first annotate.Span
	add := func(s annotate.Span) {
		if !first.Pos.IsValid() || c.before(s.Pos, first.Pos) {
			first = s
		}
	}
	for _, p := range c.Own.Plugins {
		add(p.Decl)
	}
	for _, k := range c.Own.Contracts {
		add(k.Decl)
	}
	for _, b := range c.Own.Bases {
		add(b.Decl)
	}
	for _, h := range c.Own.Hosts {
		add(h.Directive)
	}
	if !first.Pos.IsValid() {
		return c.ImportOf()
	}
	return first
}

func (c *checker) before(a, b token.Pos) bool {
	p, q := c.Fset.PositionFor(a, false), c.Fset.PositionFor(b, false)
	return p.Filename < q.Filename || p.Filename == q.Filename && p.Offset < q.Offset
}

// outdated returns what is not in the package's generated files as it should be. Where that
// is not known, it compares them with what the package declares.
func (c *checker) outdated(files []pkgfiles.Generated) (annotate.Diagnostic, bool) {
	d, differs := c.differs(files)
	want, known := c.expected(c.Dir())
	if !known {
		return d, differs
	}
	want = maps.Clone(want)
	maps.DeleteFunc(want, func(name string, _ []byte) bool {
		return !c.concernsFile(name) && !slices.ContainsFunc(files,
			func(f pkgfiles.Generated) bool { return f.Name == name })
	})
	name, part, links := firstDifference(want, files)
	switch {
	case name == "":
		return annotate.Diagnostic{}, false
	case differs:
		return d, true
	case links: // what a host links also depends on packages that are not checked with it; see unlinked
		return annotate.Diagnostic{}, false
	}
	for _, p := range c.Own.Plugins {
		if strings.HasSuffix(part, genfile.Identifier(p.Namespace, p.Name)) {
			return annotate.Diagnostic{Span: p.Decl, Message: fmt.Sprintf("plugin %s is not in %s as it is "+
				"declared here: %s", p.ID(), name, c.RunPlugingen(p.Decl.Pos))}, true
		}
	}
	if part == missingFile {
		return annotate.Diagnostic{Span: c.anchor(), Message: fmt.Sprintf("there is no %s, which should be here: %s",
			name, c.RunPlugingen(c.anchor().Pos))}, true
	}
	return annotate.Diagnostic{Span: c.anchor(), Message: fmt.Sprintf("%s is not what plugingen would write "+
		"(%s): if it was edited, change what it is made from, and %s", name, part,
		c.RunPlugingen(c.anchor().Pos))}, true
}

// concerns reports whether generated files are checked for what is declared in a place. When a
// package is checked by itself, those of other builds are not: go vet keeps its results as long as
// the files of the build are the same, so that it would go on to report what has been fixed.
func (c *checker) concerns(pos token.Pos) bool { return c.InProgram || c.InBuild(pos) }

// concernsFile reports whether the generated file of a name is checked: if it is not of the build
// itself, since it does not compile or is not there, then for the files that it is made from.
func (c *checker) concernsFile(name string) bool {
	return c.InProgram || name == genfile.Name("") ||
		slices.ContainsFunc(c.Own.Files, func(f *annotate.File) bool {
			return c.IsBuilt(f) &&
				genfile.Name(f.Constraint.String()) == name
		})
}

// differs returns the first difference between what the package declares and what
// its generated files say.
func (c *checker) differs(files []pkgfiles.Generated) (annotate.Diagnostic, bool) {
	rest := newContents(files)
	if d, ok := c.pluginDiffers(rest); ok {
		return d, true
	}
	if d, ok := c.recordDiffers(rest); ok {
		return d, true
	}
	if d, ok := c.hostDiffers(); ok {
		return d, true
	}
	return c.leftOver(rest, files)
}

// regenerate returns a diagnostic that asks to run plugingen, and true.
func (c *checker) regenerate(span annotate.Span, format string, args ...any) (annotate.Diagnostic, bool) {
	message := fmt.Sprintf(format, args...) + ": " + c.RunPlugingen(span.Pos)
	return annotate.Diagnostic{Span: span, Message: message}, true
}

// pluginDiffers looks for a plugin that is not in the contents as it is declared. It takes
// those that are.
func (c *checker) pluginDiffers(rest *Contents) (annotate.Diagnostic, bool) {
	for _, p := range c.Own.Plugins {
		if !c.concerns(p.Decl.Pos) {
			continue
		}
		name := genfile.Name(p.File.Constraint.String())
		s, ok := rest.Take(name, p)
		switch {
		case !ok && !slices.Contains(rest.Files, name) && c.hasFile(name):
			return c.regenerate(p.Decl, "plugin %s should be in %s, but plugingen did not write the file of "+
				"that name, and leaves it alone: give it another name", p.ID(), name)
		case !ok && !slices.Contains(rest.Files, name):
			return c.regenerate(p.Decl, "there is no %s, which the plugin %s should be in", name, p.ID())
		case !ok:
			return c.regenerate(p.Decl, "plugin %s is not in %s", p.ID(), name)
		case !s.Asserted && c.IsBuilt(p.File) && c.assertable(p):
			return c.regenerate(p.Decl, "%s does not assert that plugin %s satisfies the contract, which the "+
				"package knows", name, p.ID())
		case !SpecMatches(p, s):
			return c.regenerate(p.Decl, "plugin %s is not in %s as it is declared here", p.ID(), name)
		}
	}
	return annotate.Diagnostic{}, false
}

// recordDiffers looks for a contract or a base that is not in the contents. It takes those
// that are.
func (c *checker) recordDiffers(rest *Contents) (annotate.Diagnostic, bool) {
	for _, k := range c.Own.Contracts {
		if !c.concerns(k.Decl.Pos) {
			continue
		}
		name := genfile.Name(k.File.Constraint.String())
		m := genfile.Record{Namespace: k.Namespace, Symbol: k.Symbol, Pointer: k.Pointer}
		if !rest.TakeRecord(genfile.ContractRecord, name, m) {
			return c.regenerate(k.Decl, "the contract of %s is not in %s", k.Namespace, name)
		}
	}
	recorded := map[genfile.Record]bool{} // a base that each platform declares for itself has one record
	for _, b := range c.Own.Bases {
		name, m := genfile.Name(""), genfile.Record{Namespace: b.Namespace, Symbol: b.Symbol}
		if token.IsExported(b.Symbol) && !recorded[m] && !rest.TakeRecord(genfile.BaseRecord, name, m) {
			return c.regenerate(b.Decl, "%s, from which structs inherit the namespace %s, is not in %s", b.Symbol,
				b.Namespace, name)
		}
		recorded[m] = true
	}
	return annotate.Diagnostic{}, false
}

// hostDiffers looks for a host into which nothing is linked, or a plugin that it does not take.
func (c *checker) hostDiffers() (annotate.Diagnostic, bool) {
	if len(c.Own.Hosts) > 0 && !slices.ContainsFunc(c.Generated(),
		func(f pkgfiles.Generated) bool { return len(f.Links) > 0 }) {
		return c.regenerate(c.Own.Hosts[0].Directive, "no generated file links plugins into this host")
	}
	for _, h := range c.Facts.Hosts {
		if p, ok := h.Unselected(); ok && h.Package == c.Pkg.Path() {
			return c.regenerate(h.Span(), "a generated file links the plugin %s of %s, which this directive "+
				"does not take", p.ID(), p.Package)
		}
	}
	return annotate.Diagnostic{}, false
}

// leftOver looks for something in the contents that the package no longer declares.
func (c *checker) leftOver(rest *Contents, files []pkgfiles.Generated) (annotate.Diagnostic, bool) {
	if left := rest.Rest(); left != "" {
		return c.regenerate(c.anchor(), "%s, which is no longer declared", left)
	}
	for _, f := range files {
		switch {
		case len(c.Own.Hosts) == 0 && len(f.Links) > 0:
			return c.regenerate(c.anchor(), "%s links plugins, but there is no //plugin:link", f.Name)
		case len(f.Specs)+len(f.Contracts)+len(f.Bases)+len(f.Links) == 0:
			return c.regenerate(c.anchor(), "%s is no longer needed", f.Name)
		}
	}
	return annotate.Diagnostic{}, false
}

// hasFile reports whether the package has a file of the name.
func (c *checker) hasFile(name string) bool {
	return slices.ContainsFunc(c.Files, func(f *ast.File) bool { return pkgfiles.BaseName(c.Pass, f) == name }) ||
		slices.ContainsFunc(c.Ignored, func(f string) bool { return filepath.Base(f) == name })
}

// assertable reports whether plugingen generates an assertion that the plugin satisfies its
// contract.
func (c *checker) assertable(p *annotate.Plugin) bool {
	k, t := c.Facts.Contract(p.Namespace), c.Fact(p).Type
	return k != nil && p.Kind != annotate.Spec && t != nil && t.Name != "any" &&
		c.NamesContract(*k, p.File.Constraint)
}

// broken returns a diagnostic for the first type error in generated files, or nil if
// there is none. Report it only if there is no other: a plugin that does not satisfy its
// contract is a type error in a generated file, too.
func (c *checker) broken(files []pkgfiles.Generated) *analysis.Diagnostic {
	for _, e := range c.TypeErrors {
		name := filepath.Base(e.Fset.PositionFor(e.Pos, false).Filename)
		missing := strings.HasPrefix(e.Msg, "could not import ") // which plugingen can't fix
		if !missing && slices.ContainsFunc(files, func(f pkgfiles.Generated) bool { return f.Name == name }) {
			if c.pending(e.Msg) {
				continue
			}
			if field := c.misdescribed(e); field != nil {
				return new(target.Problem(annotate.BadValue, annotate.Span{Pos: field.Pos()},
					fmt.Sprintf("field %s (%s) can't be an option: its as= does not fit: %s", field.Name(),
						types.TypeString(field.Type(), (*types.Package).Name), firstLine(e.Msg))))
			}
			if at, what := c.undefined(e); what != "" {
				return new(target.Problem(annotate.Unresolved, at, what))
			}
			return new(target.Problem(annotate.Stale, c.anchor(),
				fmt.Sprintf("%s no longer compiles (%s): %s", name, firstLine(e.Msg),
					c.RunPlugingen(c.anchor().Pos))))
		}
	}
	return nil
}

// undefined returns what is wrong with the type argument of a directive, and where, if a type
// error is that another package does not have it, which syntax does not tell; "" if it is another
// error.
func (c *checker) undefined(e types.Error) (at annotate.Span, what string) {
	for _, p := range c.Own.Plugins {
		for _, arg := range p.TypeArgs {
			ast.Inspect(arg, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && e.Msg == "undefined: "+types.ExprString(sel) {
					at, what = p.Span("type_args"), types.ExprString(sel)+" is not declared: correct type_args"
				}
				return what == ""
			})
		}
	}
	return at, what
}

// misdescribed returns the field that generated code sets at a type error, if the tag of
// the field has the key as: its value is wrong. It returns nil for other errors.
func (c *checker) misdescribed(e types.Error) (field types.Object) {
	within := func(n ast.Node) bool { return n.Pos() <= e.Pos && e.Pos < n.End() }
	for _, f := range c.Files {
		if e.Fset != c.Pass.Fset || !within(f) {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.ExprStmt); ok && within(call) {
				ast.Inspect(call, func(n ast.Node) bool {
					if sel, ok := n.(*ast.SelectorExpr); ok && hasAs(c.TypesInfo.Selections[sel]) {
						field = c.TypesInfo.Selections[sel].Obj()
					}
					return field == nil
				})
			}
			return field == nil && n != nil && within(n)
		})
	}
	return field
}

// hasAs reports whether a selection is of a field whose tag has the key as.
func hasAs(s *types.Selection) bool {
	if s == nil || s.Kind() != types.FieldVal || len(s.Index()) != 1 {
		return false
	}
	t := s.Recv()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	fields, ok := t.Underlying().(*types.Struct)
	return ok && target.OptionTags(fields)[s.Index()[0]].Get("as") != nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// pending reports whether a type error is about the spec of an imported plugin that is
// declared: that package's generated file is stale, which is reported there.
func (c *checker) pending(message string) bool {
	if c.specsOfImports == nil {
		c.specsOfImports = map[string]bool{}
		for _, p := range c.Facts.Plugins {
			if p.Package != c.Pkg.Path() {
				c.specsOfImports[genfile.Identifier(p.Namespace, p.Name)] = true
			}
		}
	}
	return c.specsOfImports[message[strings.LastIndexByte(message, '.')+1:]]
}

// Expected returns the generated files that the package in a directory should have, by base
// name. known is false if that can't be told.
type Expected func(dir string) (files map[string][]byte, known bool)

// checker checks a package's generated files.
type checker struct {
	*target.Target
	expected       Expected
	specsOfImports map[string]bool // see pending
}

// Check compares the generated files of a package with expected, which may be nil.
// The diagnostic is recorded in the facts.
func Check(u *target.Target, expected Expected) {
	(&checker{Target: u, expected: expected}).fresh()
}
