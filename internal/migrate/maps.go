package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file finds maps of plugins, and takes entries out of them.

// findMaps finds the maps at package level that have plugins by their names, and what is in them or
// assigned to them by init functions.
func (m *migration) findMaps(f *file) {
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body == nil {
				continue
			}
			m.leaveMaps(f, d.Body, true, "the map is made by a function, "+d.Name.Name+", and may use its variables")
			m.findAssignments(f, d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if spec, ok := s.(*ast.ValueSpec); ok {
					m.findMap(f, d, spec)
				}
			}
		}
	}
}

// findMap finds what is in the maps that a declaration at package level makes.
func (m *migration) findMap(f *file, g *ast.GenDecl, spec *ast.ValueSpec) {
	info := f.pkg.TypesInfo
	for i, value := range spec.Values {
		lit, isLit := ast.Unparen(value).(*ast.CompositeLit)
		v, _ := info.Defs[spec.Names[i]].(*types.Var)
		var r *registrar
		if isLit && v != nil && v.Name() != "_" && len(lit.Elts) > 0 {
			r = m.mapRegistrar(v)
		}
		switch {
		case r == nil:
			m.leaveMaps(f, value, false, "the map is a part of the value of "+spec.Names[i].Name)
		case len(spec.Names) > 1:
			m.leave(lit.Pos(), lit.End(), "several variables are declared at once: declare it by itself")
		default:
			m.findEntries(f, g, r, lit)
		}
	}
}

// mapRegistrar returns the registrar that a variable is, nil if it is no map of plugins by name.
func (m *migration) mapRegistrar(v *types.Var) *registrar {
	id := "map " + v.Pkg().Path() + "." + v.Name()
	if r, ok := m.registrars[id]; ok {
		return r
	}
	t, ok := v.Type().Underlying().(*types.Map)
	if !ok || !isString(t.Key()) {
		return nil
	}
	r := &registrar{
		id: id, pkg: v.Pkg(), on: v, name: 0, value: 1,
		valueType: t.Elem(), nameType: t.Key(), stores: map[*types.Var]bool{v: true},
	}
	if !madeOf(t.Elem()) {
		if r.record = newRecord(t.Elem()); r.record == nil {
			return nil
		}
		r.valueType = r.record.value().Type()
	}
	r.makers = !isFuncType(r.valueType) && !isManaged(r.valueType)
	m.registrars[id] = r
	return r
}

// findAssignments finds the plugins that a function assigns to elements of a map.
func (m *migration) findAssignments(f *file, d *ast.FuncDecl) {
	isInit := d.Recv == nil && d.Name.Name == "init"
	walk(d.Body, func(n ast.Node, path []ast.Node) {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.ASSIGN {
			return
		}
		index, ok := ast.Unparen(a.Lhs[0]).(*ast.IndexExpr)
		if !ok {
			return
		}
		v := packageVar(f.pkg.TypesInfo, index.X)
		if v == nil && m.isPluginField(f, index) {
			m.leave(a.Pos(), a.End(), "the map is no variable of a package: make it one, and assign to it in init")
		}
		if v == nil || !m.inModule(v.Pkg()) || f.pkg.TypesInfo.Types[index.Index].Value == nil && !isInit {
			return
		}
		r := m.mapRegistrar(v)
		switch {
		case r == nil:
		case len(a.Lhs) > 1:
			m.leave(a.Pos(), a.End(), "several elements are assigned at once")
		case !isInit:
			m.leave(a.Pos(), a.End(), "it is in %s, not in init: it is registered when that is called", d.Name.Name)
		case len(path) > 2:
			m.leave(a.Pos(), a.End(), "%s", surroundings(path))
		default:
			m.findElement(r, registration{
				registrar: r, file: f, at: a.Pos(), end: a.End(), value: a.Rhs[0], init: d, stmt: a,
			}, index.Index)
		}
	})
}

// isNil reports whether an expression is nil, or that converted to some type.
func isNil(info *types.Info, e ast.Expr) bool {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) == 1 && info.Types[call.Fun].IsType() {
		return isNil(info, call.Args[0])
	}
	return info.Types[e].IsNil()
}

// isPluginField reports whether an index expression is a plugin in the field of something, by a
// constant name.
func (m *migration) isPluginField(f *file, index *ast.IndexExpr) bool {
	_, isField := ast.Unparen(index.X).(*ast.SelectorExpr)
	t, isMap := f.pkg.TypesInfo.TypeOf(index.X).Underlying().(*types.Map)
	return isField && isMap && isString(t.Key()) && m.madeHere(t.Elem()) &&
		f.pkg.TypesInfo.Types[index.Index].Value != nil
}

