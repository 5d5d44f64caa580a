package migrate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file finds switch statements that make plugins, and takes cases out of them.

// A switching is a switch statement whose cases make plugins: a function returns what its case
// makes.
//
//	func Open(kind, dir string) (Store, error) {        var stores = map[string]storeFactory{}
//		switch kind {
//		case "disk":                                func Open(kind, dir string) (Store, error) {
//			return openDisk(dir)                        if plugin, ok := stores[kind]; ok {
//		default:                                                return plugin(dir)
//			return nil, errUnknown                      }
//		}                                                   return nil, errUnknown
//	}                                                   }
type switching struct {
	file   *file
	decl   *ast.FuncDecl
	stmt   *ast.SwitchStmt
	fn     *types.Func
	params []*types.Var // those that cases use
	sig    *types.Signature

	variable, contract string // identifiers
}

// findSwitches finds functions that choose a plugin by its name.
func (m *migration) findSwitches(f *file) {
	for _, d := range f.syntax.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Body == nil {
			continue
		}
		fn := m.funcOf(f, d)
		if fn == nil || !makesPlugin(fn.Signature()) {
			continue
		}
		stays := map[*ast.SwitchStmt]string{} // why
		for _, stmt := range d.Body.List {
			s, ok := stmt.(*ast.SwitchStmt)
			if ok && m.unusable(f, d, s) == "" {
				stays[s] = m.findClauses(f, &switching{file: f, decl: d, stmt: s, fn: fn})
			}
		}
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if s, ok := n.(*ast.SwitchStmt); ok {
				if reason, tried := stays[s]; reason != "" || !tried {
					m.leaveSwitch(f, d, s, reason)
				}
			}
			_, isLit := n.(*ast.FuncLit)
			return !isLit
		})
	}
}

// unusable returns why nothing can be moved from a switch statement, whatever its cases do, or "".
func (m *migration) unusable(f *file, d *ast.FuncDecl, s *ast.SwitchStmt) string {
	switch {
	case s.Tag == nil:
		return "its cases are conditions: switch on the name"
	case !isString(f.pkg.TypesInfo.TypeOf(s.Tag)):
		return "its cases are no strings: plugins have names"
	case d.Recv != nil:
		return "it is in a method: call a function from there"
	case d.Type.TypeParams != nil:
		return "the function is generic"
	case s.Init != nil || !isPlain(s.Tag):
		return "what it switches on is computed: assign that to a variable before"
	}
	return ""
}

// leaveSwitch notes a switch statement most cases of which make plugins. The reason is why the
// first of its cases is left, if it has been tried to move them.
func (m *migration) leaveSwitch(f *file, d *ast.FuncDecl, s *ast.SwitchStmt, reason string) {
	info := f.pkg.TypesInfo
	result := m.funcOf(f, d).Signature().Results().At(0).Type()
	if !m.madeHere(result) && !m.madeHere(types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(
		types.NewVar(token.NoPos, nil, "", result)), false)) {
		return
	}
	made, assigned, others := 0, false, 0
	for _, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			continue
		}
		makes := false
		for _, stmt := range clause.Body {
			switch stmt := stmt.(type) {
			case *ast.ReturnStmt:
				makes = makes || len(stmt.Results) > 0 && makesValue(info, stmt.Results[0])
			case *ast.AssignStmt:
				t := info.TypeOf(stmt.Lhs[0])
				if t != nil && types.Identical(t, result) && makesValue(info, stmt.Rhs[0]) {
					makes, assigned = true, true
				}
			}
		}
		if makes && m.isNamed(f, s, clause) {
			made++
		} else {
			others++
		}
	}
	if made < 2 || made < others {
		return
	}
	why := m.unusable(f, d, s)
	switch {
	case why != "":
	case assigned:
		why = "its cases assign what they make: let them return it"
	case reason != "":
		why = "most of its cases would have to stay: " + reason
	default:
		why = "it is in another statement"
	}
	m.leave(s.Pos(), s.Body.Lbrace, "%s", why)
}

// makesValue reports whether an expression makes something: literals of structs and calls do.
func makesValue(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return makesValue(info, e.X)
	case *ast.CallExpr:
		return info.TypeOf(e) != nil && !rules.IsError(info.TypeOf(e))
	}
	return false
}

// isNamed reports whether a case is one of constants, or of comparisons with constant strings.
func (m *migration) isNamed(f *file, s *ast.SwitchStmt, clause *ast.CaseClause) bool {
	return !slices.ContainsFunc(clause.List, func(e ast.Expr) bool {
		if b, ok := e.(*ast.BinaryExpr); ok && s.Tag == nil && b.Op == token.EQL {
			e = b.Y
			return f.pkg.TypesInfo.Types[e].Value == nil || !isString(f.pkg.TypesInfo.TypeOf(e))
		}
		return f.pkg.TypesInfo.Types[e].Value == nil || s.Tag == nil
	})
}

