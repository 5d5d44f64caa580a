package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// strays reports the directives of a file that no declaration took, and the
// comments that were meant to be directives.
func (r *reader) strays(f *File) {
	r.file = f
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			switch {
			case r.read[c]:
			case strings.HasPrefix(c.Text, prefix):
				r.stray(f, c)
			default:
				r.nearMiss(f, c)
			}
		}
	}
}

func (r *reader) stray(f *File, c *ast.Comment) {
	span := Span{c.Pos(), c.End()}
	switch {
	case f.test():
		r.errorf(Placement, span, "a test file can't declare plugins: programs are built without it")
	case ast.IsGenerated(f.Syntax):
		r.errorf(Placement, span, "a generated file can't declare plugins: have its generator write a registry.Spec in a file by hand instead")
	case f.Syntax.Name.Name != r.Name:
		r.errorf(Placement, span, "this file is of package %s, but the package of its folder is %s", f.Syntax.Name.Name, r.Name)
	default:
		r.misplaced(f, c)
	}
}

// misplaced reports a directive where it has no effect. One that links is read: it
// may stand anywhere at top level.
func (r *reader) misplaced(f *File, c *ast.Comment) {
	span := Span{c.Pos(), c.End()}
	line := func(p token.Pos) int { return f.source.PositionFor(p, false).Line }
	var next ast.Decl
	for _, d := range f.Syntax.Decls {
		if d.Pos() <= c.Pos() && c.Pos() < d.End() {
			r.errorf(Placement, span, "%s", insideMessage(d, c.Pos()))
			return
		}
		if d.End() <= c.Pos() && line(d.End()) == line(c.Pos()) {
			r.errorf(Placement, span, "a directive stands above a declaration, not behind it: put it on a line of its own")
			return
		}
		if c.End() <= d.Pos() && next == nil {
			next = d
		}
	}
	if line(f.Syntax.Name.End()) == line(c.Pos()) {
		r.errorf(Placement, span, "a directive stands above the package clause, not behind it: put it on a line of its own")
		return
	}
	d, diags := parseComment(c)
	if d.Get("link") != nil {
		r.Diagnostics = append(r.Diagnostics, diags...)
		r.host(d)
		return
	}
	diag := r.errorf(Placement, span, "this directive belongs to no declaration: put it directly above the one it is for, with no empty line between")
	if next != nil {
		diag.Related = []Related{{Span{next.Pos(), next.Pos()}, "the next declaration is here"}}
	}
}

// insideMessage says why a directive inside a declaration has no effect.
func insideMessage(d ast.Decl, pos token.Pos) string {
	if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && fn.Body.Pos() <= pos {
		return "a directive inside a function has no effect: only package-level declarations are plugins"
	}
	if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
		return "a directive inside a type has no effect: put it above the type, or write a plugin tag on an embedded or blank field"
	}
	return "a directive inside a declaration has no effect: put it above the one it is for"
}

// Comments that were meant to be directives. gofmt puts a space before a
// comment's text unless it is a directive, so that a directive with a slip in it ends up
// as prose. Each needs a key with its =, so that prose about plugins is left alone.
var (
	misspelt = regexp.MustCompile(`^//[ \t]?(?i:\+?plug-?ins?(?:[.\w]*)) ?: ?("?[\w-]+"?[ ]?=|(?:link|ignore)\s*$)`)
	noColon  = regexp.MustCompile(`^//[ \t]?plugin[ \t]+(?:namespace|name|link|factory|packages)=`)
	block    = regexp.MustCompile(`^/\*[ \t]*(?i:\+?plugin):[\w-]+[ ]?=`)
)

func (r *reader) nearMiss(f *File, c *ast.Comment) {
	if ast.IsGenerated(f.Syntax) || !misspelt.MatchString(c.Text) && !noColon.MatchString(c.Text) && !block.MatchString(c.Text) {
		return
	}
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), "/*"), "*/"))
	i := strings.IndexAny(text, ": \t")
	rest := strings.TrimLeft(text[i:], ": \t")
	fixed := prefix + rest
	d := r.errorf(NearMiss, Span{c.Pos(), c.End()}, "this comment is not read: a directive begins with %s, in lower case and with no space", prefix)
	if !strings.ContainsAny(c.Text, "\n") {
		d.Fix = &Fix{Message: "write " + fixed, Span: d.Span, New: fixed}
	}
}
