// Package builds reads build constraints: for which builds the go command compiles a
// file, and whether any build meets two constraints at once.
package builds

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"slices"
	"strings"
)

// A Constraint is the condition under which a file is compiled: its //go:build line,
// what its name implies, and cgo if it imports "C". Every build meets the zero
// Constraint.
type Constraint struct {
	terms []constraint.Expr // joined by &&; sorted by their text, without repetitions
}

// OfFile returns the constraint of a file, of which in has the lines. The name is without
// directory. The file was parsed with comments; lines that are not valid constraints are ignored.
func OfFile(in *token.File, name string, f *ast.File) Constraint {
	var c Constraint
	for _, line := range Lines(in, f) {
		if expr, err := constraint.Parse(line.Text); err == nil {
			c = c.and(expr)
		}
	}
	for _, tag := range nameTags(name) {
		c = c.and(&constraint.TagExpr{Tag: tag})
	}
	for _, imp := range f.Imports {
		if imp.Path.Value == `"C"` {
			c = c.and(&constraint.TagExpr{Tag: "cgo"})
		}
	}
	return c
}

// Lines returns the //go:build lines above the package clause of a file, or if there are none
// the "// +build" lines there that the go command still reads: an empty line follows, and there
// is no /* comment before it.
func Lines(in *token.File, f *ast.File) []*ast.Comment {
	var lines, old []*ast.Comment
	general, lastLine := false, 0 // whether there was a /* comment, and where the last comment ends
	for _, group := range f.Comments {
		if group.Pos() >= f.Package {
			break
		}
		general = general || slices.ContainsFunc(group.List, isGeneral)
		for _, comment := range group.List {
			switch begins := in.PositionFor(comment.Pos(), false).Line > lastLine; {
			case begins && constraint.IsGoBuild(comment.Text):
				lines = append(lines, comment)
			case !general && constraint.IsPlusBuild(comment.Text) && group != f.Doc:
				old = append(old, comment)
			}
			lastLine = in.PositionFor(comment.End(), false).Line
		}
	}
	if len(lines) == 0 {
		return old
	}
	return lines
}

// isGeneral reports whether a comment is between /* and */.
func isGeneral(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "/*") }

// Parse returns the constraint of which String returned s.
func Parse(s string) (Constraint, error) {
	if s == "" {
		return Constraint{}, nil
	}
	expr, err := constraint.Parse("//go:build " + s)
	if err != nil {
		return Constraint{}, err
	}
	return Constraint{}.and(expr), nil
}

// And returns the constraint that builds meet if they meet both.
func (c Constraint) And(d Constraint) Constraint {
	for _, term := range d.terms {
		c = c.and(term)
	}
	return c
}

func (c Constraint) and(expr constraint.Expr) Constraint {
	expr = withoutDoubleNot(expr)
	if both, ok := expr.(*constraint.AndExpr); ok {
		return c.and(both.X).and(both.Y)
	}
	expr = sorted(expr)
	at, found := slices.BinarySearchFunc(c.terms, expr.String(), func(e constraint.Expr, s string) int {
		return strings.Compare(e.String(), s)
	})
	if found {
		return c
	}
	return Constraint{slices.Insert(slices.Clone(c.terms), at, expr)}
}

// sorted sorts the operands of && and || in an expression.
func sorted(expr constraint.Expr) constraint.Expr {
	switch e := withoutDoubleNot(expr).(type) {
	case *constraint.NotExpr:
		return &constraint.NotExpr{X: sorted(e.X)}
	case *constraint.AndExpr:
		return joined(e, func(x, y constraint.Expr) constraint.Expr { return &constraint.AndExpr{X: x, Y: y} })
	case *constraint.OrExpr:
		return joined(e, func(x, y constraint.Expr) constraint.Expr { return &constraint.OrExpr{X: x, Y: y} })
	default:
		return e
	}
}

// withoutDoubleNot drops double negations, which [constraint.Expr.String] prints as
// !!tag, and [constraint.Parse] rejects.
func withoutDoubleNot(expr constraint.Expr) constraint.Expr {
	for {
		not, _ := expr.(*constraint.NotExpr)
		if not == nil {
			return expr
		}
		again, _ := not.X.(*constraint.NotExpr)
		if again == nil {
			return expr
		}
		expr = again.X
	}
}

