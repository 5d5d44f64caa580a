package annotate

import (
	"go/ast"
	"go/doc"
	"strconv"
	"strings"
	"unicode"
)

// function reads the directives of a function declaration.
func (r *reader) function(fn *ast.FuncDecl) {
	for _, d := range r.directives(fn.Doc) {
		switch {
		case fn.Recv != nil:
			r.errorf(Placement, d.Span, "a method can't be a plugin: mark its type, or a function")
		case fn.Name.Name == "_" || fn.Name.Name == "init" || fn.Name.Name == "main" && r.Name == "main":
			r.errorf(Placement, d.Span, "func %s can't be a plugin, since nothing can refer to it", fn.Name.Name)
		case d.Get("factory") != nil:
			r.factory(fn, d)
		default:
			r.functionPlugin(fn, d)
		}
	}
}

func (r *reader) functionPlugin(fn *ast.FuncDecl, d *Directive) {
	p := r.plugin(Func, fn.Name, fn.Doc, d, nil, OnFunc)
	if p == nil {
		return
	}
	p.Func = fn
	if p.Name == "" {
		p.Name = snakeCase(fn.Name.Name)
	}
	if r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams) {
		r.Plugins = append(r.Plugins, p)
	}
}

func (r *reader) factory(fn *ast.FuncDecl, d *Directive) {
	p := r.plugin(Factory, fn.Name, fn.Doc, d, nil, OnFactory)
	if p == nil || !r.named(p, d) {
		return
	}
	call, why := r.factoryCall(fn)
	if why != "" {
		r.errorf(Role, p.Span("factory"), "%s can't be a factory: %s", fn.Name.Name, why)
		return
	}
	p.Factory = call
	if r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams) {
		r.Plugins = append(r.Plugins, p)
	}
}

// named reports a directive without a name.
func (r *reader) named(p *Plugin, d *Directive) bool {
	if p.Name == "" && d.Get("name") == nil {
		r.errorf(Missing, d.Span, "%s has no name: add name=...", p.Symbol)
	}
	return p.Name != ""
}

// typeSpec reads the directives and the tags of a type declaration, and says
// whether there were any.
func (r *reader) typeSpec(t *ast.TypeSpec, comment *ast.CommentGroup, ds []*Directive, defaults []Pair) bool {
	kind := r.kindOf(t.Type, 0)
	if s, ok := t.Type.(*ast.StructType); ok {
		ds = append(ds, r.tags(s)...)
	}
	for _, d := range ds {
		switch {
		case t.Assign.IsValid():
			r.errorf(Placement, d.Span, "an alias can't be a plugin: mark the type that %s stands for", t.Name.Name)
		case t.Name.Name == "_":
			r.errorf(Placement, d.Span, "a type named _ can't be a plugin, since nothing can refer to it")
		case kind == contractType:
			r.contract(t, d)
		case d.Get("name") != nil:
			r.typePlugin(t, comment, d, defaults)
		case kind == unknownType:
			r.errorf(Unresolved, d.Span, "whether %s is a plugin or a contract can't be told from its syntax: "+
				"give a plugin a name; write a contract as type %s interface { ... }", t.Name.Name, t.Name.Name)
		case kind == structType && d.Get("namespace") != nil:
			r.base(t, d)
		default:
			r.errorf(Missing, d.Span, "%s has no name: add name=... to make it a plugin", t.Name.Name)
		}
	}
	return len(ds) > 0
}

func (r *reader) typePlugin(t *ast.TypeSpec, comment *ast.CommentGroup, d *Directive, defaults []Pair) {
	p := r.plugin(Type, t.Name, comment, d, defaults, OnType)
	if p == nil || p.Name == "" {
		return
	}
	p.Methods = r.methods[t.Name.Name]
	p.embeds = r.embeds(t.Type, r.file)
	if p.ShouldLoad != nil {
		for _, m := range p.Methods {
			if m.Name.Name == "ShouldLoad" {
				r.errorf(Role, p.Span("should_load"), "%s has a method ShouldLoad already: keep one of the two", t.Name.Name)
				return
			}
		}
	}
	if r.typeArgs(p, "type "+t.Name.Name, t.TypeParams) {
		r.Plugins = append(r.Plugins, p)
	}
}

func (r *reader) base(t *ast.TypeSpec, d *Directive) {
	if !r.allowed(d, OnBase) {
		return
	}
	if ns := r.namespace(*d.Get("namespace")); ns != "" {
		r.Bases = append(r.Bases, &Base{ns, t.Name.Name, identSpan(t.Name)})
	}
}

