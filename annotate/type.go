package annotate

import (
	"go/ast"
	"go/types"
	"strings"
)

// typeSpec reads the directives and the tags of a type declaration, and says
// whether there were any.
func (r *reader) typeSpec(t *ast.TypeSpec, comment *ast.CommentGroup, ds []*Directive, defaults []Pair) bool {
	if s, ok := ast.Unparen(t.Type).(*ast.StructType); ok {
		ds = append(ds, r.tags(s)...)
	}
	if len(ds) == 0 {
		return false
	}
	kind := r.kindOf(t.Type, r.file)
	for _, d := range ds {
		r.broken[t.Name.Name] = r.broken[t.Name.Name] || d.broken
		switch {
		case t.Assign.IsValid():
			r.alias(t, d, kind)
		case t.Name.Name == "_":
			r.errorf(Placement, d.Span, "a type named _ can't be a plugin, since nothing can refer to it")
		case kind == contractType, d.Get("contract") != nil:
			r.contract(t, d)
		case d.names():
			r.typePlugin(t, comment, d, defaults)
		case kind == unknownType:
			r.errorf(Unresolved, d.Span, "whether %s is a plugin or a contract can't be told from its syntax: "+
				"add name=... to make it a plugin, or write type %s interface{ %s } to make it a contract", t.Name.Name, t.Name.Name, types.ExprString(t.Type))
		case kind == structType && d.Get("namespace") != nil:
			r.base(t, d)
		case d.broken: // what is missing may be in what can't be read
		case d.hostKey() != "":
			r.allowed(d, OnType)
		default:
			r.errorf(Missing, d.Span, "%s has no name: add name=... to make it a plugin", t.Name.Name).Fix = nameFix(d, t.Name.Name)
		}
	}
	return true
}

// alias reports a directive on an alias, which declares no type of its own.
func (r *reader) alias(t *ast.TypeSpec, d *Directive, kind typeKind) {
	name, of := t.Name.Name, types.ExprString(t.Type)
	_, elsewhere := baseType(t.Type).(*ast.SelectorExpr)
	isContract := d.Get("contract") != nil || !d.names() && (kind == contractType || kind == unknownType)
	switch {
	case isContract && elsewhere:
		r.errorf(Placement, d.Span, "%s is an alias of a type of another package, and a contract is a type of its own: write type %s interface{ %s } if that is an interface, "+
			"or type %s func(...) if it is a func type", name, name, of, name)
	case isContract:
		diag := r.errorf(Placement, d.Span, "%s is an alias, and a contract is a type of its own: write type %s %s", name, name, oneLine(of))
		diag.Fix = &Fix{Message: "remove the =", Span: Span{t.Name.End(), t.Type.Pos()}, New: " "}
	case elsewhere:
		r.errorf(Placement, d.Span, "%s is an alias of a type of another package, which can't be a plugin of this one: declare a type that embeds it, as in type %s struct{ %s }, or a factory that returns it",
			name, name, of)
	case r.namesType(t.Type):
		r.errorf(Placement, d.Span, "%s is an alias, which can't be a plugin: write the directive above the type that it stands for, %s", name, of)
	default:
		diag := r.errorf(Placement, d.Span, "%s is an alias, which can't be a plugin: write type %s %s", name, name, oneLine(of))
		diag.Fix = &Fix{Message: "remove the =", Span: Span{t.Name.End(), t.Type.Pos()}, New: " "}
	}
}

// namesType reports whether a type is the name of one of the package's.
func (r *reader) namesType(t ast.Expr) bool {
	id, ok := baseType(t).(*ast.Ident)
	return ok && r.decls[id.Name] != nil
}

// oneLine shortens the source of a type for a message.
func oneLine(typ string) string {
	if strings.Contains(typ, "\n") || len(typ) > 60 {
		return "..."
	}
	return typ
}

