package options

import (
	"go/ast"
	"go/constant"
	"go/token"
	"time"
)

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
