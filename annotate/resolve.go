package annotate

import (
	"go/ast"
	"slices"
)

// Imports answers what a package can't say of the packages that it imports.
type Imports interface {
	// Namespace returns the namespace of a type: an abstract base, a plugin
	// type, or a struct that embeds one.
	Namespace(path, typeName string) (namespace string, ok bool)

	// Constant returns the value of a string constant.
	Constant(path, name string) (value string, ok bool)
}

// Resolve completes the plugins with what other packages say, reports those that
// still lack a namespace or a name, removes them, and reports two of one name. It
// is to be called once. imports may be nil if nothing is known of other packages.
func (p *Package) Resolve(imports Imports) {
	r := &reader{Package: p}
	p.Plugins = slices.DeleteFunc(p.Plugins, func(x *Plugin) bool {
		r.file = x.File
		return !r.resolve(x, imports)
	})
	for _, x := range p.Plugins {
		if x.Kind == Type && !slices.ContainsFunc(p.Bases, func(b *Base) bool { return b.Symbol == x.Symbol }) {
			p.Bases = append(p.Bases, &Base{x.Namespace, x.Symbol, x.Decl})
		}
	}
	p.Diagnostics = append(p.Diagnostics, Duplicates(p.Plugins)...)
	p.Diagnostics = append(p.Diagnostics, DuplicateContracts(p.Contracts)...)
}

func (r *reader) resolve(x *Plugin, imports Imports) bool {
	if x.Kind == Spec && !r.resolveSpec(x, imports) {
		return false
	}
	if x.Namespace == "" {
		spaces := r.inherited(x.embeds, imports, 0)
		if len(spaces) > 1 {
			r.errorf(Missing, x.Directive, "%s embeds types of several namespaces (%s and %s): say which is meant, with namespace=...",
				x.Symbol, spaces[0], spaces[1])
			return false
		}
		if len(spaces) == 1 {
			x.Namespace = spaces[0]
		}
	}
	if x.Namespace == "" && len(x.defaults) > 0 {
		x.Namespace = r.namespace(x.defaults[0])
	}
	if x.Namespace == "" {
		hint := "add namespace=..."
		if x.Kind == Type {
			hint += ", or embed a type that has one"
		}
		r.errorf(Missing, x.Directive, "%s has no namespace: %s", x.Symbol, hint)
		return false
	}
	return true
}

// inherited returns the distinct namespaces of the types.
func (p *Package) inherited(refs []typeRef, imports Imports, depth int) []string {
	var spaces []string
	for _, ref := range refs {
		ns, ok := "", false
		switch {
		case ref.path == "":
			ns, ok = p.namespaceOf(ref.name, imports, depth+1)
		case imports != nil:
			ns, ok = imports.Namespace(ref.path, ref.name)
		}
		if ok && !slices.Contains(spaces, ns) {
			spaces = append(spaces, ns)
		}
	}
	return spaces
}

// NamespaceOf returns the namespace that a struct inherits by embedding the
// package's type.
func (p *Package) NamespaceOf(typeName string, imports Imports) (string, bool) {
	return p.namespaceOf(typeName, imports, 0)
}

func (p *Package) namespaceOf(name string, imports Imports, depth int) (string, bool) {
	if depth > maxDepth {
		return "", false
	}
	for _, b := range p.Bases {
		if b.Symbol == name {
			return b.Namespace, true
		}
	}
	for _, x := range p.Plugins {
		if x.Symbol == name && x.Kind == Type && x.Namespace != "" {
			return x.Namespace, true
		}
	}
	d := p.decls[name]
	if d == nil || d.typ == nil {
		return "", false
	}
	spaces := p.inherited(p.embeds(d.typ.Type, d.file), imports, depth+1)
	if len(spaces) != 1 {
		return "", false
	}
	return spaces[0], true
}

// ConstantNamed returns the value of one of the package's string constants.
func (p *Package) ConstantNamed(name string, imports Imports) (string, bool) {
	return p.constantNamed(name, imports, 0)
}

// resolveSpec evaluates the namespace and the name of a registry.Spec.
func (r *reader) resolveSpec(x *Plugin, imports Imports) bool {
	return r.specField(x, "Namespace", "namespace", &x.Namespace, imports, validNamespace) &&
		r.specField(x, "Name", "name", &x.Name, imports, validName)
}

func (r *reader) specField(x *Plugin, field, key string, value *string, imports Imports, valid func(string) bool) bool {
	expr := specValue(x.lit, field)
	if expr == nil {
		if *value != "" {
			return true // the directive says it, of a spec that a function makes
		}
		r.errorf(Unresolved, x.Decl, "the %s of the registry.Spec %s can't be told from its syntax: write //plugin:namespace=... name=... above it, "+
			"or //plugin:ignore if it is not meant to be found", key, x.Symbol)
		return false
	}
	span := Span{expr.Pos(), expr.End()}
	got, ok := r.constant(expr, x.File, imports, 0)
	switch {
	case !ok && *value != "":
		return true
	case !ok:
		r.errorf(Unresolved, span, "the %s of the registry.Spec %s is not a constant of a package that can be read: write //plugin:namespace=... name=... above it, "+
			"or //plugin:ignore if it is not meant to be found", key, x.Symbol)
		return false
	case !valid(got):
		r.errorf(BadValue, span, "%q is not a %s", got, key)
		return false
	case *value != "" && *value != got:
		r.errorf(BadValue, x.Span(key), "the directive says %s=%s, but the registry.Spec has %q", key, *value, got)
		return false
	}
	*value = got
	return true
}

// specValue returns the value of a field of a composite literal, nil if it is not given.
func specValue(lit *ast.CompositeLit, field string) ast.Expr {
	if lit == nil {
		return nil
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && isIdent(kv.Key, field) {
			return kv.Value
		}
	}
	return nil
}

// Duplicates reports plugins of one name, aliases included, unless no build has both.
func Duplicates(plugins []*Plugin) []Diagnostic {
	type entry struct {
		plugin *Plugin
		alias  bool
	}
	seen := map[string][]entry{}
	var diags []Diagnostic
	claim := func(name string, e entry) {
		id := e.plugin.Namespace + ":" + name
		for _, other := range seen[id] {
			if other.plugin == e.plugin || other.plugin.File.Constraint.Excludes(e.plugin.File.Constraint) {
				continue
			}
			span, what := e.plugin.Span("name"), "plugin "+id
			if e.alias {
				span, what = e.plugin.Span("aliases"), "alias "+id
			}
			diags = append(diags, Diagnostic{
				Span: span, Category: Duplicate,
				Message: what + " is declared already: a name is unique in its namespace",
				Related: []Related{{other.plugin.Span("name"), "it is declared here, on " + other.plugin.Symbol}},
			})
			return
		}
		seen[id] = append(seen[id], e)
	}
	for _, p := range plugins {
		claim(p.Name, entry{p, false})
	}
	for _, p := range plugins {
		for _, alias := range p.Aliases {
			claim(alias, entry{p, true})
		}
	}
	return diags
}

// DuplicateContracts reports contracts of one namespace, unless no build has both.
func DuplicateContracts(contracts []*Contract) []Diagnostic {
	var diags []Diagnostic
	for i, c := range contracts {
		for _, other := range contracts[:i] {
			if c.Namespace == other.Namespace && !c.File.Constraint.Excludes(other.File.Constraint) {
				diags = append(diags, Diagnostic{
					Span: c.Directive, Category: Duplicate,
					Message: "namespace " + c.Namespace + " has a contract already: it has one",
					Related: []Related{{other.Decl, "it is " + other.Symbol}},
				})
				break
			}
		}
	}
	return diags
}
