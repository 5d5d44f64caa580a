package annotate

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/rules"
)

// isSpec reports whether a variable is a registry.Spec. Its type or its value may be nil.
func (r *reader) isSpec(typ, value ast.Expr) answer {
	if typ != nil {
		return answerOf(r.specType(typ, r.file))
	}
	switch v := ast.Unparen(orNil(value)).(type) {
	case *ast.CompositeLit:
		return answerOf(r.specType(v.Type, r.file))
	case *ast.CallExpr:
		if result, file := r.result(v); result != nil {
			return answerOf(r.specType(result, file))
		}
		return unknown
	case *ast.UnaryExpr, *ast.FuncLit, *ast.BasicLit:
		return no
	}
	return unknown
}

// result returns the type of the only result of a call, and the file that the function is
// in. It returns nil if syntax does not tell.
func (r *reader) result(call *ast.CallExpr) (ast.Expr, *File) {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return only(lit.Type.Results), r.file
	}
	id, _ := ast.Unparen(call.Fun).(*ast.Ident)
	if id == nil {
		return nil, nil
	}
	if r.Predeclared(id, "new") {
		return &ast.StarExpr{X: &ast.BadExpr{}}, r.file
	}
	var result ast.Expr
	var file *File
	for _, d := range r.declaredIn(id.Name, r.file) {
		if d.fn == nil || d.fn.Type.TypeParams != nil {
			return nil, nil
		}
		t := only(d.fn.Type.Results)
		if t == nil || result != nil && types.ExprString(t) != types.ExprString(result) {
			return nil, nil // not the same in all builds
		}
		result, file = t, d.file
	}
	return result, file
}

// only returns the type of the only parameter or result in a list, or nil.
func only(list *ast.FieldList) ast.Expr {
	if types := code.Flatten(list); len(types) == 1 {
		return types[0]
	}
	return nil
}

// address reports whether the plugin of a variable is its address. It is for a struct,
// whose methods may have pointer receivers, but not for a pointer or an interface.
func (r *reader) address(typ, value ast.Expr) answer {
	if typ != nil {
		if a := r.addressOf(typ, r.file); a != unknown {
			return a
		}
	}
	switch v := ast.Unparen(orNil(value)).(type) {
	case *ast.UnaryExpr, *ast.FuncLit:
		return no // &T{...}, or an interface that holds it
	case *ast.CompositeLit:
		if typ == nil {
			if a := r.addressOf(v.Type, r.file); a != unknown {
				return a
			}
			return yes // of a type of another package, which is not an interface
		}
	case *ast.CallExpr:
		if result, _ := r.result(v); result != nil && typ == nil {
			return r.addressOf(result, r.file)
		}
	}
	return unknown
}

// addressOf is address for a variable of type t.
func (r *reader) addressOf(t ast.Expr, f *File) answer {
	t, _ = r.underlying(t, f)
	switch t := t.(type) {
	case *ast.StarExpr, *ast.InterfaceType, *ast.FuncType, *ast.MapType, *ast.ChanType:
		return no
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return unknown
	case *ast.Ident:
		switch {
		case t.Name == "error" || t.Name == "any":
			return no
		case types.Universe.Lookup(t.Name) == nil:
			return unknown
		}
	}
	return yes
}

// reference returns the use of the declaration that a pair names, or reports an error and
// returns nil. role returns how a declaration is used, or why it can't be. what names the
// use in messages.
func (r *reader) reference(p pair, what string, role func(*decl) (*Call, string)) *Call {
	w, ok := r.one(p)
	if !ok {
		return nil
	}
	if !token.IsIdentifier(w.Text) || w.Text == "_" {
		r.errorf(BadValue, w.Span, "%q is not an identifier: %s names a declaration of this "+
			"package", w.Text, p.key.Text)
		return nil
	}
	d := r.declared(w.Text, r.file)
	if d == nil {
		near := r.nearest(w.Text, func(d *decl) bool { _, why := role(d); return why == "" })
		r.undeclared(w, w.Text, cmp.Or(near, r.nearest(w.Text, func(*decl) bool { return true })))
		return nil
	}
	call, why := role(d)
	other := d
	for _, e := range r.declaredIn(w.Text, r.file) {
		if e == d || why != "" {
			continue
		}
		var another *Call
		if another, why = role(e); why == "" && !call.like(another) {
			why = fmt.Sprintf("it is not the same in all builds that have the plugin: %s in %s, "+
				"%s in %s; give it one signature, or declare the plugin in a file for each of the "+
				"builds",
				d.signature(), showBuilds(d.file.Constraint), e.signature(), showBuilds(e.file.Constraint))
		}
		if why != "" {
			other = e
		}
	}
	if why == "" {
		why = r.notEverywhere(w.Text)
	}
	if why != "" {
		diag := r.errorf(Role, w.Span, "%s can't be %s: %s", w.Text, what, why)
		diag.Related = []Related{{identSpan(other.ident), "it is declared here"}}
	}
	return call
}

