package migrate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file finds the calls that register.

// A registration is one plugin that is registered by hand.
type registration struct {
	registrar *registrar
	file      *file
	at, end   token.Pos
	name      string
	extras    []string // the values of the registrar's other parameters
	constant  string   // the constant of the package that has the name, if it is one
	value     ast.Expr

	init *ast.FuncDecl // the init function that it is in, nil if it is in a variable's value
	stmt ast.Stmt      // of init
	decl *ast.GenDecl  // var _ = Register(...), or the map

	entry *ast.KeyValueExpr // of the map

	clause  *ast.CaseClause // of the switch statement
	primary *registration   // the first name of the clause, nil for that itself
}

// node returns what goes when a registration is moved.
func (r *registration) node() ast.Node {
	if r.entry != nil {
		return r.entry
	}
	return r.stmt
}

// styles are the ways of registering that are found, by the words of Config.Styles.
var styles = []struct {
	name string
	find func(*migration, *file)
}{
	{"call", (*migration).findCalls},
	{"map", (*migration).findMaps},
	{"switch", (*migration).findSwitches},
}

// StyleNames returns what Config.Styles can have.
func StyleNames() (names []string) {
	for _, style := range styles {
		names = append(names, style.name)
	}
	return names
}

// find finds all registrations.
func (m *migration) find() {
	m.registrars = map[string]*registrar{}
	for _, f := range m.sortedFiles() {
		switch {
		case isTest(f) || !m.wanted[f.path]:
		case f.pkg != nil:
			for _, style := range styles {
				if len(m.styles) == 0 || slices.Contains(m.styles, style.name) {
					style.find(m, f)
				}
			}
		}
	}
	for _, f := range m.sortedFiles() {
		switch {
		case !m.wanted[f.path]:
		case f.pkg == nil && !isTest(f):
			m.findOtherBuilds(f)
		case f.pkg != nil && isTest(f):
			m.leaveTests(f)
		}
	}
}

// findCalls finds the calls of registrars.
func (m *migration) findCalls(f *file) {
	info := f.pkg.TypesInfo
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body == nil {
				continue
			}
			if d.Recv != nil || d.Name.Name != "init" {
				m.leaveCalls(f, d, d.Body,
					"it is in "+d.Name.Name+", not in init: it is registered when that is called")
				continue
			}
			for _, stmt := range d.Body.List {
				if call := registeringCall(stmt); call != nil {
					if m.register(f, call, registration{init: d, stmt: stmt}) {
						continue
					}
					m.nearMiss(f, call)
				}
				m.leaveCalls(f, d, stmt, "")
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, value := range v.Values {
					call, ok := ast.Unparen(value).(*ast.CallExpr)
					var r *registrar
					if ok {
						r, _ = m.registrarOf(info, call)
					}
					switch {
					case r == nil:
						m.leaveCalls(f, nil, value, "")
					case len(d.Specs) > 1 || len(v.Names) > 1 || v.Names[i].Name != "_":
						m.leave(call.Pos(), call.End(), "the variable %s has what %s returns", v.Names[i].Name,
							r.fn.Name())
					default:
						m.register(f, call, registration{decl: d})
					}
				}
			}
		}
	}
}

// registeringCall returns the call in Register(...), _ = Register(...), or
// if err := Register(...); err != nil { panic(err) }.
func registeringCall(stmt ast.Stmt) *ast.CallExpr {
	var e ast.Expr
	switch s := stmt.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if id, ok := s.Lhs[0].(*ast.Ident); ok && len(s.Lhs) == 1 && len(s.Rhs) == 1 && id.Name == "_" {
			e = s.Rhs[0]
		}
	case *ast.IfStmt:
		a, ok := s.Init.(*ast.AssignStmt)
		if ok && s.Else == nil && len(a.Rhs) == 1 && len(s.Body.List) == 1 && panics(s.Body.List[0]) {
			e = a.Rhs[0]
		}
	}
	if e == nil {
		return nil
	}
	call, _ := ast.Unparen(e).(*ast.CallExpr)
	return call
}

