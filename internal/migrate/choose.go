package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// This file chooses the declaration that gets the directive of a registration.

// choose chooses the form of a move.
func (m *migration) choose(mv *move) {
	info := mv.file.pkg.TypesInfo
	value := m.bare(info, mv)
	isFunc := isFuncType(mv.registrar.valueType)
	mv.form = newFactory
	if len(mv.needs) > 0 {
		return
	}
	switch v := value.(type) {
	case *ast.FuncLit:
		if isFunc {
			mv.form = newFunc
		}
	case *ast.Ident, *ast.SelectorExpr:
		if fn := functionOf(info, v); fn != nil && isFunc {
			if fn.Signature().TypeParams().Len() > 0 {
				return
			}
			if d := m.funcs[fn.FullName()]; d != nil && d.file.skipped == "" {
				mv.existing(existingFunc, d.file, d.node.Name.Name, d.node.Pos(), d.node.Doc)
			}
			return
		}
		if x := packageVar(info, v); x != nil {
			m.onVar(mv, x)
		}
	case *ast.UnaryExpr:
		if lit, ok := v.X.(*ast.CompositeLit); ok && v.Op == token.AND && len(lit.Elts) == 0 &&
			!hasComment(mv.file, lit) {
			m.onType(mv, lit.Type)
		}
	case *ast.CompositeLit:
		if len(v.Elts) == 0 && v.Type != nil && m.onlyCallsMethods(mv.registrar) && !hasComment(mv.file, v) {
			m.onType(mv, v.Type)
		}
	case *ast.CallExpr:
		b, ok := typeutil.Callee(info, v).(*types.Builtin)
		if ok && b.Name() == "new" && info.Types[v.Args[0]].IsType() {
			m.onType(mv, v.Args[0])
		}
	}
}

// refersTo returns the name of a package-level variable in a struct that is registered by
// value. Such structs are tables rather than plugins, and what uses them expects them from the
// beginning.
func (m *migration) refersTo(mv *move) (name string) {
	if _, isStruct := mv.registrar.valueType.Underlying().(*types.Struct); !isStruct || mv.form != newFactory {
		return ""
	}
	ast.Inspect(mv.value, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && packageVar(mv.file.pkg.TypesInfo, id) != nil {
			name = id.Name
		}
		_, isFunc := n.(*ast.FuncLit)
		return !isFunc
	})
	return name
}

// changedByInit returns the name of a variable that is evaluated to make what is registered, and
// that an init function changes: when it is linked, another value may be there.
func (m *migration) changedByInit(mv *move) (name string) {
	if mv.form != newFactory && mv.form != newShared {
		return ""
	}
	info := mv.file.pkg.TypesInfo
	changed := map[types.Object]bool{}
	for _, f := range m.files {
		if f.pkg != mv.file.pkg {
			continue
		}
		for _, d := range f.syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" && d.Body != nil {
				assignedIn(info, d.Body, changed)
			}
		}
	}
	evaluated := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && changed[info.Uses[id]] {
				name = id.Name
			}
			_, isFunc := n.(*ast.FuncLit)
			return !isFunc
		})
	}
	evaluated(mv.value)
	for _, need := range mv.needs {
		evaluated(need)
	}
	return name
}

// assignedIn adds the package-level variables that statements assign to.
func assignedIn(info *types.Info, n ast.Node, assigned map[types.Object]bool) {
	add := func(e ast.Expr) {
		if v := packageVar(info, e); v != nil {
			assigned[v] = true
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				add(e)
			}
		case *ast.IncDecStmt:
			add(n.X)
		}
		return true
	})
}

func (mv *move) existing(f form, on *file, symbol string, before token.Pos, doc *ast.CommentGroup) {
	mv.form, mv.on, mv.symbol, mv.before, mv.doc, mv.target = f, on, symbol, before, doc, on.pkg.PkgPath
}

// bare returns the registered value without conversions to the type of the parameter.
func (m *migration) bare(info *types.Info, mv *move) ast.Expr {
	for v := ast.Unparen(mv.value); ; {
		call, ok := v.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 || !info.Types[call.Fun].IsType() ||
			!types.Identical(info.TypeOf(call), mv.registrar.valueType) {
			return v
		}
		v = ast.Unparen(call.Args[0])
	}
}

