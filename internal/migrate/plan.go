package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// This file decides which registrations become directives, and why the others stay.

// A form is what a registration becomes.
type form int

const (
	existingFunc form = iota // a directive on a function
	existingVar              // on a variable
	existingType             // on a type, made by new
	newFunc                  // a function with the text of a literal
	newFactory               // a function that returns what was registered
	newShared                // a function that returns a variable with what was registered, by several names
)

// A move is a registration that becomes a directive.
type move struct {
	*registration
	form   form
	symbol string // of the declaration that the directive is on
	target string // the import path of its package
	on     *file  // the file of an existing declaration
	before token.Pos
	doc    *ast.CommentGroup // of an existing declaration
	place  *place
	needs  []ast.Stmt // the statements of init that the value needs, in order
	also   *move      // the move whose declaration this one shares, which has another name
	quoted bool       // the name without quotes might be read as a constant
}

// moves decides what becomes of each registration.
func (m *migration) moves() (moves []*move, left []left) {
	claims := map[string][]*registration{}
	for _, reg := range m.found {
		id := reg.registrar.id + " " + reg.name
		claims[id] = append(claims[id], reg)
	}
	for _, group := range m.groups() {
		var first *move
		for _, reg := range group {
			mv, reason := m.movable(reg, group, first, claims[reg.registrar.id+" "+reg.name])
			if mv == nil {
				left = append(left, m.leaving(reg, reason))
				continue
			}
			if first == nil {
				first = mv
			}
			moves = append(moves, mv)
		}
	}
	for _, mv := range moves { // the names of a case share its function
		for _, other := range moves {
			if mv.primary != nil && mv.form == newFunc && other.registration == mv.primary {
				mv.also = other
			}
		}
	}
	return moves, left
}

func (m *migration) movable(reg *registration, group []*registration, first *move,
	claims []*registration,
) (*move, string) {
	if reason, ok := m.dropped[reg.at]; ok {
		return nil, reason
	}
	for _, other := range claims {
		if other != reg {
			return nil,
				fmt.Sprintf(
					"the name %q is registered at %s, too: which one counts depends on the order of imports",
					reg.name, m.short(other.at))
		}
	}
	if reg.clause != nil {
		mv := &move{registration: reg, target: reg.file.pkg.PkgPath}
		m.chooseCase(mv)
		return mv, ""
	}
	return m.move(reg, group, first)
}

func (m *migration) leaving(reg *registration, reason string) left {
	return left{reg.at, reg.end, reason}
}

// groups returns the registrations that share what they need of an init function, and the others
// alone.
func (m *migration) groups() (groups [][]*registration) {
	type key struct {
		init *ast.FuncDecl
		need ast.Stmt
	}
	index := map[key]int{}
	for _, reg := range m.found {
		needs, _ := m.needs(reg)
		if len(needs) == 0 {
			groups = append(groups, []*registration{reg})
			continue
		}
		at := -1
		for _, need := range needs {
			if i, ok := index[key{reg.init, need}]; ok {
				at = i
			}
		}
		if at < 0 {
			at = len(groups)
			groups = append(groups, nil)
		}
		for _, need := range needs {
			index[key{reg.init, need}] = at
		}
		groups[at] = append(groups[at], reg)
	}
	return groups
}

// needs returns the statements of an init function that make what a registration registers. The
// reason is why they can't be moved with it.
func (m *migration) needs(reg *registration) (needs []ast.Stmt, reason string) {
	if reg.init == nil {
		return nil, ""
	}
	info := reg.file.pkg.TypesInfo
	wanted := map[types.Object]bool{}
	want := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := info.Uses[id]; obj != nil && within(obj.Pos(), reg.init.Body) && !within(obj.Pos(), n) {
					wanted[obj] = true
				}
			}
			return true
		})
	}
	want(reg.value)
	local := func(obj types.Object) bool { return obj != nil && within(obj.Pos(), reg.init.Body) }
	drop := func() { // what the value declares itself
		for obj := range wanted {
			if within(obj.Pos(), reg.value) {
				delete(wanted, obj)
			}
		}
	}
	drop()
	if len(wanted) == 0 {
		return nil, ""
	}
	in := map[ast.Stmt]bool{}
	for changed := true; changed; {
		changed = false
		for _, stmt := range reg.init.Body.List {
			if in[stmt] || stmt == reg.stmt || !touches(info, stmt, wanted) || isRegistration(m, reg, stmt) {
				continue
			}
			in[stmt], changed = true, true
			want(stmt)
		}
	}
	after := false
	for _, stmt := range reg.init.Body.List {
		if stmt == reg.stmt {
			after = true
		}
		if !in[stmt] {
			continue
		}
		if after {
			return nil, "init uses what it registers afterwards"
		}
		if !onlyLocal(info, stmt, local) {
			return nil, "init has side effects: what it registers depends on a statement that does more than to make it"
		}
		needs = append(needs, stmt)
	}
	return needs, ""
}