// undeclared reports a name in a value that the package does not declare. near is the
// name to suggest, or "".
func (r *reader) undeclared(w Word, name, near string) {
	if near == "" {
		r.errorf(Unresolved, w.Span, "%s is not declared in package %s: declare it there, at "+
			"package level", name, r.Name)
		return
	}
	d := r.errorf(Unresolved, w.Span, "%s is not declared in package %s%s", name, r.Name, rules.DidYouMean(near))
	if w.Text == name {
		d.Fix = &Fix{Message: "write " + near, Span: w.Span, New: near}
	}
}

// notEverywhere returns in which builds a name is declared, for messages, or "" if it is
// in all builds that include the file being read.
func (r *reader) notEverywhere(name string) string {
	where := r.declaredWhere(name)
	if where == "" {
		return ""
	}
	return "it is declared only in " + where + ", but the plugin is in " + showBuilds(r.file.Constraint)
}

// Everywhere reports whether a name is declared in all builds that include a file. If it is
// not, builds says where it is declared, for messages.
func (p *Package) Everywhere(name string, from *File) (ok bool, builds string) {
	r := &reader{Package: p, file: from}
	builds = r.declaredWhere(name)
	return builds == "", builds
}

// declaredWhere returns the builds in which a name is declared, or "" if it is in all that
// include the file being read.
func (r *reader) declaredWhere(name string) string {
	var declared []builds.Constraint
	for d := r.decls[name]; d != nil; d = d.next {
		declared = append(declared, d.file.Constraint)
	}
	if r.file.Constraint.Implies(declared) {
		return ""
	}
	return showBuilds(declared...)
}

// maxSearches bounds how often a suggestion is searched for, since each search compares
// all declarations of the package.
const maxSearches = 100

// nearest returns the name that a misspelt one was probably meant to be, or "": that of a
// wanted package-level declaration, or one of others. It returns "" after maxSearches calls.
func (r *reader) nearest(name string, wanted func(*decl) bool, others ...string) string {
	if r.searches++; r.searches > maxSearches {
		return ""
	}
	return rules.NearestOrCompletion(name, append(r.names(wanted), others...))
}

