package annotate

import "go/ast"

// valueSpec reads the directives of a variable declaration, finds registry.Spec
// variables without one, and says whether there was either.
func (r *reader) valueSpec(v *ast.ValueSpec, comment *ast.CommentGroup, ds []*Directive, defaults []Pair) bool {
	if len(v.Names) > 1 {
		for _, d := range ds {
			r.errorf(Placement, d.Span, "a directive stands above several variables: declare the one that it is for by itself")
		}
		if len(ds) > 0 {
			return true
		}
	}
	used := len(ds) > 0
	for i, name := range v.Names {
		var value ast.Expr
		if len(v.Values) == len(v.Names) {
			value = v.Values[i]
		}
		isSpec := r.isSpec(v.Type, value)
		switch {
		case len(ds) == 0 && (isSpec != yes || name.Name == "_"):
		case name.Name == "_":
			r.errorf(Placement, ds[0].Span, "a variable named _ can't be a plugin, since nothing can refer to it")
		case isSpec == yes:
			r.spec(name, value, comment, ds, defaults)
			used = true
		default:
			for _, d := range ds {
				r.variable(name, v.Type, value, comment, d, defaults, isSpec)
			}
		}
	}
	return used
}

func (r *reader) variable(name *ast.Ident, typ, value ast.Expr, comment *ast.CommentGroup, d *Directive, defaults []Pair, isSpec answer) {
	if isSpec == unknown && d.Get("ignore") != nil {
		return // it may well be a registry.Spec
	}
	p := r.plugin(Var, name, comment, d, defaults, OnVar)
	if p == nil {
		return
	}
	r.named(p, d, name.Name)
	address := r.address(typ, value)
	switch {
	case r.isSpecPointer(typ, value):
		r.mistake(p, Role, identSpan(name), "%s is a pointer: declare a registry.Spec itself, as in var %s = registry.Spec{...}", name.Name, name.Name)
	case address == unknown && typ != nil && isSpec == no:
		p.valueType = typ
	case isSpec == unknown || address == unknown:
		r.mistake(p, Unresolved, identSpan(name), "what %s is can't be told from its syntax: declare its type, as in var %s T = ..., "+
			"or write the directive above a factory in its place, as in func New() T { return %s }", name.Name, name.Name, name.Name)
	}
	p.Address = address == yes
}

// isSpecPointer says whether a variable is a *registry.Spec, by its type or its value.
func (r *reader) isSpecPointer(typ, value ast.Expr) bool {
	if star, ok := typ.(*ast.StarExpr); ok {
		return r.specType(star.X, r.file)
	}
	amp, ok := ast.Unparen(orNil(value)).(*ast.UnaryExpr)
	return typ == nil && ok && r.isSpec(nil, amp.X) == yes
}

// spec records a registry.Spec that is built by hand.
func (r *reader) spec(name *ast.Ident, value ast.Expr, comment *ast.CommentGroup, ds []*Directive, defaults []Pair) {
	if len(ds) > 1 {
		r.errorf(Placement, ds[1].Span, "a registry.Spec is one plugin: it takes one directive")
		return
	}
	d := &Directive{Span: identSpan(name)}
	if len(ds) == 1 {
		d = ds[0]
		if p := d.Get("ignore"); p != nil {
			r.bare(*p)
			r.alone(d, *p)
			return
		}
	}
	if p := r.plugin(Spec, name, comment, d, defaults, OnSpec); p != nil {
		p.lit, _ = ast.Unparen(orNil(value)).(*ast.CompositeLit)
	}
}

// alone reports what stands beside a key that is to stand alone.
func (r *reader) alone(d *Directive, p Pair) {
	if len(d.Pairs) > 1 {
		r.errorf(Placement, p.span(), "key %q stands alone in its directive", p.Key.Text)
	}
}

func orNil(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.BadExpr{}
	}
	return e
}