func (r *reader) typePlugin(t *ast.TypeSpec, comment *ast.CommentGroup, d *Directive, defaults []Pair) {
	p := r.plugin(Type, t.Name, comment, d, defaults, OnType)
	if p == nil {
		r.broken[t.Name.Name] = true
		return
	}
	p.Methods = r.methodsOf(t.Name.Name, r.file)
	p.embeds = r.embedding.of(r, t.Type)
	for _, m := range p.Methods {
		if m.Name.Name == "ShouldLoad" && p.ShouldLoad != nil {
			r.mistake(p, Role, p.Span("should_load"), "%s has a method ShouldLoad already: keep one of the two", t.Name.Name).Related =
				[]Related{{identSpan(m.Name), "the method is here"}}
		}
	}
	r.typeArgs(p, "type "+t.Name.Name, t.TypeParams)
	if p.Factory != nil {
		r.makes(p, t)
	}
}

// An embedding is what a type embeds. It is kept, since a type may have many directives.
type embedding struct {
	typ  ast.Expr
	refs []typeRef
}

func (e *embedding) of(r *reader, typ ast.Expr) []typeRef {
	if e.typ != typ {
		e.typ, e.refs = typ, r.embeds(typ, r.file)
	}
	return e.refs
}

// makes reports a factory that, by its syntax, makes something else than the type.
func (r *reader) makes(p *Plugin, t *ast.TypeSpec) {
	fn := p.Factory.Decl
	why := ""
	switch {
	case fn.Type.TypeParams.NumFields() != t.TypeParams.NumFields():
		why = "they have different type parameters"
	case r.otherStruct(flatten(fn.Type.Results)[0], t.Name.Name):
		why = "it returns " + types.ExprString(flatten(fn.Type.Results)[0])
	default:
		return
	}
	r.mistake(p, Role, p.Span("factory"), "%s can't be the factory of %s: %s", fn.Name.Name, t.Name.Name, why).Related =
		[]Related{{identSpan(fn.Name), "it is declared here"}}
}

// otherStruct says whether a type is for sure a struct of the package, or a pointer
// to one, that has another name.
func (r *reader) otherStruct(t ast.Expr, name string) bool {
	id, _ := baseType(t).(*ast.Ident)
	if id == nil || id.Name == name {
		return false
	}
	d := r.declared(id.Name, r.file)
	return d != nil && d.typ != nil && !d.typ.Assign.IsValid() && r.kindOf(id, r.file) == structType
}

func (r *reader) base(t *ast.TypeSpec, d *Directive) {
	if !r.allowed(d, OnBase) {
		r.broken[t.Name.Name] = true
		return
	}
	ns := r.namespace(*d.Get("namespace"))
	if ns == "" {
		r.broken[t.Name.Name] = true
		return
	}
	for _, b := range r.bases[t.Name.Name] {
		if !b.file.Constraint.Excludes(r.file.Constraint) {
			r.errorf(Duplicate, d.Span, "%s has a namespace already, which it passes on to what embeds it: keep one of the two", t.Name.Name).Related =
				[]Related{{b.directive, "it is here"}}
			return
		}
	}
	r.addBase(&Base{ns, t.Name.Name, identSpan(t.Name), d.Span, r.file})
}

func (p *Package) addBase(b *Base) {
	p.Bases = append(p.Bases, b)
	if p.bases == nil {
		p.bases = map[string][]*Base{}
	}
	p.bases[b.Symbol] = append(p.bases[b.Symbol], b)
}

// tags returns the directives in the tags of a struct's embedded and blank
// fields, and reports those on other fields.
func (r *reader) tags(s *ast.StructType) []*Directive {
	r.tagged[s] = true
	var found []*Directive
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		ours, trust := len(f.Names) == 0 || f.Names[0].Name == "_", strict
		switch {
		case ours && r.annotated:
			trust = sure
		case ours:
			trust = likely
		}
		d, diags := parseTag(f.Tag, trust)
		r.Diagnostics = append(r.Diagnostics, diags...)
		switch {
		case d == nil || len(d.Pairs) == 0:
		case d.Get("link") != nil:
			r.errorf(Placement, d.Span, "a host is marked by a comment: //plugin:link")
		case d.Get("option") != nil:
			r.allowed(d, 0)
		case ours:
			found = append(found, d)
		default:
			r.errorf(Placement, d.Span, "a plugin tag stands on an embedded field or on a field named _, not on %s", f.Names[0].Name)
		}
	}
	return found
}