// findElement finds what is registered by an element of a map.
func (m *migration) findElement(r *registrar, reg registration, key ast.Expr) {
	info := reg.file.pkg.TypesInfo
	name := info.Types[key].Value
	reason := ""
	switch {
	case reg.file.skipped != "":
		reason = reg.file.skipped
	case name == nil || name.Kind() != constant.String:
		reason = "its name is computed"
	case !rules.ValidName(constant.StringVal(name)):
		reason = badName(constant.StringVal(name))
	case isNil(info, reg.value):
		reason = "it is nil"
	case r.record != nil && reg.stmt != nil:
		reason = "it is a struct: declare it in the map, and run this again"
	case r.record != nil:
		reg.value, reg.extras, reason = r.record.entry(info, reg.value)
	}
	if reason != "" {
		m.leave(reg.at, reg.end, "%s", reason)
		return
	}
	reg.name, reg.constant = constant.StringVal(name), m.constantOf(reg.file, key)
	m.found = append(m.found, &reg)
}

// madeOf reports whether the values of a map may be plugins: factories, functions of a type that
// has a name, or interfaces.
func madeOf(t types.Type) bool {
	_, named := types.Unalias(t).(*types.Named)
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return named && u.NumMethods() > 0 && !rules.IsError(t)
	case *types.Signature:
		if named || u.Results().Len() == 0 {
			return named
		}
		result := types.Unalias(u.Results().At(0).Type())
		if rules.IsError(result) {
			return false
		}
		_, hasName := types.Unalias(deref(result)).(*types.Named)
		return hasName
	}
	return false
}

// findEntries finds the entries of a map.
func (m *migration) findEntries(f *file, g *ast.GenDecl, r *registrar, lit *ast.CompositeLit) {
	if reader := m.readEarly(r, r.pkg.Path()); reader != nil {
		m.leave(lit.Pos(), lit.End(),
			"the map is read while the package is initialized, at %s: nothing is linked by then",
			m.short(reader.Pos()))
		return
	}
	if r.record != nil {
		used := make([]bool, r.record.fields.NumFields())
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				r.record.note(kv.Value, used)
			}
		}
		for i, is := range used {
			if is {
				r.record.written = append(r.record.written, i)
			}
		}
		r.extras = r.record.written
	}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			m.findElement(r, registration{
				registrar: r, file: f, at: kv.Pos(), end: kv.End(), value: kv.Value, decl: g, entry: kv,
			}, kv.Key)
		}
	}
}

// rewriteMap takes entries out of a map, and writes what they become behind it.
func (w *rewriter) rewriteMap(f *file, d *ast.GenDecl, moves []*move) {
	offset := func(pos token.Pos) int { return f.offset(w.m.fset, pos) }
	literals := map[*ast.CompositeLit][]*move{}
	ast.Inspect(d, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			for _, mv := range moves {
				if slices.Contains(lit.Elts, ast.Expr(mv.entry)) {
					literals[lit] = append(literals[lit], mv)
				}
			}
		}
		return true
	})
	covered := map[*ast.CommentGroup]bool{}
	text := ""
	for _, mv := range moves {
		comments := w.m.comments(f, mv, covered)
		if p := w.code(mv); p != nil {
			p.comments = comments
			text += "\n\n" + p.String()
		} else if mv.place != nil {
			mv.place.addComments(mv, comments)
		}
	}
	w.insertBehind(f, d.End(), text)
	for lit, gone := range literals {
		if len(gone) == len(lit.Elts) && !w.looseComments(f, lit, covered) {
			w.replace(f, offset(lit.Lbrace)+1, offset(lit.Rbrace), "")
			continue
		}
		for _, mv := range gone {
			w.removeEntry(f, lit, mv.entry)
		}
	}
}

// looseComments reports whether a map has comments that go with none of its entries.
func (w *rewriter) looseComments(f *file, lit *ast.CompositeLit, covered map[*ast.CommentGroup]bool) bool {
	return slices.ContainsFunc(f.syntax.Comments, func(g *ast.CommentGroup) bool {
		return within(g.Pos(), lit) && !covered[g] &&
			!slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { return within(g.Pos(), e) })
	})
}

// removeEntry removes an entry of a map: its lines, if nothing else is on them.
func (w *rewriter) removeEntry(f *file, lit *ast.CompositeLit, entry ast.Expr) {
	offset := func(pos token.Pos) int { return f.offset(w.m.fset, pos) }
	from, to := offset(entry.Pos()), offset(entry.End())
	first, _ := lines(f.src, from, to)
	comma := to + strings.IndexByte(string(f.src[to:]), ',')
	alone := strings.TrimSpace(string(f.src[first:from])) == ""
	if _, behind := w.m.attached(f, entry); alone && comma >= to {
		_, end := lines(f.src, from, to)
		rest := strings.TrimSpace(string(f.src[comma+1 : end]))
		if rest == "" || len(behind) > 0 && strings.HasPrefix(rest, "/") {
			from, to = w.m.extent(f, entry)
			w.replace(f, from, to, "")
			return
		}
	}
	i := slices.Index(lit.Elts, entry)
	switch {
	case i+1 < len(lit.Elts):
		to = offset(lit.Elts[i+1].Pos())
	case i > 0:
		from = offset(lit.Elts[i-1].End())
	}
	w.replace(f, from, to, "")
}
