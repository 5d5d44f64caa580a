package options

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plugingen/plugingen/annotate"
)

// maxCalls bounds how many functions are followed that return the result of another.
const maxCalls = 10

// maker returns the function that makes what a factory returns, and its file: the factory, or
// the function of the package whose result it returns.
func (r *reader) maker(c *annotate.Call) (*ast.FuncDecl, *annotate.File) {
	if c == nil || c.Decl == nil {
		return nil, nil
	}
	fn, file := r.pkg.WithBody(c.Symbol, c.File), c.File
	for range maxCalls {
		list := returned(fn)
		if len(list) != 1 {
			break
		}
		next, in := r.called(list[0], file)
		if next == nil {
			break
		}
		fn, file = r.pkg.WithBody(next.Name.Name, in), in
	}
	return fn, file
}

// called returns the function of the package that an expression calls, and its file; nil if
// there is none, or it is generic or not the same in all builds.
func (r *reader) called(e ast.Expr, from *annotate.File) (*ast.FuncDecl, *annotate.File) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil, nil
	}
	list := r.functions(r.pkg.About(id.Name))[id.Name]
	for _, fn := range list {
		if fn.file.Name == from.Name {
			return fn.FuncDecl, fn.file
		}
	}
	if len(list) != 1 {
		return nil, nil
	}
	return list[0].FuncDecl, list[0].file
}

// A function is one with results that is neither generic nor a method.
type function struct {
	*ast.FuncDecl
	file *annotate.File
}

// functions returns the functions of a package by name, which are collected once.
func (r *reader) functions(p *annotate.Package) map[string][]function {
	if all := r.funcs[p]; all != nil {
		return all
	}
	all := map[string][]function{}
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Type.TypeParams == nil && fn.Type.Results.NumFields() > 0 {
				all[fn.Name.Name] = append(all[fn.Name.Name], function{fn, f})
			}
		}
	}
	if r.funcs == nil {
		r.funcs = map[*annotate.Package]map[string][]function{}
	}
	r.funcs[p] = all
	return all
}

// made returns the type of what a factory returns, as the expressions that it returns tell, and
// the file in which that type is written; nil if there are none. If they do not tell, or
// differ, it is the result that the function declares.
func (r *reader) made(c *annotate.Call) (made ast.Expr, in *annotate.File) {
	fn, file := r.maker(c)
	if fn == nil {
		return nil, nil
	}
	for _, e := range returned(fn) {
		t, f := r.typeOfValue(e, fn, file)
		if t == nil || made != nil && (f != in || types.ExprString(t) != types.ExprString(made)) {
			return resultOf(fn.Type), file
		}
		made, in = t, f
	}
	return made, in
}

// typeOfValue returns the type of an expression in a function if it is a composite literal,
// new(T), the address of one, which new also returns, a variable that is declared as one, or the
// result of a function of the package.
func (r *reader) typeOfValue(e ast.Expr, fn *ast.FuncDecl, file *annotate.File) (ast.Expr, *annotate.File) {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return nil, nil
	}
	defer func() { r.depth-- }()
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return e.Type, file
	case *ast.UnaryExpr:
		if t, f := r.typeOfValue(e.X, fn, file); t != nil && e.Op == token.AND {
			return &ast.StarExpr{X: t}, f
		}
	case *ast.CallExpr:
		if arg := r.argumentOfNew(e); arg != nil {
			if t, f := r.typeOfValue(arg, fn, file); t != nil {
				return &ast.StarExpr{X: t}, f
			}
			return &ast.StarExpr{X: arg}, file // a type
		}
		if f, in := r.called(e, file); f != nil {
			return resultOf(f.Type), in
		}
	case *ast.Ident:
		typ, value := definition(fn, e.Name)
		if value == nil {
			return typ, file
		}
		return r.typeOfValue(value, fn, file)
	}
	return nil, nil
}

// argumentOfNew returns the type or, since Go 1.26, the value that an expression is new of; nil if
// it is something else.
func (r *reader) argumentOfNew(e ast.Expr) ast.Expr {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !isPredeclared(r.pkg, call.Fun, "new") {
		return nil
	}
	return ast.Unparen(call.Args[0])
}

// addressed returns X of &X and of new(X), and any other expression as it is.
func (r *reader) addressed(e ast.Expr) ast.Expr {
	if amp, ok := e.(*ast.UnaryExpr); ok && amp.Op == token.AND {
		return ast.Unparen(amp.X)
	}
	if arg := r.argumentOfNew(e); arg != nil {
		return arg
	}
	return e
}

// definition returns the type or the value with which a function declares a variable; neither if
// it does not, or does it more than once.
func definition(fn *ast.FuncDecl, name string) (typ, value ast.Expr) {
	declared := 0
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				id, ok := left.(*ast.Ident)
				if !ok || id.Name != name || n.Tok != token.DEFINE {
					continue
				}
				declared++
				if i < len(n.Rhs) {
					value = n.Rhs[i]
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name != name {
					continue
				}
				declared++
				typ = n.Type
				if typ == nil && i < len(n.Values) {
					value = n.Values[i]
				}
			}
		}
		return true
	})
	if declared != 1 {
		return nil, nil
	}
	return typ, value
}

