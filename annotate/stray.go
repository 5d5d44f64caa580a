package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"sort"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// strays reports the directives and the tags of a file that no declaration took,
// and the comments that were meant to be directives.
func (r *reader) strays(f *File) {
	r.file = f
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			switch {
			case r.read[c] || !mentionsPlugin(c.Text) && !rules.MisspeltMarker(c.Text):
			case isDirective(c.Text):
				r.stray(f, group, c)
			default:
				r.nearMiss(f, c)
			}
		}
	}
	r.strayTags(f)
}

// elsewhere says why nothing in the file can be a plugin or a host, "" if it can.
func (r *reader) elsewhere(f *File) string {
	switch {
	case f.test():
		return "a test file can't declare or link plugins, since programs are built without it: " +
			"move the plugin to another file, or give the test's manager plugins of its own, as in registry.NewManager[T](namespace, registry.WithSpecs(&registry.Spec{...}))"
	case f.generated:
		return "a generated file can't declare or link plugins: what makes the file would have to; " +
			"put the directive into a file of your own, or declare a registry.Spec there"
	case f.Syntax.Name.Name != r.Name:
		return fmt.Sprintf("this file is of package %s, but the package of its directory is %s", f.Syntax.Name.Name, r.Name)
	}
	return ""
}

func (r *reader) stray(f *File, group *ast.CommentGroup, c *ast.Comment) {
	if why := r.elsewhere(f); why != "" {
		r.errorf(Placement, Span{c.Pos(), c.End()}, "%s", why)
		return
	}
	r.misplaced(f, group, c)
}

// misplaced reports a directive where it has no effect. One that links is read: it
// may stand anywhere at top level.
func (r *reader) misplaced(f *File, group *ast.CommentGroup, c *ast.Comment) {
	d, diags := parseComment(c)
	after := f.declsFrom(c.Pos())
	if len(after) > 0 && after[0].Pos() <= c.Pos() {
		r.inside(f, after[0], c)
		return
	}
	if decl := f.firstOnLine(len(f.Syntax.Decls)-len(after), c.Pos()); decl != nil {
		r.trailing(f, decl, c)
		return
	}
	switch {
	case f.line(f.Syntax.Name.End()) == f.line(c.Pos()) && c.Pos() > f.Syntax.Package:
		r.errorf(Placement, d.Span, "a directive stands above the package clause, not behind it: put it on a line of its own")
	case d.Get("link") != nil:
		r.Diagnostics = append(r.Diagnostics, diags...)
		r.host(d)
	default:
		r.detached(f, group, d)
	}
}

// firstOnLine returns the first of n declarations that ends on the line of a place behind
// them, nil if none does.
func (f *File) firstOnLine(n int, pos token.Pos) (first ast.Decl) {
	for _, d := range slices.Backward(f.Syntax.Decls[:n]) {
		if f.line(d.End()) != f.line(pos) {
			break
		}
		first = d
	}
	return first
}

// inside reports a directive inside a declaration.
func (r *reader) inside(f *File, d ast.Decl, c *ast.Comment) {
	span := Span{c.Pos(), c.End()}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Body != nil && d.Body.Pos() <= c.Pos() {
			r.errorf(Placement, span, "a directive inside a function has no effect: only package-level declarations are plugins")
			return
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if spec.End() <= c.Pos() && f.line(spec.End()) == f.line(c.Pos()) {
				r.trailing(f, spec, c)
				return
			}
		}
		if d.Tok == token.TYPE {
			r.errorf(Placement, span, "a directive inside a type has no effect: put it above the type, or write a plugin tag on an embedded field or on one named _")
			return
		}
	}
	r.errorf(Placement, span, "a directive inside a declaration has no effect: put it above the one it is for")
}

// trailing reports a directive behind a declaration, on the same line.
func (r *reader) trailing(f *File, n ast.Node, c *ast.Comment) {
	d := r.errorf(Placement, Span{c.Pos(), c.End()}, "a directive stands above a declaration, not behind it: put it on a line of its own")
	indent := strings.Repeat("\t", f.source.PositionFor(n.Pos(), false).Column-1)
	d.Fix = &Fix{
		Message: "move it above", Span: Span{n.Pos(), n.Pos()}, New: c.Text + "\n" + indent,
		Also: []Edit{{Span{c.Pos(), c.End()}, ""}},
	}
}

// detached reports a directive that stands between declarations, and offers to
// join it to the one below if nothing but empty lines is in between.
func (r *reader) detached(f *File, group *ast.CommentGroup, d *Directive) {
	if d.hostKey() != "" {
		r.errorf(Missing, d.Span, "key %q is for a host: begin with link, as in //plugin:link packages=all", d.hostKey())
		return
	}
	next := r.next(f, group)
	diag := r.errorf(Placement, d.Span, "this directive belongs to no declaration: put it directly above the one it is for, with no empty line between")
	if next == token.NoPos {
		return
	}
	diag.Related = []Related{{Span{next, next}, "the next declaration is here"}}
	comments := f.Syntax.Comments
	i := sort.Search(len(comments), func(i int) bool { return comments[i].Pos() > group.End() })
	if i < len(comments) && comments[i].Pos() < next {
		return
	}
	diag.Fix = &Fix{Message: "remove the empty line below it", Span: Span{group.End(), next}, New: "\n"}
}

// next returns where the declaration below a comment begins, its own comment
// included, or NoPos if there is none.
func (r *reader) next(f *File, group *ast.CommentGroup) token.Pos {
	if group.End() <= f.Syntax.Package {
		if f.Syntax.Doc != nil {
			return f.Syntax.Doc.Pos()
		}
		return f.Syntax.Package
	}
	for _, d := range f.declsFrom(group.End()) {
		if d.Pos() < group.End() {
			continue
		}
		if doc := docOf(d); doc != nil && doc.Pos() >= group.End() {
			return doc.Pos()
		}
		return d.Pos()
	}
	return token.NoPos
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// strayTags reports plugin tags of structs that are not package-level types.
func (r *reader) strayTags(f *File) {
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			r.strayTagsIn(f, d)
		case *ast.FuncDecl:
			if d.Body != nil {
				r.localTags(f, d.Body)
			}
		}
	}
}

// localTags looks for the types that statements declare. Expressions, which most
// source consists of, are left out.
func (r *reader) localTags(f *File, body ast.Stmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeclStmt); ok {
			r.strayTagsIn(f, d)
			return false
		}
		_, expr := n.(ast.Expr)
		return !expr
	})
}

func (r *reader) strayTagsIn(f *File, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok && !r.tagged[s] {
			r.strayTagsOf(f, s)
		}
		_, fn := n.(*ast.BlockStmt)
		return !fn
	})
}

func (r *reader) strayTagsOf(f *File, s *ast.StructType) {
	for _, field := range s.Fields.List {
		if field.Tag == nil {
			continue
		}
		d, _ := parseTag(field.Tag, strict)
		if d == nil {
			continue
		}
		why := r.elsewhere(f)
		if why == "" {
			why = "a plugin tag has an effect only in a struct type that is declared at package level: move the type there"
		}
		r.errorf(Placement, d.Span, "%s", why)
	}
}
