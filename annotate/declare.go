package annotate

import (
	"go/ast"
	"go/doc"
	"go/types"
	"slices"
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
	if p.Name == "" && d.Get("name") == nil {
		p.Name = snakeCase(fn.Name.Name)
	}
	r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams)
}

func (r *reader) factory(fn *ast.FuncDecl, d *Directive) {
	p := r.plugin(Factory, fn.Name, fn.Doc, d, nil, OnFactory)
	if p == nil {
		return
	}
	r.named(p, d, strings.TrimPrefix(fn.Name.Name, "New"))
	call, why := r.factoryCall(fn, r.file)
	if why != "" {
		r.mistake(p, Role, p.Span("factory"), "%s can't be a factory: %s", fn.Name.Name, why)
		return
	}
	p.Factory = call
	r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams)
}

// mistake reports a mistake of a plugin.
func (r *reader) mistake(p *Plugin, c Category, s Span, format string, args ...any) *Diagnostic {
	p.broken = true
	return r.errorf(c, s, format, args...)
}

// named reports a directive without a name, and offers one made from an identifier.
func (r *reader) named(p *Plugin, d *Directive, id string) {
	if d.Get("name") == nil && !d.broken {
		r.mistake(p, Missing, d.Span, "%s has no name: add name=...", p.Symbol).Fix = nameFix(d, id)
	}
}

func nameFix(d *Directive, id string) *Fix {
	pair := "name=" + snakeCase(id)
	return &Fix{Message: "add " + pair, Span: Span{d.end, d.end}, New: " " + pair}
}

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
		case d.broken: // what is missing may be in what can't be read
		case d.hostKey() != "":
			r.allowed(d, OnType)
		default:
			r.errorf(Missing, d.Span, "%s has no name: add name=... to make it a plugin", t.Name.Name).Fix = nameFix(d, t.Name.Name)
		}
	}
	return true
}

func (r *reader) typePlugin(t *ast.TypeSpec, comment *ast.CommentGroup, d *Directive, defaults []Pair) {
	p := r.plugin(Type, t.Name, comment, d, defaults, OnType)
	if p == nil {
		r.broken[t.Name.Name] = true
		return
	}
	p.Methods = r.methods[t.Name.Name]
	p.embeds = r.embeds(t.Type, r.file)
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
	for _, b := range r.Bases {
		if b.Symbol == t.Name.Name && !b.file.Constraint.Excludes(r.file.Constraint) {
			r.errorf(Duplicate, d.Span, "%s has a namespace already, which it passes on to what embeds it: keep one of the two", t.Name.Name).Related =
				[]Related{{b.directive, "it is here"}}
			return
		}
	}
	r.Bases = append(r.Bases, &Base{ns, t.Name.Name, identSpan(t.Name), d.Span, r.file})
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
	case isSpec == unknown || address == unknown:
		r.mistake(p, Unresolved, identSpan(name), "what %s is can't be told from its syntax: declare its type (var %s T = ...), "+
			"as a pointer, an interface of this package, or a registry.Spec; or mark a factory function instead", name.Name, name.Name)
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

// plugin adds a plugin with what the directive says of it. It returns nil if the
// directive has a key that means nothing there.
func (r *reader) plugin(kind Kind, symbol *ast.Ident, comment *ast.CommentGroup, d *Directive, defaults []Pair, place Place) *Plugin {
	if !r.allowed(d, place) {
		return nil
	}
	p := &Plugin{
		Kind: kind, Symbol: symbol.Name, Decl: identSpan(symbol), Directive: d.Span, File: r.file,
		pairs: d.Pairs,
	}
	if d.Get("doc") == nil {
		p.Doc = new(doc.Package).Synopsis(comment.Text())
	}
	mistakes := len(r.Diagnostics)
	for _, pair := range d.Pairs {
		r.set(p, pair)
	}
	r.addDefaults(p, defaults, place)
	r.addDefaults(p, r.defaults, place)
	p.broken = d.broken || len(r.Diagnostics) > mistakes
	r.Plugins = append(r.Plugins, p)
	return p
}

// addDefaults gives the plugin what is not said of it already.
func (r *reader) addDefaults(p *Plugin, defaults []Pair, place Place) {
	for _, pair := range defaults {
		key, _ := keyNamed(pair.Key.Text)
		given := slices.ContainsFunc(p.pairs, func(q Pair) bool { return q.Key.Text == pair.Key.Text })
		switch {
		case given || key.On&place == 0:
		case key.form == namespace:
			p.defaults = append(p.defaults, pair) // weaker than an inherited one
		default:
			pair.byDefault = true
			p.pairs = append(slices.Clip(p.pairs), pair)
			r.set(p, pair)
		}
	}
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
		p.Requires = r.list(pair, validPlugin, "is not the name of a plugin: write name, or namespace:name for one of another namespace")
	case "aliases":
		p.Aliases = r.list(pair, validName, "is not a name: write printable text without spaces, quotes or commas")
	case "priority":
		p.Priority = r.integer(pair)
	case "deprecated":
		p.Deprecated = r.text(pair)
	case "doc":
		p.Doc = r.text(pair)
	case "type_args":
		p.TypeArgs = r.types(pair)
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
		return r.factoryCall(d.fn, d.file)
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
		r.errorf(BadValue, p.Key.Span, "key %q needs a value, as in %s=%s", key.Name, key.Name, key.Value)
	}
	return p.Items
}

// one returns the only value of a pair, and reports that there are none or several.
func (r *reader) one(p Pair) (Word, bool) {
	items := r.items(p)
	if len(items) > 1 {
		hint := ""
		if key, _ := keyNamed(p.Key.Text); key.form == text {
			hint = `: quote it if it has a comma in it, as in "a, b"`
		}
		r.errorf(BadValue, p.span(), "key %q takes one value%s", p.Key.Text, hint)
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
		r.errorf(BadValue, w.Span, "%q is not a namespace: write dot-separated words of letters, digits, _ and -, as in my.plugins", w.Text)
		return ""
	}
	return w.Text
}

func (r *reader) name(p Pair) string {
	w, ok := r.one(p)
	if ok && !validName(w.Text) {
		r.errorf(BadValue, w.Span, "%q is not a name: write printable text without spaces, quotes or commas, as in name=my", w.Text)
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

// integer reads a number of 32 bits, since registry.Spec has an int.
func (r *reader) integer(p Pair) int {
	w, ok := r.one(p)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(w.Text, 10, 32)
	if err != nil {
		r.errorf(BadValue, w.Span, "%q is not a whole number between -2147483648 and 2147483647", w.Text)
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
