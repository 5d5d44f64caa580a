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

// findMaps finds the maps at package level that have plugins by their names, and what is in them.
func (m *migration) findMaps(f *file) {
	info := f.pkg.TypesInfo
	for _, d := range f.syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			m.leaveMaps(f, fn)
		}
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			if len(spec.Names) != 1 || len(spec.Values) != 1 {
				continue
			}
			lit, ok := spec.Values[0].(*ast.CompositeLit)
			v, isVar := info.Defs[spec.Names[0]].(*types.Var)
			if !ok || !isVar {
				continue
			}
			t, ok := info.TypeOf(lit).Underlying().(*types.Map)
			if !ok || !isString(t.Key()) || !madeOf(t.Elem()) || len(lit.Elts) == 0 {
				continue
			}
			r := &registrar{
				id: "map " + v.Pkg().Path() + "." + v.Name(), pkg: v.Pkg(), on: v, name: 0, value: 1,
				valueType: t.Elem(), nameType: t.Key(), stores: map[*types.Var]bool{v: true},
			}
			r.makers = !isFuncType(r.valueType) && !isManaged(r.valueType)
			m.registrars[r.id] = r
			m.findEntries(f, g, r, lit)
		}
	}
}

// madeOf reports whether the values of a map may be plugins: factories, functions of a type that
// has a name, or interfaces.
func madeOf(t types.Type) bool {
	_, named := types.Unalias(t).(*types.Named)
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return named && u.NumMethods() > 0 && !isError(t)
	case *types.Signature:
		if named || u.Results().Len() == 0 {
			return named
		}
		result := types.Unalias(u.Results().At(0).Type())
		if isError(result) {
			return false
		}
		_, hasName := types.Unalias(deref(result)).(*types.Named)
		return hasName
	}
	return false
}

// findEntries finds the entries of a map.
func (m *migration) findEntries(f *file, g *ast.GenDecl, r *registrar, lit *ast.CompositeLit) {
	info := f.pkg.TypesInfo
	if reader := m.readEarly(r, r.pkg.Path()); reader != nil {
		m.leave(lit.Pos(), lit.End(),
			"the map is read while the package is initialized, at %s: nothing is linked by then",
			m.short(reader.Pos()))
		return
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if f.skipped != "" {
			m.leave(kv.Pos(), kv.End(), "%s", f.skipped)
			continue
		}
		key := info.Types[kv.Key]
		if key.Value == nil || key.Value.Kind() != constant.String {
			m.leave(kv.Pos(), kv.End(), "its name is computed")
			continue
		}
		if tv := info.Types[kv.Value]; tv.IsNil() {
			m.leave(kv.Pos(), kv.End(), "it is nil")
			continue
		}
		reg := &registration{
			registrar: r, file: f, at: kv.Pos(), end: kv.End(), name: constant.StringVal(key.Value),
			constant: m.constantOf(f, kv.Key), value: kv.Value, decl: g, entry: kv,
		}
		if !rules.ValidName(reg.name) {
			m.leave(kv.Pos(), kv.End(), "%s", badName(reg.name))
			continue
		}
		m.found = append(m.found, reg)
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
			mv.place.more = append(mv.place.more, comments...)
		}
	}
	w.insert(f, d.End(), text)
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