// returned returns the first results of the return statements of a function, without nil; none
// if one has no expression.
func returned(fn *ast.FuncDecl) (list []ast.Expr) {
	if fn == nil || fn.Body == nil {
		return nil
	}
	naked := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				naked = true
			} else if e := ast.Unparen(n.Results[0]); !isNil(e) {
				list = append(list, e)
			}
			return false
		}
		return true
	})
	if naked {
		return nil
	}
	return list
}

// resultOf returns the type of the first result of a function.
func resultOf(fn *ast.FuncType) ast.Expr { return ast.Unparen(fn.Results.List[0].Type) }

func isPointer(e ast.Expr) bool {
	_, ok := e.(*ast.StarExpr)
	return ok
}

// pointedTo returns T if a type is *T, and else the type.
func pointedTo(e ast.Expr) ast.Expr {
	if star, ok := e.(*ast.StarExpr); ok {
		return ast.Unparen(star.X)
	}
	return e
}

// initialValues are the values that a factory gives to the options of a struct, by the paths of
// their fields.
type initialValues map[string]string

// literal returns the composite literal that a factory returns, or nil if it returns other
// things, and the file that it is in.
func (r *reader) literal(c *annotate.Call) (*ast.CompositeLit, *annotate.File) {
	fn, file := r.maker(c)
	if list := returned(fn); len(list) == 1 {
		lit, _ := r.addressed(list[0]).(*ast.CompositeLit)
		return lit, file
	}
	return nil, nil
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}

// recordInitial records what a factory sets in the struct that it returns.
func (r *reader) recordInitial(c *annotate.Call, st *Struct) {
	set := initialValues{}
	if lit, file := r.literal(c); lit != nil {
		r.literalFields(set, lit, nil, st, &scope{pkg: r.pkg, file: file})
	}
	if r.initial == nil {
		r.initial = map[*Struct][]initialValues{}
	}
	r.initial[st] = append(r.initial[st], set)
}

// literalFields adds the values in a composite literal of a struct, at a path from st.
func (r *reader) literalFields(set initialValues, lit *ast.CompositeLit, at []string, st *Struct, s *scope) {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		id, ok := kv.Key.(*ast.Ident)
		if !ok {
			return
		}
		field := append(slices.Clone(at), id.Name)
		value := r.addressed(ast.Unparen(kv.Value))
		name := strings.Join(field, ".")
		for _, o := range st.Options {
			if strings.Join(o.Field, ".") == name {
				if text, ok := r.valueText(o.Type, value, s); ok {
					set[name] = text
				}
			}
		}
		if inner, ok := value.(*ast.CompositeLit); ok {
			r.literalFields(set, inner, field, st, s)
		}
	}
}

// valueText returns the value of an expression as a configuration has it for an option of the
// type, if it is a constant or a list of constants.
func (r *reader) valueText(t *Type, e ast.Expr, s *scope) (string, bool) {
	t = pointee(t)
	if elem := listOf(t); elem != nil {
		lit, ok := e.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return "", false
		}
		var items []string
		for _, x := range lit.Elts {
			item, ok := r.valueText(elem, x, s)
			if !ok {
				return "", false
			}
			items = append(items, item)
		}
		return joined(t, items), true
	}
	v, ok := r.constant(e, s)
	if !ok {
		return "", false
	}
	if t.Kind == Text && t.under != nil && (t.under.Kind == Duration || t.under.Kind == String) {
		t = t.under // it is all but certain that its text is such a value
	}
	text, ok := show(t, v)
	if !ok {
		return "", false
	}
	_, why := parse(t, text)
	return text, why == ""
}

// show returns a constant as an option of a type is written.
func show(t *Type, v constant.Value) (string, bool) {
	switch t.Kind {
	case Bool:
		return v.ExactString(), v.Kind() == constant.Bool
	case String:
		if v.Kind() == constant.String {
			return constant.StringVal(v), true
		}
	case Int, Uint:
		if v = constant.ToInt(v); v.Kind() == constant.Int {
			return v.ExactString(), true
		}
	case Float:
		if v = constant.ToFloat(v); v.Kind() == constant.Float || v.Kind() == constant.Int {
			f, _ := constant.Float64Val(v)
			return strconv.FormatFloat(f, 'g', -1, 64), true
		}
	case Duration:
		if n, ok := constant.Int64Val(constant.ToInt(v)); ok {
			return showDuration(time.Duration(n)), true
		}
	}
	return "", false
}

// showDuration returns a duration without units that are zero: 1m rather than 1m0s.
func showDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// setInitialDefaults gives options without a default the value that all factories of their
// struct set, for the documentation.
func (r *reader) setInitialDefaults() {
	for st, all := range r.initial {
		for _, o := range st.Options {
			text, ok := common(all, strings.Join(o.Field, "."))
			if ok && !o.HasDefault && !o.Required && !o.Secret {
				o.Default, o.HasDefault, o.Preset = text, true, true
			}
		}
	}
}

// common returns the value that a field has in all of the lists, if it has the same in each.
func common(all []initialValues, field string) (text string, ok bool) {
	text, ok = all[0][field]
	return text, ok && !slices.ContainsFunc(all, func(set initialValues) bool {
		other, ok := set[field]
		return !ok || other != text
	})
}
