package target

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/invoke"
)

// Problem returns a diagnostic.
func Problem(category annotate.Category, at annotate.Span, message string) analysis.Diagnostic {
	return analysis.Diagnostic{Pos: at.Pos, End: at.End, Category: string(category), Message: message}
}

// Span returns the span of a node.
func Span(n ast.Node) annotate.Span { return annotate.Span{Pos: n.Pos(), End: n.End()} }

// Converted returns a diagnostic of package annotate as one of package analysis.
func Converted(d annotate.Diagnostic) analysis.Diagnostic {
	out := analysis.Diagnostic{Pos: d.Pos, End: d.End, Category: string(d.Category), Message: d.Message}
	for _, r := range d.Related {
		out.Related = append(out.Related, analysis.RelatedInformation{Pos: r.Pos, End: r.End, Message: r.Message})
	}
	if d.Fix != nil {
		fix := analysis.SuggestedFix{
			Message:   d.Fix.Message,
			TextEdits: []analysis.TextEdit{{Pos: d.Fix.Pos, End: d.Fix.End, NewText: []byte(d.Fix.New)}},
		}
		for _, e := range d.Fix.Also {
			fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: []byte(e.New)})
		}
		out.SuggestedFixes = []analysis.SuggestedFix{fix}
	}
	return out
}

// Origin returns the origin of a declaration of the package.
func (c *Target) Origin(name string, at annotate.Span) facts.Origin {
	return facts.Origin{Package: c.Pkg.Path(), Symbol: name, Place: facts.NewPlace(c.At(at.Pos), at)}
}

// At describes a position in the package in the same way on every machine.
func (c *Target) At(pos token.Pos) string {
	p := pkgfiles.Position(c.Fset, pos)
	return fmt.Sprintf("%s/%s:%d:%d", c.Pkg.Path(), filepath.Base(p.Filename), p.Line, p.Column)
}

// Place returns where to report an error of a declaration, and whether that is the
// declaration itself: it is in the package that declares it, and in a program.
// In another package it is where the package imports the declaration, or the other.
func (c *Target) Place(o, other facts.Origin) (at annotate.Span, own bool) {
	if o.Package == c.Pkg.Path() || c.WholeProgram {
		return o.Span(), true
	}
	return c.ImportOf(o.Package, other.Package), false
}

// ImportOf returns where to report an error between packages that this one imports:
// the directive that links them, an import of one of them, or the package clause.
func (c *Target) ImportOf(paths ...string) annotate.Span {
	for _, h := range c.Facts.Hosts {
		if h.Package == c.Pkg.Path() && h.Span().Pos.IsValid() {
			return h.Span()
		}
	}
	for _, path := range paths {
		for _, f := range c.Files {
			if ast.IsGenerated(f) {
				continue
			}
			for _, imp := range f.Imports {
				if imp.Path.Value == `"`+path+`"` {
					return Span(imp)
				}
			}
		}
	}
	for _, f := range c.Files {
		if !ast.IsGenerated(f) {
			return Span(f.Name)
		}
	}
	return Span(c.Files[0].Name)
}

// Related returns where a symbol is declared, if that is known, followed by more.
func (c *Target) Related(s facts.Origin, message string,
	more []analysis.RelatedInformation,
) []analysis.RelatedInformation {
	if s.Span().Pos.IsValid() {
		return append([]analysis.RelatedInformation{{Pos: s.Span().Pos, End: s.Span().End, Message: message}}, more...)
	}
	if obj := c.Object(s.Package, s.Symbol); obj != nil && obj.Pos().IsValid() {
		return append([]analysis.RelatedInformation{{Pos: obj.Pos(), Message: message}}, more...)
	}
	return more
}

// RelatedContract returns where a contract's method is declared, or the contract if
// method is "".
func (c *Target) RelatedContract(k facts.Contract, method string) []analysis.RelatedInformation {
	obj := c.Object(k.Package, k.Symbol)
	if obj == nil {
		return c.Related(k.Origin, "the contract is declared here", nil)
	}
	if iface, ok := obj.Type().Underlying().(*types.Interface); ok && method != "" {
		for m := range iface.Methods() {
			if m.Id() == method && m.Pos().IsValid() {
				return []analysis.RelatedInformation{{Pos: m.Pos(), Message: "the contract's method is declared here"}}
			}
		}
	}
	return c.Related(k.Origin, "the contract is declared here", nil)
}

// ReportContract reports a plugin that does not satisfy its contract. It reports
// nothing if the place is not known.
func (c *Target) ReportContract(at annotate.Span, plugin, message string,
	related []analysis.RelatedInformation, fixes ...*analysis.SuggestedFix,
) {
	if !at.Pos.IsValid() {
		return
	}
	d := Problem(annotate.BadContract, at, "plugin "+plugin+": "+message)
	d.Related = related
	for _, fix := range fixes {
		if fix != nil {
			d.SuggestedFixes = append(d.SuggestedFixes, *fix)
		}
	}
	c.Report(d)
}

// RunPlugingen returns the advice to run plugingen for the file of a position.
func (c *Target) RunPlugingen(at token.Pos) string {
	return "run " + invoke.Plugingen(filepath.Dir(pkgfiles.Position(c.Fset, at).Filename)) + " ./..."
}

// Fix returns a fix of package annotate as one of package analysis, or nil if there
// is none.
func Fix(fix *annotate.Fix) *analysis.SuggestedFix {
	if fix == nil {
		return nil
	}
	return &Converted(annotate.Diagnostic{Fix: fix}).SuggestedFixes[0]
}
