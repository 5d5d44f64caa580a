package options

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plugingen/plugingen/annotate"
)

// A presetList is the values that a factory gives to the options of a struct, by the fields'
// paths.
type presetList map[string]string

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

// preset notes what a factory sets in the struct that it returns.
func (r *reader) preset(c *annotate.Call, st *Struct) {
	set := presetList{}
	if lit, file := r.literal(c); lit != nil {
		r.literalFields(set, lit, nil, st, &scope{pkg: r.pkg, file: file})
	}
	if r.presets == nil {
		r.presets = map[*Struct][]presetList{}
	}
	r.presets[st] = append(r.presets[st], set)
}

// literalFields adds the values in a composite literal of a struct, at a path from st.
func (r *reader) literalFields(set presetList, lit *ast.CompositeLit, at []string, st *Struct, s *scope) {
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
				if text, ok := r.presetText(o.Type, value, s); ok {
					set[name] = text
				}
			}
		}
		if inner, ok := value.(*ast.CompositeLit); ok {
			r.literalFields(set, inner, field, st, s)
		}
	}
}

// presetText returns the value of an expression as the option is written.
func (r *reader) presetText(t *Type, e ast.Expr, s *scope) (string, bool) {
	t = pointee(t)
	if elem := listOf(t); elem != nil {
		lit, ok := e.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return "", false
		}
		var items []string
		for _, x := range lit.Elts {
			item, ok := r.presetText(elem, x, s)
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

// applyPresets makes the values that factories set the defaults of options, for the
// documentation, if all factories of a struct set the same.
func (r *reader) applyPresets() {
	for st, lists := range r.presets {
		for _, o := range st.Options {
			name := strings.Join(o.Field, ".")
			text, ok := lists[0][name]
			if !ok || o.HasDefault || o.Required || o.Secret || slices.ContainsFunc(lists, func(l presetList) bool {
				other, ok := l[name]
				return !ok || other != text
			}) {
				continue
			}
			o.Default, o.HasDefault, o.Preset = text, true, true
		}
	}
}

// constant returns the value of a constant expression, if syntax tells.
func (r *reader) constant(e ast.Expr, s *scope) (v constant.Value, ok bool) {
	return r.evaluate(e, s, -1)
}

// evaluate is constant for an expression in which iota has the value index, unless that is negative.
func (r *reader) evaluate(e ast.Expr, s *scope, index int) (v constant.Value, ok bool) {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return nil, false
	}
	defer func() {
		r.depth--
		if recover() != nil { // operands do not fit, and the compiler reports it
			v, ok = nil, false
		}
	}()
	switch e := e.(type) {
	case *ast.BasicLit:
		v := constant.MakeFromLiteral(e.Value, e.Kind, 0)
		return v, v.Kind() != constant.Unknown
	case *ast.ParenExpr:
		return r.evaluate(e.X, s, index)
	case *ast.UnaryExpr:
		x, ok := r.evaluate(e.X, s, index)
		if !ok {
			return nil, false
		}
		v := constant.UnaryOp(e.Op, x, 0)
		return v, v.Kind() != constant.Unknown
	case *ast.BinaryExpr:
		return r.binary(e, s, index)
	case *ast.CallExpr: // a conversion
		if len(e.Args) != 1 || !r.mayConvert(e.Fun, s) {
			return nil, false
		}
		return r.evaluate(e.Args[0], s, index)
	case *ast.Ident:
		return r.constantNamed(e.Name, s, index)
	case *ast.SelectorExpr:
		return r.constantOf(e, s)
	}
	return nil, false
}

func (r *reader) binary(e *ast.BinaryExpr, s *scope, index int) (constant.Value, bool) {
	x, ok := r.evaluate(e.X, s, index)
	if !ok {
		return nil, false
	}
	y, ok := r.evaluate(e.Y, s, index)
	if !ok {
		return nil, false
	}
	switch e.Op {
	case token.SHL, token.SHR:
		n, exact := constant.Uint64Val(constant.ToInt(y))
		if !exact || n > 1000 {
			return nil, false
		}
		v := constant.Shift(constant.ToInt(x), e.Op, uint(n))
		return v, v.Kind() != constant.Unknown && isSmall(v)
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return constant.MakeBool(constant.Compare(x, e.Op, y)), true
	case token.QUO:
		if constant.Sign(y) == 0 {
			return nil, false
		}
		if x.Kind() == constant.Int && y.Kind() == constant.Int {
			return constant.BinaryOp(x, token.QUO_ASSIGN, y), true
		}
	}
	v := constant.BinaryOp(x, e.Op, y)
	return v, v.Kind() != constant.Unknown && isSmall(v)
}

// maxBits and maxText bound constants: those of no option come near, and products of
// products grow exponentially.
const (
	maxBits = 512
	maxText = 1 << 16
)

func isSmall(v constant.Value) bool {
	switch v.Kind() {
	case constant.Int:
		return constant.BitLen(v) <= maxBits
	case constant.String:
		return len(constant.StringVal(v)) <= maxText
	}
	return true
}

// mayConvert reports whether a called expression is probably a type, and the call a conversion
// that leaves the value as it is.
func (r *reader) mayConvert(fun ast.Expr, s *scope) bool {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		if types := s.pkg.About(f.Name).Types(f.Name, s.file); len(types) > 0 {
			return true
		}
		_, basic := basics[f.Name]
		return basic && !s.pkg.About(f.Name).Has(f.Name)
	case *ast.SelectorExpr:
		id, ok := f.X.(*ast.Ident)
		if !ok {
			return false
		}
		path := s.file.ImportPath(id.Name)
		if standardKind(path, f.Sel.Name) != "" {
			return true
		}
		if pkg := r.imports.Package(path); pkg != nil {
			return len(pkg.About(f.Sel.Name).Types(f.Sel.Name, s.file)) > 0
		}
	}
	return false
}