// names returns the names of the package-level declarations that are wanted, sorted.
func (r *reader) names(wanted func(*decl) bool) []string {
	var found []string
	for name, d := range r.decls {
		if wanted(d) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// factoryCall returns how a function of a file is called as a factory, or why it can't be.
func (r *reader) factoryCall(fn *ast.FuncDecl, f *File) (*Call, string) {
	const want = "a factory is a func() T or func() (T, error), and may take the plugin's name (a " +
		"string) or its *registry.Spec, and a struct with its options"
	call := &Call{Symbol: fn.Name.Name, Decl: fn, File: f}
	params := withoutOptions(fn)
	if n := len(params); n > 0 && r.mayBeOptions(params[n-1], f) {
		call.Options, params = params[n-1], params[:n-1]
	}
	var ok bool
	if call.Arg, ok = r.arg(params, f); !ok {
		return nil, "it takes other arguments; " + want
	}
	results := code.Flatten(fn.Type.Results)
	switch {
	case len(results) == 0:
		return nil, "it returns nothing; " + want
	case r.Predeclared(results[0], "error"):
		return nil, "it returns only an error; " + want
	case len(results) == 1:
		return call, ""
	case len(results) == 2 && r.Predeclared(results[1], "error"):
		call.Error = true
		return call, ""
	}
	return nil, "it returns something else; " + want
}

// mayBeOptions reports whether a type may be a struct with options, or a pointer to one: it is
// a struct of the package or a type of another one, but not of the standard library.
func (r *reader) mayBeOptions(t ast.Expr, f *File) bool {
	t = ast.Unparen(t)
	if star, ok := t.(*ast.StarExpr); ok {
		t = ast.Unparen(star.X)
	}
	if r.specType(t, f) {
		return false
	}
	switch r.kindOf(t, f) {
	case structType:
		return true
	case unknownType:
		path, _ := f.qualified(t)
		return path == "" && f.hasDotImport() || path != "" && !rules.IsStandard(path)
	}
	return false
}

// shouldLoadCall returns how a declaration is used by should_load, or why it can't be.
func (r *reader) shouldLoadCall(d *decl) (*Call, string) {
	const want = "should_load is a bool, or a function that returns one and may take the plugin's " +
		"name (a string) or its *registry.Spec"
	switch {
	case d.typ != nil:
		return nil, "it is a type; " + want
	case d.fn == nil && r.notBool(d):
		return nil, "it is " + d.what() + " of another type; " + want
	case d.fn == nil:
		return &Call{Symbol: d.ident.Name, Value: true}, "" // the compiler checks its type
	}
	arg, ok := r.arg(code.Flatten(d.fn.Type.Params), d.file)
	results := code.Flatten(d.fn.Type.Results)
	if !ok || len(results) != 1 || !r.Predeclared(results[0], "bool") || d.fn.Type.TypeParams != nil {
		return nil, "it has another signature; " + want
	}
	return &Call{Symbol: d.fn.Name.Name, Arg: arg, Decl: d.fn}, ""
}

// notBool reports whether a variable or constant certainly is no bool.
func (r *reader) notBool(d *decl) bool {
	if d.val.Type == nil {
		switch ast.Unparen(orNil(d.value)).(type) {
		case *ast.BasicLit, *ast.FuncLit, *ast.CompositeLit:
			return true
		}
		return false
	}
	if id, ok := ast.Unparen(d.val.Type).(*ast.Ident); ok {
		if t := r.typeNamed(id.Name, d.file); t != nil && !t.typ.Assign.IsValid() {
			return true
		}
	}
	switch t, _ := r.underlying(d.val.Type, d.file); t := t.(type) {
	case *ast.Ident:
		return t.Name != "bool" && types.Universe.Lookup(t.Name) != nil
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return false
	}
	return true
}

// loadCall returns how a function is used by load, or why it can't be.
func (r *reader) loadCall(d *decl) (*Call, string) {
	const want = "load is a func(context.Context) error"
	if d.fn == nil {
		return nil, "it is " + d.what() + "; " + want
	}
	params, results := code.Flatten(d.fn.Type.Params), code.Flatten(d.fn.Type.Results)
	if len(params) != 1 || len(results) != 1 || !r.Predeclared(results[0], "error") || d.fn.Type.TypeParams != nil ||
		!d.file.IsContext(params[0]) {
		return nil, "it has another signature; " + want
	}
	return &Call{Symbol: d.fn.Name.Name, Decl: d.fn}, ""
}

// withoutOptions returns the types of a factory's parameters without a final variadic one,
// as in New(opts ...Option), for which no argument is needed.
func withoutOptions(fn *ast.FuncDecl) []ast.Expr {
	params := code.Flatten(fn.Type.Params)
	if n := len(params); n > 0 {
		if _, variadic := params[n-1].(*ast.Ellipsis); variadic {
			return params[:n-1]
		}
	}
	return params
}

// arg returns the argument of a function of a file with the parameters, and whether it can
// be called with one.
func (r *reader) arg(params []ast.Expr, f *File) (Arg, bool) {
	switch {
	case len(params) == 0:
		return NoArg, true
	case len(params) > 1:
		return 0, false
	case r.Predeclared(params[0], "string"):
		return NameArg, true
	}
	star, ok := ast.Unparen(params[0]).(*ast.StarExpr)
	return SpecArg, ok && r.specType(star.X, f)
}

// typeArgs reports a number of type arguments that is not that of the type parameters.
func (r *reader) typeArgs(p *Plugin, what string, params *ast.FieldList) {
	want, got := params.NumFields(), len(p.TypeArgs)
	switch {
	case want == got || p.broken:
	case want == 0:
		r.pluginErrorf(p, Role, p.Span("type_args"), "%s is not generic: it takes no type arguments", what)
	case got == 0:
		r.pluginErrorf(p, Missing, p.Directive, "%s is generic: write the plugin's type "+
			"arguments, as in type_args=%s", what,
			strings.TrimPrefix(strings.Repeat(",int", want), ","))
	default:
		r.pluginErrorf(p, Role, p.Span("type_args"), "the number of type arguments is wrong: %s "+
			"has parameters for %d, and the directive gives %d", what, want, got)
	}
}

// types returns the items of a pair that are types. They are copied into generated code,
// so function literals, calls and other expressions are rejected.
func (r *reader) types(p pair) []ast.Expr {
	var list []ast.Expr
	for _, w := range r.items(p) {
		expr, err := parser.ParseExpr(w.Text)
		if err != nil || !isType(expr) {
			r.errorf(BadValue, w.Span, "%q is not a type that a directive can name: write int, "+
				"*T, pkg.T, []T, map[K]V or T[A]", w.Text)
			continue
		}
		if r.declaredTypes(w, expr) {
			list = append(list, expr)
		}
	}
	return list
}

// isType reports whether an expression is a type that a directive can name.
func isType(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name != "_"
	case *ast.SelectorExpr:
		_, ok := e.X.(*ast.Ident)
		return ok
	case *ast.StarExpr:
		return isType(e.X)
	case *ast.ArrayType:
		n, fixed := e.Len.(*ast.BasicLit)
		return (e.Len == nil || fixed && n.Kind == token.INT) && isType(e.Elt)
	case *ast.MapType:
		return isType(e.Key) && isType(e.Value)
	case *ast.IndexExpr:
		return isType(e.X) && isType(e.Index)
	case *ast.IndexListExpr:
		return isType(e.X) && !slices.ContainsFunc(e.Indices, func(x ast.Expr) bool { return !isType(x) })
	}
	return false
}

// notImported returns the message for a name that no import has.
func notImported(name string) string {
	return fmt.Sprintf("no import of this file is known to be called %[1]s: write import %[1]s "+
		"\"...\", or import _ \".../%[1]s\" if only directives refer to it", name)
}

// declaredTypes reports whether all names in a type are declared. It adds diagnostics for
// those that are not.
func (r *reader) declaredTypes(w Word, t ast.Expr) bool {
	before := len(r.Diagnostics)
	ast.Inspect(t, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			id := n.X.(*ast.Ident) // isType
			switch path := r.file.ImportPath(id.Name); {
			case path == "":
				r.errorf(Unresolved, w.Span, "%s", notImported(id.Name))
			case !token.IsExported(n.Sel.Name):
				r.errorf(Unresolved, w.Span, "%s is not exported, so only package %s can name it: export it, or "+
					"declare the plugin there", n.Sel.Name, path)
			}
			return false
		case *ast.Ident:
			if d := r.declared(n.Name, r.file); d != nil && d.typ == nil {
				r.errorf(Role, w.Span, "%s is %s, and not a type", n.Name, d.what())
			} else if d == nil && types.Universe.Lookup(n.Name) == nil && !r.file.hasDotImport() {
				near := r.nearest(n.Name, func(d *decl) bool { return d.typ != nil }, types.Universe.Names()...)
				r.undeclared(w, n.Name, near)
			}
		}
		return true
	})
	return len(r.Diagnostics) == before
}

// nameExpr returns an identifier or a qualified identifier as an expression, or nil if
// text is neither.
func nameExpr(text string) ast.Expr {
	first, second, qualified := strings.Cut(text, ".")
	switch {
	case !token.IsIdentifier(first) || qualified && !token.IsIdentifier(second):
		return nil
	case qualified:
		return &ast.SelectorExpr{X: ast.NewIdent(first), Sel: ast.NewIdent(second)}
	}
	return ast.NewIdent(first)
}