// leavesBefore returns a statement of an init function by which it may not come to one of its
// statements, though the program goes on; nil if there is none. Panics count if they are recovered.
func leavesBefore(info *types.Info, body *ast.BlockStmt, stmt ast.Stmt) (leaves ast.Node) {
	before, recovers := true, false
	for _, s := range body.List {
		before = before && s != stmt
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.DeferStmt:
				recovers = recovers || mayRecover(info, n)
				if before && recovers && leaves == nil {
					leaves = n
				}
			case *ast.ReturnStmt:
				if before && leaves == nil {
					leaves = n
				}
			case *ast.BranchStmt:
				if n.Tok == token.GOTO && before != (info.Uses[n.Label].Pos() < stmt.Pos()) && leaves == nil {
					leaves = n
				}
			case *ast.FuncLit:
				return false
			}
			return true
		})
	}
	return leaves
}

// mayRecover reports whether a deferred call may recover from a panic: one of a literal that
// does, or of a function whose body is elsewhere.
func mayRecover(info *types.Info, d *ast.DeferStmt) (may bool) {
	lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	if !ok {
		fn, _ := typeutil.Callee(info, d.Call).(*types.Func)
		return fn == nil || fn.Signature().Recv() == nil // methods are those of locks and files
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == "recover" {
			may = true
		}
		return !may
	})
	return may
}

// isRegistration reports whether a statement is a registration, too.
func isRegistration(m *migration, reg *registration, stmt ast.Stmt) bool {
	return slices.ContainsFunc(m.found, func(r *registration) bool { return r.init == reg.init && r.stmt == stmt })
}

func within(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }

// touches reports whether a statement uses, or declares, one of the objects.
func touches(info *types.Info, stmt ast.Stmt, objs map[types.Object]bool) (found bool) {
	ast.Inspect(stmt, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && objs[info.ObjectOf(id)] {
			found = true
		}
		return !found
	})
	return found
}

// onlyLocal reports whether a statement declares local variables or assigns to them, and does
// nothing else: calls in expressions excepted.
func onlyLocal(info *types.Info, stmt ast.Stmt, local func(types.Object) bool) bool {
	var rooted func(e ast.Expr) bool
	rooted = func(e ast.Expr) bool {
		switch e := ast.Unparen(e).(type) {
		case *ast.Ident:
			return e.Name == "_" || local(info.ObjectOf(e))
		case *ast.SelectorExpr:
			return rooted(e.X)
		case *ast.IndexExpr:
			return rooted(e.X)
		case *ast.StarExpr:
			return rooted(e.X)
		}
		return false
	}
	all := func(list []ast.Stmt) bool {
		return !slices.ContainsFunc(list, func(s ast.Stmt) bool { return !onlyLocal(info, s, local) })
	}
	switch s := stmt.(type) {
	case *ast.DeclStmt:
		return true
	case *ast.AssignStmt:
		return !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool { return !rooted(e) })
	case *ast.IncDecStmt:
		return rooted(s.X)
	case *ast.ExprStmt:
		if panics(s) {
			return true
		}
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		return ok && info.Selections[sel] != nil && rooted(sel.X)
	case *ast.BlockStmt:
		return all(s.List)
	case *ast.IfStmt:
		return (s.Init == nil || onlyLocal(info, s.Init, local)) && all(s.Body.List) && (s.Else == nil ||
			onlyLocal(info, s.Else, local))
	case *ast.RangeStmt:
		return all(s.Body.List)
	case *ast.ForStmt:
		return (s.Init == nil || onlyLocal(info, s.Init, local)) && all(s.Body.List)
	}
	return false
}