// panics reports whether a statement is a call of panic, or of something like log.Fatal.
func panics(stmt ast.Stmt) bool {
	e, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "panic"
	case *ast.SelectorExpr:
		return f.Sel.Name == "Fatal" || f.Sel.Name == "Fatalf" || f.Sel.Name == "Panic" || f.Sel.Name == "Panicf"
	}
	return false
}

// register adds what a call registers, and reports whether it is a registration, moved or not.
func (m *migration) register(f *file, call *ast.CallExpr, reg registration) bool {
	r, reason := m.registrarOf(f.pkg.TypesInfo, call)
	if reason != "" {
		m.leave(call.Pos(), call.End(), "%s", reason)
		return true
	}
	if r == nil {
		return false
	}
	fixed := r.fn.Signature().Params().Len()
	if r.fn.Signature().Variadic() {
		fixed--
	}
	if len(call.Args) < fixed {
		m.leave(call.Pos(), call.End(), "its arguments are what another function returns")
		return true
	}
	if len(call.Args) > fixed {
		m.leave(call.Pos(), call.End(), "%s is called with more than a name and a plugin", r.fn.Name())
		return true
	}
	reg.registrar, reg.file, reg.at, reg.end, reg.value = r, f, call.Pos(), call.End(), call.Args[r.value]
	if isNil(f.pkg.TypesInfo, reg.value) {
		m.leave(call.Pos(), call.End(), "it is nil")
		return true
	}
	if ok := m.named(&reg, call); !ok {
		return true
	}
	if _, isExpr := reg.stmt.(*ast.ExprStmt); isExpr {
		r.ignored = true
	}
	for i, param := range r.extras {
		text, reason := constantText(f.pkg.TypesInfo.Types[call.Args[param]].Value, "its argument "+r.extra(i).Name())
		if reason != "" {
			m.leave(call.Pos(), call.End(), "%s", reason)
			return true
		}
		reg.extras = append(reg.extras, text)
	}
	if f.skipped != "" {
		m.leave(call.Pos(), call.End(), "%s", f.skipped)
		return true
	}
	m.found = append(m.found, &reg)
	return true
}

// named finds the name of a registration. It reports whether there is a constant one.
func (m *migration) named(reg *registration, call *ast.CallExpr) bool {
	r, info := reg.registrar, reg.file.pkg.TypesInfo
	if r.name < 0 {
		name, ok := m.nameOf(r, info, reg.value)
		if !ok {
			if isRegistryLike(r) {
				m.leave(call.Pos(), call.End(), "its name is no constant: no method or field of it returns one")
			}
			return false
		}
		reg.name = name
	} else {
		tv := info.Types[call.Args[r.name]]
		if tv.Value == nil || tv.Value.Kind() != constant.String {
			m.leave(call.Pos(), call.End(), "its name is computed")
			return false
		}
		reg.name = constant.StringVal(tv.Value)
		reg.constant = m.constantOf(reg.file, call.Args[r.name])
	}
	if !rules.ValidName(reg.name) {
		m.leave(call.Pos(), call.End(), "%s", badName(reg.name))
		return false
	}
	return true
}

// badName says why a name can't be that of a plugin.
func badName(name string) string {
	return fmt.Sprintf(
		"%q can't be the name of a plugin: it is empty, or has quotes, commas, or spaces around it", name)
}

// isRegistryLike reports whether what has no name is worth a note: there may be other functions
// that store something.
func isRegistryLike(r *registrar) bool {
	return r.path != nil || registering().MatchString(r.fn.Name())
}

// constantOf returns the name of the constant of a file's package that an expression is, if its
// value is a literal, which plugingen can read.
func (m *migration) constantOf(f *file, e ast.Expr) string {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return ""
	}
	c, ok := f.pkg.TypesInfo.Uses[id].(*types.Const)
	if !ok || c.Pkg() == nil || c.Parent() != c.Pkg().Scope() || c.Pkg() != f.pkg.Types {
		return ""
	}
	d := m.vars[f.pkg.PkgPath+"."+id.Name]
	if d == nil {
		return ""
	}
	for i, name := range d.node.Names {
		if name.Name == id.Name && i < len(d.node.Values) {
			if _, ok := d.node.Values[i].(*ast.BasicLit); ok {
				return id.Name
			}
		}
	}
	return ""
}