// joined sorts the operands of a chain of one operator, drops repeated ones and joins
// the rest again.
func joined(expr constraint.Expr, join func(x, y constraint.Expr) constraint.Expr) constraint.Expr {
	list := operands(expr, expr, nil)
	slices.SortFunc(list, func(x, y constraint.Expr) int { return strings.Compare(x.String(), y.String()) })
	list = slices.CompactFunc(list, func(x, y constraint.Expr) bool { return x.String() == y.String() })
	expr = list[0]
	for _, next := range list[1:] {
		expr = join(expr, next)
	}
	return expr
}

// operands appends to list the operands of a chain of the operator of like.
func operands(expr, like constraint.Expr, list []constraint.Expr) []constraint.Expr {
	expr = withoutDoubleNot(expr)
	switch e := expr.(type) {
	case *constraint.AndExpr:
		if _, ok := like.(*constraint.AndExpr); ok {
			return operands(e.Y, like, operands(e.X, like, list))
		}
	case *constraint.OrExpr:
		if _, ok := like.(*constraint.OrExpr); ok {
			return operands(e.Y, like, operands(e.X, like, list))
		}
	}
	return append(list, sorted(expr))
}

// String returns the expression as it is written behind //go:build, or "" for the zero
// Constraint. Constraints with equal strings are equal.
func (c Constraint) String() string {
	if len(c.terms) == 0 {
		return ""
	}
	return c.expr().String()
}

// expr returns the terms as one expression. There must be at least one.
func (c Constraint) expr() constraint.Expr {
	expr := c.terms[0]
	for _, term := range c.terms[1:] {
		expr = &constraint.AndExpr{X: expr, Y: term}
	}
	return expr
}

// Eval reports whether a build meets the constraint. ok reports whether it meets a tag.
func (c Constraint) Eval(ok func(tag string) bool) bool {
	return !slices.ContainsFunc(c.terms, func(e constraint.Expr) bool { return !e.Eval(ok) })
}

// Tags returns the tags in the constraint, sorted.
func (c Constraint) Tags() []string {
	seen := map[string]bool{}
	for _, term := range c.terms {
		addTags(term, seen)
	}
	tags := make([]string, 0, len(seen))
	for tag := range seen {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// size returns the number of tags in an expression, repeated ones included.
func size(expr constraint.Expr) int {
	switch e := expr.(type) {
	case *constraint.NotExpr:
		return size(e.X)
	case *constraint.AndExpr:
		return size(e.X) + size(e.Y)
	case *constraint.OrExpr:
		return size(e.X) + size(e.Y)
	}
	return 1
}

func addTags(expr constraint.Expr, seen map[string]bool) {
	switch e := expr.(type) {
	case *constraint.TagExpr:
		seen[e.Tag] = true
	case *constraint.NotExpr:
		addTags(e.X, seen)
	case *constraint.AndExpr:
		addTags(e.X, seen)
		addTags(e.Y, seen)
	case *constraint.OrExpr:
		addTags(e.X, seen)
		addTags(e.Y, seen)
	}
}

// nameTags returns the tags that a file's name implies: _GOOS, _GOARCH or both at its
// end, before an optional _test.
func nameTags(name string) []string {
	name, _, _ = strings.Cut(name, ".")
	i := strings.Index(name, "_")
	if i < 0 {
		return nil // linux.go is an ordinary file
	}
	parts := strings.Split(name[i:], "_")
	if parts[len(parts)-1] == "test" {
		parts = parts[:len(parts)-1]
	}
	n := len(parts)
	switch {
	case n >= 2 && slices.Contains(knownOS, parts[n-2]) && slices.Contains(knownArch, parts[n-1]):
		return parts[n-2:]
	case n >= 1 && (slices.Contains(knownOS, parts[n-1]) || slices.Contains(knownArch, parts[n-1])):
		return parts[n-1:]
	}
	return nil
}
