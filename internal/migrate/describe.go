package migrate

import (
	"go/ast"
	"go/doc"
	"go/types"
)

// This file finds a comment for a function that is written for a plugin: a user's documentation is
// made of the comments of plugins, and a function literal had none.

// description returns the first sentence of the doc comment of the type that a plugin is, as a
// comment. It is nil if that is not one type of the same package with a comment.
func (m *migration) description(mv *move) []string {
	t := m.made(mv)
	if t == nil {
		return nil
	}
	d := m.typeDecl[t.Obj().Pkg().Path()+"."+t.Obj().Name()]
	if d == nil {
		return nil
	}
	comment := d.node.Doc
	if decl, ok := d.decl.(*ast.GenDecl); ok && comment == nil && !decl.Lparen.IsValid() {
		comment = decl.Doc
	}
	if text := new(doc.Package).Synopsis(comment.Text()); text != "" {
		return []string{"// " + text}
	}
	return nil
}

// made returns the type of what a function for a plugin returns, nil if it is not one type, or
// only that which all plugins have.
func (m *migration) made(mv *move) (made *types.Named) {
	var body ast.Node = mv.clause
	if mv.clause == nil {
		lit, ok := m.bare(mv.file.pkg.TypesInfo, mv).(*ast.FuncLit)
		if !ok {
			return nil
		}
		body = lit.Body
	}
	info, several := mv.file.pkg.TypesInfo, false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 0 || info.Types[n.Results[0]].IsNil() {
				return true
			}
			t, ok := types.Unalias(deref(info.TypeOf(n.Results[0]))).(*types.Named)
			several = several || !ok || made != nil && made != t
			made = t
		}
		return true
	})
	if several || made == nil || types.IsInterface(made) || made.Obj().Pkg() != mv.file.pkg.Types {
		return nil
	}
	if sig, ok := mv.registrar.valueType.Underlying().(*types.Signature); ok && sig.Results().Len() > 0 &&
		types.Identical(deref(sig.Results().At(0).Type()), made) {
		return nil
	}
	return made
}