// makesPlugin reports whether a function returns a plugin and, perhaps, an error.
func makesPlugin(sig *types.Signature) bool {
	n := sig.Results().Len()
	if n == 0 || n > 2 || n == 2 && !rules.IsError(sig.Results().At(1).Type()) {
		return false
	}
	t := sig.Results().At(0).Type()
	_, named := types.Unalias(t).(*types.Named)
	if i, ok := t.Underlying().(*types.Interface); ok {
		return named && i.NumMethods() > 0 && !rules.IsError(t)
	}
	return named && isFuncType(t)
}

// isPlain reports whether an expression is a variable, a field of one, or that in lower case, which
// can be evaluated twice.
func isPlain(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isPlain(e.X)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || len(e.Args) != 1 {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		return ok && x.Name == "strings" && isPlain(e.Args[0])
	}
	return false
}

// findClauses finds the cases of a switch statement that can be moved. If these are too few, it
// returns why another one can't be.
func (m *migration) findClauses(f *file, sw *switching) (reason string) {
	r := &registrar{
		id: "switch " + sw.fn.FullName() + "@" + strconv.Itoa(f.offset(m.fset, sw.stmt.Pos())), pkg: f.pkg.Types,
		name: 0, value: 1, nameType: types.Typ[types.String], stores: map[*types.Var]bool{}, sw: sw,
	}
	var found []*registration
	var notes []left
	for _, c := range sw.stmt.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			continue
		}
		regs, why := m.clause(f, r, clause)
		if why != "" {
			notes = append(notes, left{clause.Pos(), clause.Colon, why})
			continue
		}
		found = append(found, regs...)
	}
	if len(found) < 2 || len(found) < len(notes) { // it does something else than to choose plugins
		if len(notes) > 0 {
			return notes[0].reason
		}
		return ""
	}
	m.registrars[r.id] = r
	m.left = append(m.left, notes...)
	if f.skipped != "" {
		m.leave(sw.stmt.Pos(), sw.stmt.Body.Lbrace, "%s", f.skipped)
		return ""
	}
	if reader := m.readEarly(r, r.pkg.Path()); reader != nil {
		m.leave(sw.stmt.Pos(), sw.stmt.Body.Lbrace,
			"%s is called while the package is initialized, at %s: nothing is linked by then",
			sw.fn.Name(), m.short(reader.Pos()))
		return ""
	}
	used := map[types.Object]bool{}
	for _, reg := range found {
		m.usedIn(f, reg.clause, used)
	}
	params := sw.fn.Signature().Params()
	for i := range params.Len() {
		if used[params.At(i)] {
			sw.params = append(sw.params, params.At(i))
		}
	}
	variadic := sw.fn.Signature().Variadic() && len(sw.params) > 0 &&
		sw.params[len(sw.params)-1] == params.At(params.Len()-1)
	var results []*types.Var // without names, by which the body of a case could be confused
	for v := range sw.fn.Signature().Results().Variables() {
		results = append(results, types.NewVar(token.NoPos, nil, "", v.Type()))
	}
	sw.sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(sw.params...), types.NewTuple(results...), variadic)
	r.valueType = sw.sig
	m.found = append(m.found, found...)
	return ""
}

func (m *migration) usedIn(f *file, n ast.Node, used map[types.Object]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := f.pkg.TypesInfo.Uses[id]; obj != nil {
				used[obj] = true
			}
		}
		return true
	})
}

// clause returns the registrations that a case of a switch statement is, one for each name.
func (m *migration) clause(f *file, r *registrar, clause *ast.CaseClause) (regs []*registration, reason string) {
	info, sw := f.pkg.TypesInfo, r.sw
	for _, e := range clause.List {
		v := info.Types[e].Value
		if v == nil || v.Kind() != constant.String {
			return nil, "its name is computed"
		}
		name := constant.StringVal(v)
		if !rules.ValidName(name) {
			return nil, badName(name)
		}
		reg := &registration{
			registrar: r, file: f, at: e.Pos(), end: e.End(), name: name, constant: m.constantOf(f, e), clause: clause,
		}
		if len(regs) > 0 {
			reg.primary = regs[0]
		}
		regs = append(regs, reg)
	}
	if len(clause.Body) == 0 {
		return nil, "the case makes nothing"
	}
	ret, ok := clause.Body[len(clause.Body)-1].(*ast.ReturnStmt)
	if !ok {
		return nil, "the case does not return what it makes"
	}
	if len(ret.Results) == 0 {
		return nil, "the case returns variables of the function"
	}
	switch e := ast.Unparen(ret.Results[0]).(type) {
	case *ast.BasicLit:
		return nil, "the case makes nothing"
	case *ast.Ident:
		if info.Types[e].IsNil() {
			return nil, "the case makes nothing"
		}
	}
	return regs, whyTied(info, sw, clause)
}

