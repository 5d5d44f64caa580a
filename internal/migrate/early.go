package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// This file leaves the registrations that the program reads before main runs.
//
// What is registered by init functions is there for the init functions and variables of all
// packages above. What a host links is there for those above the host.

// readEarly returns what reads the plugins of a registrar while a package is initialized, or nil.
func (m *migration) readEarly(r *registrar, importPath string) (reader ast.Node) {
	readers := m.readers(r)
	for _, f := range m.sortedFiles() {
		if f.path != importPath || f.pkg == nil || isTest(f) {
			continue
		}
		for _, n := range initial(f) {
			receivers := m.receivers(f.pkg.TypesInfo, n, r)
			inspectUses(n, false, func(id *ast.Ident) {
				if reader == nil && !receivers[id] && readers[objectID(f.pkg.TypesInfo.Uses[id])] {
					reader = id
				}
			}, f.pkg.TypesInfo)
		}
	}
	return reader
}

// receivers returns the variables that methods which register are called on: that does not read
// them.
func (m *migration) receivers(info *types.Info, n ast.Node, r *registrar) map[*ast.Ident]bool {
	found := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fn, _ := typeutil.Callee(info, call).(*types.Func)
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if fn == nil || !isSel || fn.Signature().Recv() == nil || !m.registers(fn.FullName(), r) {
			return true
		}
		ast.Inspect(sel.X, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				found[id] = true
			}
			return true
		})
		return true
	})
	return found
}

// inspectUses calls use for each variable that is used and each function that is called. A function
// that is only referred to may be called later, and so may a literal, unless they count as well.
func inspectUses(n ast.Node, literals bool, use func(*ast.Ident), info *types.Info) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return literals
		case *ast.AssignStmt: // to an element of a map, which does not read it
			if n.Tok == token.ASSIGN && slices.ContainsFunc(n.Lhs, isElement) {
				for _, e := range slices.Concat(n.Lhs, n.Rhs) {
					if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok && slices.Contains(n.Lhs, e) {
						e = index.Index
					}
					inspectUses(e, literals, use, info)
				}
				return false
			}
		case *ast.CallExpr:
			switch fun := ast.Unparen(n.Fun).(type) {
			case *ast.Ident:
				use(fun)
			case *ast.SelectorExpr:
				use(fun.Sel)
			case *ast.FuncLit:
				inspectUses(fun.Body, literals, use, info)
			}
		case *ast.Ident:
			if _, isVar := info.Uses[n].(*types.Var); isVar {
				use(n)
			}
		}
		return true
	})
}

// isElement reports whether an expression is an element of a variable.
func isElement(e ast.Expr) bool {
	index, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	switch ast.Unparen(index.X).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

// initial returns what is executed when the package of a file is initialized.
func initial(f *file) (nodes []ast.Node) {
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" && d.Body != nil {
				nodes = append(nodes, d.Body)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					for _, value := range v.Values {
						nodes = append(nodes, value)
					}
				}
			}
		}
	}
	return nodes
}

// readers returns the variables that have what is registered, and the functions of the module
// that use them, directly or not, but for those that register.
func (m *migration) readers(r *registrar) map[string]bool {
	readers := maps.Clone(m.ownLookups(r))
	todo := slices.Collect(maps.Keys(readers))
	users := m.users()
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, user := range users[id] {
			if !readers[user] && !m.registers(user, r) {
				readers[user] = true
				todo = append(todo, user)
			}
		}
	}
	return readers
}

// registers reports whether a function registers plugins.
func (m *migration) registers(id string, r *registrar) bool {
	d := m.funcs[id]
	if d != nil && (registering().MatchString(d.node.Name.Name) || d.node.Body != nil && writes(d, r)) {
		return true
	}
	for _, r := range m.registrars {
		if r != nil && r.fn != nil && r.fn.FullName() == id {
			return true
		}
	}
	return false
}

// users returns the functions that use each function and variable of the module.
func (m *migration) users() map[string][]string {
	if m.usersOf != nil {
		return m.usersOf
	}
	m.usersOf = map[string][]string{}
	for name, d := range m.funcs {
		seen := map[types.Object]bool{}
		inspectUses(d.node, true, func(id *ast.Ident) {
			if obj := d.file.pkg.TypesInfo.Uses[id]; obj != nil && !seen[obj] && m.inModule(obj.Pkg()) {
				seen[obj] = true
				if used := objectID(obj); used != "" {
					m.usersOf[used] = append(m.usersOf[used], name)
				}
			}
		}, d.file.pkg.TypesInfo)
	}
	return m.usersOf
}

// tooEarly leaves what packages read while they are initialized, if no host is below them.
func (m *migration) tooEarly(p *plan) {
	type early struct {
		path string
		deps set
		at   ast.Node
	}
	readers := map[*registrar][]early{}
	for _, mv := range p.moves {
		r := mv.registrar
		if _, ok := readers[r]; ok || r.sw != nil || len(r.stores) == 0 {
			continue
		}
		readers[r] = nil
		for path, pkg := range m.byPath {
			if at := m.readEarly(r, path); at != nil {
				readers[r] = append(readers[r], early{path, m.deps(pkg), at})
			}
		}
	}
	blank := map[string][]string{}
	for _, f := range m.sortedFiles() {
		for _, importPath := range blankImports(f) {
			blank[importPath] = append(blank[importPath], f.path)
		}
	}
	p.moves = slices.DeleteFunc(p.moves, func(mv *move) bool {
		for _, e := range readers[mv.registrar] {
			below := func(host string) bool { return host != e.path && e.deps[host] }
			src := mv.file.path
			if !e.deps[src] || m.linksItself(mv) && below(src) || slices.ContainsFunc(blank[src], below) {
				continue
			}
			p.left = append(p.left, left{mv.at, mv.end, "it is read while " + e.path + " is initialized, at " +
				m.short(e.at.Pos()) + ": nothing is linked by then"})
			return true
		}
		return false
	})
}
