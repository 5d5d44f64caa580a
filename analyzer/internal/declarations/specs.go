package declarations

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
)

// specs checks package-level variables that are specs.
func (c *declarations) specs() {
	for _, p := range c.Own.Plugins {
		lit := c.spec(p)
		if lit != nil && !c.objects().setsNew && !c.objects().passed[c.Pkg.Scope().Lookup(p.Symbol)] {
			c.CheckSpec(lit)
		}
	}
}

// spec returns the literal that a variable which is a spec is set to, or nil if there
// is none.
func (c *declarations) spec(p *annotate.Plugin) *ast.CompositeLit {
	obj := c.Pkg.Scope().Lookup(p.Symbol)
	if p.Kind != annotate.Spec || !c.IsBuilt(p.File) || obj == nil {
		return nil
	}
	return literalOf(c.objects().initial[obj])
}

func literalOf(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// madeBySpec returns the type of what a spec's New makes, nil if it may be of several.
func (c *declarations) madeBySpec(p *annotate.Plugin) types.Type {
	lit := c.spec(p)
	if lit == nil {
		return nil
	}
	var body *ast.BlockStmt
	switch fn := target.Field(lit, "New").(type) {
	case *ast.FuncLit:
		body = fn.Body
	case *ast.Ident:
		body = c.objects().bodies[c.TypesInfo.Uses[fn]]
	}
	if body == nil {
		return nil
	}
	var made types.Type
	several := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			t := c.firstResult(n)
			several = several || t == nil || made != nil && !isNil(t) && !types.Identical(t, made)
			if t != nil && !isNil(t) {
				made = t
			}
		}
		return true
	})
	if several {
		return nil
	}
	return made
}

// firstResult returns the type of what a statement returns first, nil if it does not say.
func (c *declarations) firstResult(r *ast.ReturnStmt) types.Type {
	if len(r.Results) == 0 {
		return nil
	}
	t := c.TypesInfo.TypeOf(r.Results[0])
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.At(0).Type()
	}
	return t
}

func isNil(t types.Type) bool { return t == types.Typ[types.UntypedNil] }

// ineffective reports variables that hold pointers to specs, or lists of specs, and that nothing
// refers to. Unlike a registry.Spec, such variables are not linked.
func (c *declarations) ineffective() {
	for _, f := range c.Files {
		if c.IsTest(f) || ast.IsGenerated(f) {
			continue
		}
		for _, v := range undirected(f) {
			for i, name := range v.Names {
				if len(v.Values) != len(v.Names) || !c.hasSpecs(name, v.Values[i]) {
					continue
				}
				if !c.objects().used[c.TypesInfo.Defs[name]] && !c.mentionedInTests(f, name.Name) {
					c.Report(target.Problem(annotate.Placement, target.Span(name),
						"nothing finds the spec in "+name.Name+", and nothing uses "+name.Name+
							": declare it as a registry.Spec, one to a variable, or pass it to registry.Default.Add"))
				}
			}
		}
	}
}

// undirected returns the package-level variables of a file that no directive is about.
func undirected(f *ast.File) (list []*ast.ValueSpec) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || directed(g.Doc) {
			continue
		}
		for _, s := range g.Specs {
			if v := s.(*ast.ValueSpec); !directed(v.Doc) {
				list = append(list, v)
			}
		}
	}
	return list
}

func directed(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if annotate.IsDirective(comment.Text) {
			return true
		}
	}
	return false
}

// hasSpecs reports whether the package's own variable is set to specs that stand there.
func (c *declarations) hasSpecs(name *ast.Ident, value ast.Expr) bool {
	obj := c.TypesInfo.Defs[name]
	if obj == nil || obj.Exported() || obj.Name() == "_" || literalOf(value) == nil {
		return false
	}
	t := obj.Type().Underlying()
	switch list := t.(type) {
	case *types.Slice:
		t = list.Elem()
	case *types.Array:
		t = list.Elem()
	case *types.Map:
		t = list.Elem()
	case *types.Pointer:
	default:
		return false
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return typedesc.IsSpec(t)
}

// mentionedInTests reports whether tests beside a file have a name in them: they are a part of the
// package, but not always of the one that is being checked.
func (c *declarations) mentionedInTests(f *ast.File, name string) bool {
	tests, _ := filepath.Glob(filepath.Join(filepath.Dir(c.Fset.PositionFor(f.Package, false).Filename), "*_test.go"))
	for _, test := range tests {
		if src, err := readfile.Source(test); err != nil || bytes.Contains(src, []byte(name)) {
			return true
		}
	}
	return false
}