// whyTied returns why the statements of a case must stay in its switch, or "".
func whyTied(info *types.Info, sw *switching, clause *ast.CaseClause) (reason string) {
	for _, stmt := range clause.Body {
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BranchStmt:
				if n.Tok == token.FALLTHROUGH || n.Tok == token.GOTO || n.Label != nil || n.Tok == token.BREAK {
					reason = "the case has a " + n.Tok.String() + " statement"
				}
			case *ast.ReturnStmt:
				if len(n.Results) == 0 {
					reason = "the case returns variables of the function"
				}
			}
			return true
		})
		ast.Inspect(stmt, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := info.Uses[id]
			if _, isVar := obj.(*types.Var); isVar && within(obj.Pos(), sw.decl) && !within(obj.Pos(), clause) &&
				!isParam(sw.fn, obj) {
				reason = "the case uses the local variable " + id.Name
			}
			return true
		})
	}
	return reason
}

func isParam(fn *types.Func, obj types.Object) bool {
	for v := range fn.Signature().Params().Variables() {
		if types.Object(v) == obj {
			return true
		}
	}
	return false
}

// chooseCase chooses the form of a case: a directive on the function that it calls, or a
// function with what it does.
func (m *migration) chooseCase(mv *move) {
	mv.form = newFunc
	sw := mv.registrar.sw
	if len(mv.clause.Body) != 1 {
		return
	}
	ret := mv.clause.Body[0].(*ast.ReturnStmt)
	call, ok := ret.Results[0].(*ast.CallExpr)
	if !ok || len(ret.Results) != 1 || len(call.Args) != len(sw.params) ||
		call.Ellipsis.IsValid() != sw.sig.Variadic() {
		return
	}
	info := mv.file.pkg.TypesInfo
	for i, arg := range call.Args {
		if id, ok := arg.(*ast.Ident); !ok || info.Uses[id] != types.Object(sw.params[i]) {
			return
		}
	}
	fn := functionOf(info, ast.Unparen(call.Fun))
	if fn == nil || fn.Signature().TypeParams().Len() > 0 || !types.Identical(fn.Signature(), sw.sig) {
		return
	}
	if d := m.funcs[fn.FullName()]; d != nil && d.file.skipped == "" {
		mv.existing(existingFunc, d.file, d.node.Name.Name, d.node.Pos(), d.node.Doc)
	}
}

// rewriteSwitch takes cases out of a switch statement, and writes what they become behind the
// function.
func (w *rewriter) rewriteSwitch(f *file, r *registrar, moves []*move) {
	sw := r.sw
	result := rules.SnakeCase(types.Unalias(sw.sig.Results().At(0).Type()).(*types.Named).Obj().Name())
	sw.variable = w.fresh(r.pkg.Path(), lowerFirst(camel(plural(result))))
	sw.contract = w.fresh(r.pkg.Path(), lowerFirst(camel(result))+"Factory")

	gone := map[*ast.CaseClause]bool{}
	pieces := ""
	for _, mv := range moves {
		if gone[mv.clause] {
			continue
		}
		gone[mv.clause] = true
		comments := w.clauseComments(f, mv.clause)
		if p := w.code(mv); p != nil {
			p.comments = comments
			pieces += "\n\n" + p.String()
		} else {
			mv.place.more = append(mv.place.more, comments...)
		}
	}
	var rest []*ast.CaseClause
	for i, c := range sw.stmt.Body.List {
		clause := c.(*ast.CaseClause)
		if !gone[clause] {
			rest = append(rest, clause)
			continue
		}
		from, to := w.clauseRange(f, sw.stmt, i)
		w.replace(f, from, to, "")
	}
	w.dispatch(f, sw, rest)
	w.insertBehind(f, sw.decl.End(), pieces)
}