func (r *reader) contract(t *ast.TypeSpec, d *Directive) {
	if p := d.Get("name"); p != nil {
		r.errorf(Placement, p.span(), "%s is an interface or func type, so it is the contract of its namespace and has no name: remove the name, or mark a type that satisfies it", t.Name.Name)
		return
	}
	if !r.allowed(d, OnContract) {
		return
	}
	if d.Get("namespace") == nil {
		r.errorf(Missing, d.Span, "a contract has a namespace: add namespace=...")
		return
	}
	if t.TypeParams != nil {
		r.errorf(Role, d.Span, "a contract can't be generic: declare a type with its type arguments given, and mark that")
		return
	}
	if ns := r.namespace(*d.Get("namespace")); ns != "" {
		r.Contracts = append(r.Contracts, &Contract{ns, t.Name.Name, identSpan(t.Name), d.Span, r.file, r.underlying(t.Type, 0)})
	}
}

// tags returns the directives in the tags of a struct's embedded and blank
// fields, and reports those on other fields.
func (r *reader) tags(s *ast.StructType) []*Directive {
	var found []*Directive
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		d, diags := parseTag(f.Tag)
		r.Diagnostics = append(r.Diagnostics, diags...)
		switch {
		case d == nil || len(d.Pairs) == 0:
		case d.Get("link") != nil:
			r.errorf(Placement, d.Span, "a host is marked by a comment: //plugin:link")
		case len(f.Names) == 0 || len(f.Names) == 1 && f.Names[0].Name == "_":
			found = append(found, d)
		case d.Get("option") != nil:
			r.allowed(d, 0)
		default:
			r.errorf(Placement, d.Span, "a plugin tag stands on an embedded field or on a field named _, not on %s", f.Names[0].Name)
		}
	}
	return found
}

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
			used = r.spec(name, value, comment, ds, defaults) || used
		default:
			for _, d := range ds {
				r.variable(name, v.Type, value, comment, d, defaults, isSpec)
			}
		}
	}
	return used
}

func (r *reader) variable(name *ast.Ident, typ, value ast.Expr, comment *ast.CommentGroup, d *Directive, defaults []Pair, isSpec answer) {
	p := r.plugin(Var, name, comment, d, defaults, OnVar)
	if p == nil || !r.named(p, d) {
		return
	}
	address := r.address(typ, value)
	if isSpec == unknown || address == unknown {
		r.errorf(Unresolved, identSpan(name), "what %s is can't be told from its syntax: declare its type (var %s T = ...), "+
			"as a pointer, an interface of this package, or a registry.Spec; or mark a factory function instead", name.Name, name.Name)
		return
	}
	p.Address = address == yes
	r.Plugins = append(r.Plugins, p)
}

// spec records a registry.Spec that is built by hand.
func (r *reader) spec(name *ast.Ident, value ast.Expr, comment *ast.CommentGroup, ds []*Directive, defaults []Pair) bool {
	if len(ds) > 1 {
		r.errorf(Placement, ds[1].Span, "a registry.Spec is one plugin: it takes one directive")
		return true
	}
	d := &Directive{Span: identSpan(name)}
	if len(ds) == 1 {
		d = ds[0]
		if p := d.Get("ignore"); p != nil {
			r.bare(*p)
			return true
		}
	}
	if p := r.plugin(Spec, name, comment, d, defaults, OnSpec); p != nil {
		p.lit, _ = ast.Unparen(orNil(value)).(*ast.CompositeLit)
		r.Plugins = append(r.Plugins, p)
	}
	return true
}

func orNil(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.BadExpr{}
	}
	return e
}

// plugin returns a plugin with what the directive says of it, or nil if the
// directive has a key that means nothing there.
func (r *reader) plugin(kind Kind, symbol *ast.Ident, comment *ast.CommentGroup, d *Directive, defaults []Pair, place Place) *Plugin {
	if !r.allowed(d, place) {
		return nil
	}
	p := &Plugin{
		Kind: kind, Symbol: symbol.Name, Decl: identSpan(symbol), Directive: d.Span, File: r.file,
		keys: map[string]Span{}, Doc: new(doc.Package).Synopsis(comment.Text()),
	}
	errors := len(r.Diagnostics)
	for _, pair := range d.Pairs {
		p.keys[pair.Key.Text] = pair.span()
		r.set(p, pair)
	}
	for _, pair := range append(defaults, r.defaults...) {
		key, _ := keyNamed(pair.Key.Text)
		if _, given := p.keys[key.Name]; given || key.On&place == 0 {
			continue
		}
		if key.form == namespace {
			p.defaults = append(p.defaults, pair) // weaker than an inherited one
			continue
		}
		p.keys[key.Name] = pair.span()
		r.set(p, pair)
	}
	if len(r.Diagnostics) > errors {
		return nil
	}
	return p
}