func isFuncType(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// functionOf returns the function at package level that an expression names, or nil.
func functionOf(info *types.Info, e ast.Expr) *types.Func {
	var id *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	}
	fn, _ := info.Uses[id].(*types.Func)
	if fn == nil || fn.Signature().Recv() != nil {
		return nil
	}
	return fn
}

// onVar puts the directive on a variable, if it is declared alone.
func (m *migration) onVar(mv *move, v *types.Var) {
	d := m.vars[v.Pkg().Path()+"."+v.Name()]
	if d == nil || d.file.skipped != "" || len(d.node.Names) != 1 || v.Pkg().Path() != mv.target ||
		!typeTold(d.node) {
		return
	}
	before, doc := placeOf(d.decl.(*ast.GenDecl), d.node, d.node.Doc)
	mv.existing(existingVar, d.file, v.Name(), before, doc)
}

// typeTold reports whether the type of a variable can be told from its declaration, which is
// all that plugingen reads.
func typeTold(spec *ast.ValueSpec) bool {
	if spec.Type != nil || len(spec.Values) == 0 {
		return false
	}
	switch v := ast.Unparen(spec.Values[0]).(type) {
	case *ast.FuncLit:
		return true
	case *ast.UnaryExpr: // of T{}, &x would be the plugin
		_, ok := v.X.(*ast.CompositeLit)
		return ok && v.Op == token.AND
	}
	return false
}

// placeOf returns where the directive of a declaration is, and the comment that it has there.
func placeOf(g *ast.GenDecl, spec ast.Spec, doc *ast.CommentGroup) (token.Pos, *ast.CommentGroup) {
	if g.Lparen.IsValid() {
		return spec.Pos(), doc
	}
	return g.Pos(), g.Doc
}

// onType puts the directive on a type that new makes, if it is declared in the package that
// registers it.
func (m *migration) onType(mv *move, e ast.Expr) {
	info := mv.file.pkg.TypesInfo
	named, ok := types.Unalias(info.TypeOf(e)).(*types.Named)
	if !ok || named.TypeArgs().Len() > 0 || named.Obj().Pkg() != mv.file.pkg.Types ||
		isFuncType(mv.registrar.valueType) {
		return
	}
	if _, isInterface := named.Underlying().(*types.Interface); isInterface || !isManaged(types.NewPointer(named)) {
		return
	}
	if p, ok := mv.registrar.valueType.Underlying().(*types.Pointer); ok {
		if _, isStruct := p.Elem().Underlying().(*types.Struct); isStruct {
			return // the type is the contract
		}
	}
	d := m.typeDecl[mv.target+"."+named.Obj().Name()]
	if d == nil || d.file.skipped != "" || d.node.Assign.IsValid() {
		return
	}
	before, doc := placeOf(d.decl.(*ast.GenDecl), d.node, d.node.Doc)
	mv.existing(existingType, d.file, named.Obj().Name(), before, doc)
}

// onlyCallsMethods reports whether a registrar does nothing with a plugin but call its methods, so
// that a pointer is as good as a value.
func (m *migration) onlyCallsMethods(r *registrar) bool {
	if r.fn == nil || m.funcs[r.fn.FullName()] == nil {
		return false
	}
	d := m.funcs[r.fn.FullName()]
	info, ids := d.file.pkg.TypesInfo, paramIdents(d.node)
	if ids[r.value] == nil {
		return false
	}
	param := info.Defs[ids[r.value]]
	uses, calls := 0, 0
	ast.Inspect(d.node.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if info.Uses[n] == param {
				uses++
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && info.Uses[id] == param {
					calls++
				}
			}
		}
		return true
	})
	return uses == calls
}

func hasComment(f *file, n ast.Node) bool {
	return slices.ContainsFunc(f.syntax.Comments, func(g *ast.CommentGroup) bool { return within(g.Pos(), n) })
}

// canName reports whether the contract's type can be written in the package of a registration.
func (m *migration) canName(reg *registration) (name string, ok bool) {
	t := types.Unalias(reg.registrar.valueType)
	if p, isPointer := t.(*types.Pointer); isPointer {
		t = types.Unalias(p.Elem())
	}
	named, isNamed := t.(*types.Named)
	if !isNamed || named.Obj().Exported() || named.Obj().Pkg() == nil ||
		named.Obj().Pkg().Path() == reg.file.pkg.PkgPath {
		return "", true
	}
	return named.Obj().Name(), isFuncType(reg.registrar.valueType)
}