// dispatch looks the name up in what is linked before the rest of the cases.
func (w *rewriter) dispatch(f *file, sw *switching, rest []*ast.CaseClause) {
	offset := func(pos token.Pos) int { return f.offset(w.m.fset, pos) }
	args := []string{}
	for i, p := range sw.params {
		arg := p.Name()
		if sw.sig.Variadic() && i == len(sw.params)-1 {
			arg += "..."
		}
		args = append(args, arg)
	}
	key := w.m.source(f, sw.stmt.Tag)
	if !types.Identical(f.pkg.TypesInfo.TypeOf(sw.stmt.Tag), types.Typ[types.String]) {
		key = "string(" + key + ")"
	}
	at := offset(sw.stmt.Pos())
	dispatch := "if plugin, ok := " + sw.variable + "[" + key + "]; ok {\n\t\treturn plugin(" +
		strings.Join(args, ", ") + ")\n\t}\n\t"
	switch {
	case len(rest) == 0:
		end, _ := lines(f.src, offset(sw.stmt.Body.Rbrace), offset(sw.stmt.Body.Rbrace))
		first, _ := w.clauseRange(f, sw.stmt, 0)
		w.replace(f, at, first, strings.TrimSuffix(dispatch, "\t"))
		w.replace(f, end, w.lineEnd(f, sw.stmt.Body.Rbrace), "")
	case len(rest) == 1 && rest[0].List == nil && endsFunction(rest[0]):
		i := slices.Index(sw.stmt.Body.List, ast.Stmt(rest[0]))
		from, to := w.clauseRange(f, sw.stmt, i)
		body := f.src[offset(rest[0].Colon)+1 : to]
		comments := ""
		for _, line := range w.clauseComments(f, rest[0]) {
			comments += "\t" + line + "\n"
		}
		first, _ := w.clauseRange(f, sw.stmt, 0)
		w.replace(f, at, first, strings.TrimSuffix(dispatch, "\t"))
		w.replace(f, from, to, comments+strings.TrimPrefix(string(body), "\n"))
		end, _ := lines(f.src, offset(sw.stmt.Body.Rbrace), offset(sw.stmt.Body.Rbrace))
		w.replace(f, end, w.lineEnd(f, sw.stmt.Body.Rbrace), "")
	default:
		w.replace(f, at, at, dispatch)
	}
}

// endsFunction reports whether a case returns or panics, and does nothing that needs the switch.
func endsFunction(clause *ast.CaseClause) bool {
	if len(clause.Body) == 0 {
		return false
	}
	ok := panics(clause.Body[len(clause.Body)-1])
	if _, returns := clause.Body[len(clause.Body)-1].(*ast.ReturnStmt); returns {
		ok = true
	}
	for _, stmt := range clause.Body {
		ast.Inspect(stmt, func(n ast.Node) bool {
			if b, isBranch := n.(*ast.BranchStmt); isBranch && b.Tok == token.BREAK {
				ok = false
			}
			return true
		})
	}
	return ok
}

func (w *rewriter) lineEnd(f *file, pos token.Pos) int {
	_, end := lines(f.src, f.offset(w.m.fset, pos), f.offset(w.m.fset, pos))
	return end
}

// clauseRange returns the bytes of a case: whole lines, with the comments above it.
func (w *rewriter) clauseRange(f *file, s *ast.SwitchStmt, i int) (from, to int) {
	start := func(i int) int {
		if i == len(s.Body.List) {
			from, _ := lines(f.src, f.offset(w.m.fset, s.Body.Rbrace), f.offset(w.m.fset, s.Body.Rbrace))
			return from
		}
		from, _ := w.m.extent(f, s.Body.List[i])
		return from
	}
	return start(i), start(i + 1)
}

// clauseComments returns the comments above a case.
func (w *rewriter) clauseComments(f *file, clause *ast.CaseClause) (all []string) {
	before, _ := w.m.attached(f, clause)
	for _, g := range before {
		all = append(all, commentLines(g)...)
	}
	return all
}

// caseCode returns the declaration of the function that a case becomes.
func (w *rewriter) caseCode(mv *move) string {
	f, sw := mv.file, mv.registrar.sw
	i := slices.Index(sw.stmt.Body.List, ast.Stmt(mv.clause))
	_, to := w.clauseRange(f, sw.stmt, i)
	return "func " + mv.symbol + strings.TrimPrefix(w.typeText(f, sw.sig), "func") + " {" +
		string(f.src[f.offset(w.m.fset, mv.clause.Colon)+1:to]) + "}"
}

// forwardSwitch declares the contract of what a switch statement made, and the variable that
// has what is linked.
func (w *rewriter) forwardSwitch(r *registrar) {
	f, sw := r.sw.file, r.sw
	pkg := w.use(f, registryPath, "registry")
	contract := piece{
		comments: []string{fmt.Sprintf("// A %s makes what %s returns.", sw.contract, sw.fn.Name())},
		notes:    []string{"//plugin:namespace=" + r.namespace},
		code:     "type " + sw.contract + " " + w.typeText(f, sw.sig),
	}
	variable := piece{
		comments: []string{fmt.Sprintf("// %s has what is linked, by name.", sw.variable)},
		code:     fmt.Sprintf("var %s = map[string]%s{}", sw.variable, sw.contract),
	}
	initial := piece{code: fmt.Sprintf("func init() {\n"+
		"\t%s.Forward(%q, func(name string, plugin %s) {\n\t\t%s[name] = plugin\n\t})\n}",
		pkg, r.namespace, sw.contract, sw.variable)}
	w.insertBehind(f, sw.decl.End(), "\n\n"+contract.String()+"\n\n"+variable.String()+"\n\n"+initial.String())
}