// move decides what becomes of a registration. Group has those that need the same local
// variables, first the move of the first of them.
func (m *migration) move(reg *registration, group []*registration, first *move) (*move, string) {
	if reg.init != nil {
		if leaves := leavesBefore(reg.file.pkg.TypesInfo, reg.init.Body, reg.stmt); leaves != nil {
			at := m.short(leaves.Pos())
			return nil, "it is registered on a condition: init may have been left at " + at
		}
	}
	needs, reason := m.needs(reg)
	if reason != "" {
		return nil, reason
	}
	mv := &move{registration: reg, target: reg.file.pkg.PkgPath, needs: needs}
	if len(group) > 1 {
		if slices.ContainsFunc(group, func(other *registration) bool { return !m.sameValue(other, group[0]) }) {
			return nil, "other registrations in the function use the same local variables"
		}
		mv.form, mv.also = newShared, first
	} else {
		m.choose(mv)
		onlySome := mv.on != nil && constraintOf(mv.on) != constraintOf(reg.file) // in some builds only
		if onlySome || mv.on != nil && reg.registrar.makers {
			mv.form, mv.on, mv.symbol, mv.target = newFactory, nil, "", reg.file.pkg.PkgPath
		}
	}
	if v := m.refersTo(mv); v != "" {
		return nil,
			fmt.Sprintf(
				"its value is a struct with the variable %s in it, which may change before it is linked", v)
	}
	if v := m.changedByInit(mv); v != "" {
		return nil, fmt.Sprintf("it depends on the variable %s, which init changes", v)
	}
	if reason := m.changedUntilLinked(mv); reason != "" {
		return nil, reason
	}
	if usedElsewhere := m.usedElsewhere(reg, group, needs); usedElsewhere != "" {
		return nil, fmt.Sprintf(
			"it needs the local variable %s, which init uses for something else, too", usedElsewhere)
	}
	if mv.form == newFactory || mv.form == newShared {
		if t, ok := m.canName(reg); !ok {
			return nil, fmt.Sprintf(
				"the type %s is not exported: its value can't be made in a function of this package", t)
		}
	}
	return mv, ""
}

// sameValue reports whether two registrations register the same value, by two names.
func (m *migration) sameValue(a, b *registration) bool {
	return a.registrar == b.registrar && m.source(a.file, a.value) == m.source(b.file, b.value)
}

func (m *migration) source(f *file, n ast.Node) string { return f.text(m.fset, n.Pos(), n.End()) }

// usedElsewhere returns the name of a local variable that statements declare and others use, or "".
func (m *migration) usedElsewhere(reg *registration, group []*registration, needs []ast.Stmt) (name string) {
	if len(needs) == 0 {
		return ""
	}
	info := reg.file.pkg.TypesInfo
	for _, stmt := range reg.init.Body.List {
		if slices.Contains(needs, stmt) || slices.ContainsFunc(group,
			func(r *registration) bool { return r.stmt == stmt }) {
			continue
		}
		ast.Inspect(stmt, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				obj := info.Uses[id]
				if obj != nil && slices.ContainsFunc(needs, func(s ast.Stmt) bool { return within(obj.Pos(), s) }) {
					name = id.Name
				}
			}
			return true
		})
	}
	return name
}

// directive returns the directive of a move.
func (mv *move) directive() string {
	name := "name=" + annotate.QuoteValue(mv.name)
	if mv.quoted {
		name = "name=" + strconv.Quote(mv.name)
	}
	if mv.constant != "" && mv.target == mv.file.pkg.PkgPath {
		name = "name_from=" + mv.constant
	}
	d := "//plugin:namespace=" + mv.registrar.namespace + " " + name
	if (mv.form == newFactory || mv.form == newShared) && !mv.registrar.makers {
		d += " factory"
	}
	for i, text := range mv.extras {
		if text != "" && text != "false" && text != "0" { // what there is without the key
			d += " " + mv.registrar.key(i) + "=" + annotate.QuoteValue(text)
		}
	}
	return d
}

// key returns the key that has the value of one of the other parameters.
func (r *registrar) key(extra int) string {
	return "x_" + rules.SnakeCase(r.extra(extra).Name())
}

// call returns what registers the plugin by hand in the package that declares it, for its
// tests. The qualifier of the registrar's package ends in a dot, or is empty.
func (mv *move) call(qualifier string) string {
	value := mv.symbol
	switch mv.form {
	case newFactory, newShared:
		value += "()"
	case existingType:
		value = "new(" + value + ")"
	}
	r := mv.registrar
	fn := qualifier
	if r.on != nil {
		fn += r.on.Name()
		if r.fn == nil {
			return fn + "[" + strconv.Quote(mv.name) + "] = " + value
		}
		fn += "."
	}
	args := make([]string, len(r.extras)+2)
	args[r.value] = value
	if r.name >= 0 {
		args[r.name] = strconv.Quote(mv.name)
	} else {
		args = args[:1]
	}
	for i, param := range r.extras {
		args[param] = mv.extras[i]
		if isString(r.fn.Signature().Params().At(param).Type()) {
			args[param] = strconv.Quote(mv.extras[i])
		}
	}
	return fn + r.fn.Name() + "(" + strings.Join(args, ", ") + ")"
}