// constantNamed returns the value of a constant of the package, or a predeclared one.
func (r *reader) constantNamed(name string, s *scope, index int) (constant.Value, bool) {
	about := s.pkg.About(name)
	file := about.Const(name, s.file)
	if file == nil {
		switch {
		case about.Has(name):
		case name == "true" || name == "false":
			return constant.MakeBool(name == "true"), true
		case name == "iota" && index >= 0:
			return constant.MakeInt64(int64(index)), true
		}
		return nil, false
	}
	if everywhere, _ := about.Everywhere(name, s.file); !everywhere {
		return nil, false
	}
	key := s.pkg.Path + "." + name + " " + file.Name
	if v, ok := r.values[key]; ok {
		return v, v != nil
	}
	if r.values == nil {
		r.values = map[string]constant.Value{}
	}
	r.values[key] = nil // while it is evaluated: it may refer to itself
	value, n := constSpec(file.Syntax, name)
	if value == nil {
		return nil, false
	}
	v, ok := r.evaluate(value, &scope{pkg: s.pkg, file: file}, n)
	if ok {
		r.values[key] = v
	}
	return v, ok
}

// constSpec returns the expression of a constant of a file, and the value of iota in it.
func constSpec(f *ast.File, name string) (ast.Expr, int) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		var repeated []ast.Expr
		for n, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			if len(v.Values) > 0 {
				repeated = v.Values
			}
			for i, id := range v.Names {
				if id.Name == name && i < len(repeated) {
					return repeated[i], n
				}
			}
		}
	}
	return nil, 0
}

// constantOf returns the value of a constant of another package.
func (r *reader) constantOf(e *ast.SelectorExpr, s *scope) (constant.Value, bool) {
	id, ok := e.X.(*ast.Ident)
	if !ok {
		return nil, false
	}
	path := s.file.ImportPath(id.Name)
	if path == "time" {
		if d, ok := units[e.Sel.Name]; ok {
			return constant.MakeInt64(int64(d)), true
		}
	}
	if path == "" {
		return nil, false
	}
	pkg := r.imports.Package(path)
	if pkg == nil {
		return nil, false
	}
	return r.constantNamed(e.Sel.Name, &scope{pkg: pkg, file: s.file}, -1)
}

// units are the constants of package time.
var units = map[string]time.Duration{
	"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
	"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
}