// set gives the plugin the value of one key.
func (r *reader) set(p *Plugin, pair Pair) {
	key, _ := keyNamed(pair.Key.Text)
	switch key.Name {
	case "namespace":
		p.Namespace = r.namespace(pair)
	case "name":
		p.Name = r.name(pair)
	case "factory":
		r.setFactory(p, pair)
	case "should_load":
		p.ShouldLoad = r.reference(pair, "should_load", r.shouldLoadCall)
	case "load":
		p.Load = r.reference(pair, "load", r.loadCall)
	case "requires":
		p.Requires = r.list(pair, validPlugin, "names a plugin: name or namespace:name")
	case "aliases":
		p.Aliases = r.list(pair, validName, "is not a name")
	case "priority":
		p.Priority = r.integer(pair)
	case "deprecated":
		p.Deprecated = r.text(pair)
	case "doc":
		p.Doc = r.text(pair)
	case "type_args":
		p.TypeArgs = r.types(pair)
	case "ignore":
		r.errorf(Placement, pair.span(), "ignore stands alone")
	default:
		p.Attrs = append(p.Attrs, Attr{key.Name, r.text(pair)})
	}
}

func (r *reader) setFactory(p *Plugin, pair Pair) {
	if p.Kind == Factory {
		r.bare(pair)
		return
	}
	p.Factory = r.reference(pair, "a factory", func(d *decl) (*Call, string) {
		if d.fn == nil {
			return nil, "it is " + d.what()
		}
		return r.factoryCall(d.fn)
	})
}

// bare reports a value where none is taken.
func (r *reader) bare(p Pair) {
	if len(p.Items) > 0 {
		r.errorf(BadValue, p.span(), "key %q takes no value here", p.Key.Text)
	}
}

// items returns the values of a pair, and reports that there is none.
func (r *reader) items(p Pair) []Word {
	if p.Items == nil {
		key, _ := keyNamed(p.Key.Text)
		r.errorf(BadValue, p.Key.Span, "key %q needs a value: %s=%s", key.Name, key.Name, key.Value)
	}
	return p.Items
}

// one returns the only value of a pair, and reports that there are none or several.
func (r *reader) one(p Pair) (Word, bool) {
	items := r.items(p)
	if len(items) > 1 {
		r.errorf(BadValue, p.span(), "key %q takes one value: quote it if it has a comma in it", p.Key.Text)
	}
	if len(items) != 1 {
		return Word{}, false
	}
	return items[0], true
}

func (r *reader) text(p Pair) string {
	w, _ := r.one(p)
	return w.Text
}

func (r *reader) namespace(p Pair) string {
	w, ok := r.one(p)
	if ok && !validNamespace(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a namespace: write dot-separated words of letters, digits, _ and -", w.Text)
		return ""
	}
	return w.Text
}

func (r *reader) name(p Pair) string {
	w, ok := r.one(p)
	if ok && !validName(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a name: write printable text without spaces, quotes or commas", w.Text)
		return ""
	}
	return w.Text
}

func validPlugin(s string) bool {
	ns, name, qualified := strings.Cut(s, ":")
	return validName(s) && (!qualified || !validNamespace(ns) || name != "")
}

func (r *reader) list(p Pair, valid func(string) bool, why string) []string {
	var list []string
	seen := map[string]bool{}
	for _, w := range r.items(p) {
		switch {
		case !valid(w.Text):
			r.errorf(BadValue, w.Span, "%q %s", w.Text, why)
		case seen[w.Text]:
			r.errorf(BadValue, w.Span, "%q is listed twice", w.Text)
		}
		seen[w.Text] = true
		list = append(list, w.Text)
	}
	return list
}

func (r *reader) integer(p Pair) int {
	w, ok := r.one(p)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(w.Text, 10, 32)
	if err != nil {
		r.errorf(BadValue, w.Span, "%q is not a whole number of at most 32 bits", w.Text)
	}
	return int(n)
}

func identSpan(id *ast.Ident) Span { return Span{id.Pos(), id.End()} }

// snakeCase turns an identifier into a plugin's name: ConfigureHTTPServer into
// configure_http_server.
func snakeCase(id string) string {
	rs := []rune(id)
	var b strings.Builder
	for i, c := range rs {
		if i > 0 && unicode.IsUpper(c) && rs[i-1] != '_' &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
