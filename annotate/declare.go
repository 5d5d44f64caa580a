package annotate

import (
	"go/ast"
	"go/doc"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// packageDefaults reads the defaults in the doc comment of a file's package clause.
func (r *reader) packageDefaults(f *File) {
	r.file = f
	for _, d := range r.directives(f.Syntax.Doc) {
		before := len(r.Diagnostics)
		if !r.allowed(d, language.OnPackage) {
			r.incompleteDefaults = true
			continue
		}
		for _, p := range r.validDefaults(d) {
			if i := slices.IndexFunc(r.defaults, func(q pair) bool { return q.key.Text == p.key.Text }); i >= 0 {
				diag := r.errorf(Duplicate, p.span(), "the package has a default for %q already", p.key.Text)
				diag.Related = []Related{{r.defaults[i].span(), "it is here"}}
				continue
			}
			r.defaults = append(r.defaults, p)
		}
		r.incompleteDefaults = r.incompleteDefaults || d.broken || len(r.Diagnostics) > before
	}
}

// groupDefaults returns the defaults in the directives above a declaration in parentheses.
func (r *reader) groupDefaults(above []*directive) []pair {
	var defaults []pair
	for _, d := range above {
		if d.names() {
			r.errorf(Placement, d.Span, "a directive with a name can't be for a group of "+
				"declarations: write it above the one that it is for")
			continue
		}
		if r.allowed(d, language.OnGroup) {
			defaults = append(defaults, r.validDefaults(d)...)
		}
	}
	return defaults
}

// validDefaults returns the pairs with valid values. It reports the others, once and not
// for each plugin.
func (r *reader) validDefaults(d *directive) []pair {
	return slices.DeleteFunc(d.pairs, func(p pair) bool {
		before := len(r.Diagnostics)
		r.set(&Plugin{}, p)
		return len(r.Diagnostics) > before
	})
}

// plugin adds a plugin that a directive declares. It returns nil if the directive has a
// key that is not allowed at the place.
func (r *reader) plugin(
	kind Kind, symbol *ast.Ident, comment *ast.CommentGroup, d *directive, defaults []pair, place language.Places,
) *Plugin {
	if !r.allowed(d, place) {
		return nil
	}
	p := &Plugin{
		Kind: kind, Symbol: symbol.Name, Decl: identSpan(symbol), Directive: d.Span, File: r.file,
		pairs: d.pairs, end: d.end,
	}
	doc := r.docOf(comment)
	if d.get("doc") == nil {
		p.Doc = doc.synopsis
	}
	if d.get("deprecated") == nil && place&language.OnPlugin != 0 {
		p.Deprecated = doc.deprecated
	}
	before := len(r.Diagnostics)
	for _, pair := range d.pairs {
		r.set(p, pair)
	}
	r.addDefaults(p, defaults, place)
	r.addDefaults(p, r.defaults, place)
	p.broken = d.broken || len(r.Diagnostics) > before
	r.Plugins = append(r.Plugins, p)
	if kind == Type {
		if r.typed == nil {
			r.typed = map[string][]*Plugin{}
		}
		r.typed[p.Symbol] = append(r.typed[p.Symbol], p)
	}
	return p
}

// docOf returns what a doc comment says.
func (r *reader) docOf(comment *ast.CommentGroup) docText {
	if r.doc.comment != comment {
		text, deprecated := rules.WithoutDeprecated(comment.Text())
		r.doc = docText{comment, synopsis(text), deprecated}
	}
	return r.doc
}

// synopsis returns the first sentence of a text, as [doc.Package.Synopsis] does. Most docs of
// plugins are one sentence without markup, which need not be parsed.
func synopsis(text string) string {
	if sentence, ok := strings.CutSuffix(text, ".\n"); ok && isOneSentence(sentence) {
		return sentence + "."
	}
	return noPackage.Synopsis(text)
}

// noPackage is a package without declarations: it only parses texts.
var noPackage doc.Package

// isOneSentence reports whether a text is one line of words with single spaces and commas
// between them. It returns false for a copyright notice, which go/doc leaves out.
func isOneSentence(text string) bool {
	before := byte(' ')
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		inside := '0' <= c && c <= '9' || c == '_' || c == '-' || c == ',' || c == ' '
		if !letter && (!inside || before == ' ') {
			return false
		}
		before = c
	}
	return before != ' ' && !slices.ContainsFunc(doc.IllegalPrefixes, func(prefix string) bool {
		return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
	})
}

// addDefaults adds the defaults for keys that the plugin does not have.
func (r *reader) addDefaults(p *Plugin, defaults []pair, place language.Places) {
	for _, pair := range defaults {
		key, _ := language.KeyNamed(pair.key.Text)
		given := p.pair(key.Name) != nil || key.Name == "deprecated" && p.Deprecated != ""
		switch {
		case given || key.On&place == 0:
		case key.Kind == language.NamespaceValue:
			p.defaults = append(p.defaults, pair) // an inherited namespace takes precedence
		default:
			pair.byDefault = true
			p.pairs = append(slices.Clip(p.pairs), pair)
			r.set(p, pair)
		}
	}
}

// set sets the field of the plugin that a pair is for.
func (r *reader) set(p *Plugin, pair pair) {
	key, _ := language.KeyNamed(pair.key.Text)
	switch key.Name {
	case "namespace":
		p.Namespace = r.namespace(pair)
	case "name":
		p.Name = r.name(pair)
	case "name_from":
		r.nameFrom(p, pair)
	case "factory":
		r.setFactory(p, pair)
	case "should_load":
		p.ShouldLoad = r.reference(pair, "should_load", r.shouldLoadCall)
	case "load":
		p.Load = r.reference(pair, "load", r.loadCall)
	case "type_args":
		p.TypeArgs = r.types(pair)
	default:
		r.setProperty(&p.Properties, key, pair)
	}
}

// setProperty sets the property that a pair is for: an attribute, if none has its key.
func (r *reader) setProperty(p *Properties, key language.Key, pair pair) {
	for property := range p.All() {
		if property.Key != key.Name {
			continue
		}
		switch value := property.Value.(type) {
		case *int:
			*value = r.integer(pair)
		case *[]string:
			*value = r.listOf(key, pair)
		case *string:
			*value = r.textOf(key, pair)
		}
		return
	}
	p.Attrs = append(p.Attrs, Attr{key.Name, r.optional(pair)})
}

// listOf returns a value that is a list of names, as the key takes them.
func (r *reader) listOf(key language.Key, pair pair) []string {
	if key.Kind == language.PluginList {
		return r.plugins(pair)
	}
	return r.list(pair, rules.ValidName, "is not a name: "+legalName)
}

// textOf returns a value that is a text, as the key takes it.
func (r *reader) textOf(key language.Key, pair pair) string {
	if key.Kind == language.LevelValue {
		return r.stability(pair)
	}
	return r.text(pair)
}

// nameFrom checks a reference to the constant that has the plugin's name. Its value is
// read when the package is resolved.
func (r *reader) nameFrom(p *Plugin, pair pair) {
	w, ok := r.one(pair)
	if !ok {
		return
	}
	if other := p.pair("name"); other != nil {
		r.errorf(BadValue, pair.span(), "the plugin has a name already: keep one of name and "+
			"name_from").Related = []Related{{other.span(), "it is here"}}
		return
	}
	expr := nameExpr(w.Text)
	if expr == nil {
		r.errorf(BadValue, w.Span, "%q is not the name of a constant: write one of this package, "+
			"as in name_from=pluginName, or of an imported one, as in name_from=pkg.Name; "+
			"a name itself is written name=%s", w.Text, QuoteValue(w.Text))
		return
	}
	id, ok := expr.(*ast.Ident)
	if !ok {
		if q := expr.(*ast.SelectorExpr).X.(*ast.Ident).Name; r.file.ImportPath(q) == "" {
			r.errorf(Unresolved, w.Span, "%s", notImported(q))
		}
		return
	}
	switch d := r.declared(id.Name, r.file); {
	case d == nil && !r.file.hasDotImport():
		r.undeclared(w, w.Text, r.nearest(w.Text, func(d *decl) bool { return d.konst }))
	case d != nil && !d.konst:
		diag := r.errorf(Role, w.Span, "%s is %s: name_from names a string constant", w.Text, d.what())
		diag.Related = []Related{{identSpan(d.ident), "it is declared here"}}
	}
}

// QuoteValue returns a value as it is written in a directive, alone or in a list: quoted, if it
// must be.
func QuoteValue(value string) string {
	// A comma before a key and = is reported as one between two pairs.
	special := func(r rune) bool { return unprintable(r) || strings.ContainsRune(" ,=\"'`", r) }
	if value == "" || strings.ContainsFunc(value, special) {
		return strconv.Quote(value)
	}
	return value
}

// setFactory reads the key factory.
func (r *reader) setFactory(p *Plugin, pair pair) {
	if p.Kind == Factory {
		r.noValue(pair)
		return
	}
	p.Factory = r.reference(pair, "a factory", func(d *decl) (*Call, string) {
		if d.fn == nil {
			return nil, "it is " + d.what()
		}
		return r.factoryCall(d.fn, d.file)
	})
}

// requireName reports a directive without a name. The fix adds one that is made from an
// identifier.
func (r *reader) requireName(p *Plugin, d *directive, id string) {
	if !d.names() && !d.broken {
		fix := nameFix(d, id)
		r.pluginErrorf(p, Missing, d.Span, "%s has no name: %s", p.Symbol, fix.Message).Fix = fix
	}
}

// nameFix returns the fix that adds a name, made from an identifier.
func nameFix(d *directive, id string) *Fix {
	pair := "name=" + rules.SnakeCase(id)
	return &Fix{Message: "add " + pair, Span: Span{d.end, d.end}, New: " " + pair}
}

// function reads the directives of a function declaration.
func (r *reader) function(fn *ast.FuncDecl) {
	for _, d := range r.directives(fn.Doc) {
		switch {
		case fn.Recv != nil:
			r.errorf(Placement, d.Span, "a method can't be a plugin: write the directive above "+
				"its type, or above a function")
		case fn.Name.Name == "_" || fn.Name.Name == "init" || fn.Name.Name == "main" && r.Name == "main":
			r.errorf(Placement, d.Span, "func %s can't be a plugin, since nothing can refer "+
				"to it", fn.Name.Name)
		case d.get("factory") != nil:
			r.factory(fn, d)
		default:
			r.functionPlugin(fn, d)
		}
	}
}

// functionPlugin reads a directive on a function that is a plugin.
func (r *reader) functionPlugin(fn *ast.FuncDecl, d *directive) {
	p := r.plugin(Func, fn.Name, fn.Doc, d, nil, language.OnFunc)
	if p == nil {
		return
	}
	p.Func = fn
	if _, why := r.factoryCall(fn, r.file); why == "" {
		p.Makes = code.Flatten(fn.Type.Results)[0]
	}
	if p.Name == "" && !d.names() {
		p.Name = rules.SnakeCase(fn.Name.Name)
	}
	r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams)
}

// factory reads a directive on a function that makes a plugin.
func (r *reader) factory(fn *ast.FuncDecl, d *directive) {
	p := r.plugin(Factory, fn.Name, fn.Doc, d, nil, language.OnFactory)
	if p == nil {
		return
	}
	r.requireName(p, d, strings.TrimPrefix(fn.Name.Name, "New"))
	call, why := r.factoryCall(fn, r.file)
	if why != "" {
		r.pluginErrorf(p, Role, p.Span("factory"), "%s can't be a factory: %s", fn.Name.Name, why)
		return
	}
	p.Factory = call
	r.typeArgs(p, "func "+fn.Name.Name, fn.Type.TypeParams)
}

// typeSpec reads the directives and the tags of a type declaration, and reports whether
// there are any.
func (r *reader) typeSpec(t *ast.TypeSpec, comment *ast.CommentGroup, ds []*directive, defaults []pair) bool {
	if s, ok := ast.Unparen(t.Type).(*ast.StructType); ok {
		ds = append(ds, r.tags(s)...)
		if f := firstOption(s); f != nil {
			r.Tagged = append(r.Tagged, &OptionStruct{
				Symbol: t.Name.Name, Directive: Span{f.Tag.Pos(), f.Tag.End()}, File: r.file,
			})
		}
	}
	if len(ds) == 0 {
		return false
	}
	kind := r.kindOf(t.Type, r.file)
	for _, d := range ds {
		r.broken[t.Name.Name] = r.broken[t.Name.Name] || d.broken
		switch {
		case kind != contractType && d.sharesOptions():
			r.sharedOptions(t, d, kind)
		case t.Assign.IsValid():
			r.alias(t, d, kind)
		case t.Name.Name == "_":
			r.errorf(Placement, d.Span, "a type named _ can't be a plugin, since nothing can refer to it")
		case kind == contractType, d.get("contract") != nil:
			r.contract(t, d)
		case d.names():
			r.typePlugin(t, comment, d, defaults)
		case kind == unknownType && !d.broken:
			r.errorf(Unresolved, d.Span, "syntax does not tell whether %s is a plugin or a contract: "+
				"add name=%s to make it a plugin, or write type %s interface{ %s } to make it a "+
				"contract", t.Name.Name, rules.SnakeCase(t.Name.Name), t.Name.Name, types.ExprString(t.Type))
		case kind == structType && d.get("namespace") != nil:
			r.base(t, d)
		case d.broken: // a key may be missing because of a syntax error
		case d.hostKey() != "":
			r.allowed(d, language.OnType)
		default:
			fix := nameFix(d, t.Name.Name)
			r.errorf(Missing, d.Span, "%s has no name: %s to make it a plugin", t.Name.Name, fix.Message).Fix = fix
		}
	}
	return true
}

// alias reports a directive on an alias, which does not declare a type.
func (r *reader) alias(t *ast.TypeSpec, d *directive, kind typeKind) {
	name, of := t.Name.Name, types.ExprString(t.Type)
	_, elsewhere := baseType(t.Type).(*ast.SelectorExpr)
	isContract := d.get("contract") != nil || !d.names() && (kind == contractType || kind == unknownType)
	switch {
	case isContract && elsewhere:
		r.errorf(Placement, d.Span, "%s is an alias of a type of another package, and a contract "+
			"is a type of its own: write type %s interface{ %s } if that is an interface, "+
			"or type %s func(...) if it is a func type", name, name, of, name)
	case isContract:
		diag := r.errorf(Placement, d.Span, "%s is an alias, and a contract is a type of its own: "+
			"write type %s %s", name, name, oneLine(of))
		diag.Fix = &Fix{Message: "remove the =", Span: Span{t.Name.End(), t.Type.Pos()}, New: " "}
	case elsewhere:
		r.errorf(Placement, d.Span, "%s is an alias of a type of another package, which can't be "+
			"a plugin of this one: declare a type that embeds it, as in type %s struct{ %s }, or "+
			"a factory that returns it",
			name, name, of)
	case r.namesType(t.Type):
		r.errorf(Placement, d.Span, "%s is an alias, which can't be a plugin: write the directive "+
			"above the type that it stands for, %s", name, of)
	default:
		diag := r.errorf(Placement, d.Span, "%s is an alias, which can't be a plugin: write type "+
			"%s %s", name, name, oneLine(of))
		diag.Fix = &Fix{Message: "remove the =", Span: Span{t.Name.End(), t.Type.Pos()}, New: " "}
	}
}

// namesType reports whether a type is named by a declaration of the package.
func (r *reader) namesType(t ast.Expr) bool {
	id, ok := baseType(t).(*ast.Ident)
	return ok && r.decls[id.Name] != nil
}

// sourceOf returns the source of a value if it is short, or "...", for messages.
func sourceOf(value ast.Expr) string {
	if value == nil {
		return "..."
	}
	text := types.ExprString(value)
	if strings.Contains(text, "…") || strings.Contains(text, " literal)") { // a part is left out
		return "..."
	}
	return oneLine(text)
}

// oneLine returns the source of a type if it is short, or "...", for messages.
func oneLine(typ string) string {
	if strings.Contains(typ, "\n") || len(typ) > 60 {
		return "..."
	}
	return typ
}

// typePlugin reads a directive on a type that is a plugin.
func (r *reader) typePlugin(t *ast.TypeSpec, comment *ast.CommentGroup, d *directive, defaults []pair) {
	p := r.plugin(Type, t.Name, comment, d, defaults, language.OnType)
	if p == nil {
		r.broken[t.Name.Name] = true
		return
	}
	p.Methods = r.methodsOf(t.Name.Name, r.file)
	p.embeds = r.embedding.of(r, t.Type)
	for _, m := range p.Methods {
		if m.Name == rules.ShouldLoad && p.ShouldLoad != nil {
			r.pluginErrorf(p, Role, p.Span("should_load"), "%s has a method ShouldLoad already: "+
				"keep one of the two", t.Name.Name).Related = []Related{{m.Decl, "the method is here"}}
		}
	}
	r.typeArgs(p, "type "+t.Name.Name, t.TypeParams)
	if p.Factory != nil {
		r.makes(p, t)
	}
}

// of returns the types that typ embeds.
func (e *embedding) of(r *reader, typ ast.Expr) []typeRef {
	if e.typ != typ {
		e.typ, e.refs = typ, r.embeds(typ, r.file)
	}
	return e.refs
}

// makes reports the factory of a type that certainly does not return that type.
func (r *reader) makes(p *Plugin, t *ast.TypeSpec) {
	fn := p.Factory.Decl
	why := ""
	switch {
	case fn.Type.TypeParams.NumFields() != t.TypeParams.NumFields():
		why = "they have different type parameters"
	case r.otherStruct(code.Flatten(fn.Type.Results)[0], t.Name.Name):
		why = "it returns " + types.ExprString(code.Flatten(fn.Type.Results)[0])
	default:
		return
	}
	r.pluginErrorf(p, Role, p.Span("factory"), "%s can't be the factory of "+
		"%s: %s", fn.Name.Name, t.Name.Name, why).Related = []Related{{identSpan(fn.Name), "it is declared here"}}
}

// otherStruct reports whether a type certainly is a struct of the package with another
// name, or a pointer to one.
func (r *reader) otherStruct(t ast.Expr, name string) bool {
	id, _ := baseType(t).(*ast.Ident)
	if id == nil || id.Name == name {
		return false
	}
	d := r.declared(id.Name, r.file)
	return d != nil && d.typ != nil && !d.typ.Assign.IsValid() && r.kindOf(id, r.file) == structType
}

// base reads a directive on an abstract base.
func (r *reader) base(t *ast.TypeSpec, d *directive) {
	if !r.allowed(d, language.OnBase) {
		r.broken[t.Name.Name] = true
		return
	}
	ns := r.namespace(*d.get("namespace"))
	if ns == "" {
		r.broken[t.Name.Name] = true
		return
	}
	for _, b := range r.bases[t.Name.Name] {
		if !b.file.Constraint.Excludes(r.file.Constraint) {
			r.errorf(Duplicate, d.Span, "%s has a namespace already, which it passes on to what "+
				"embeds it: keep one of the two", t.Name.Name).Related = []Related{{b.directive, "it is here"}}
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

// tags returns the directives in the tags of a struct's embedded and blank fields. It
// reports those on other fields, but for the tags of options.
func (r *reader) tags(s *ast.StructType) []*directive {
	r.tagged[s] = true
	options := DeclaresOptions(s)
	var found []*directive
	for _, f := range s.Fields.List {
		if f.Tag == nil || options && isOptionTag(f) {
			continue // see OptionTags
		}
		allowed, confidence := len(f.Names) == 0 || f.Names[0].Name == "_", unlikely
		switch {
		case allowed && r.annotated:
			confidence = certain
		case allowed:
			confidence = likely
		}
		d, diags := parseTag(f.Tag, confidence)
		r.Diagnostics = append(r.Diagnostics, diags...)
		switch {
		case d == nil || len(d.pairs) == 0 && !d.broken:
		case d.get("link") != nil:
			r.errorf(Placement, d.Span, "a host is declared by a comment: write //plugin:link at top level")
		case allowed:
			found = append(found, d)
		case options:
			r.errorf(Placement, d.Span, "the tag on field %s has no effect: it declares a plugin, which is for an "+
				"embedded field or a field named _; that of an option has the key option", f.Names[0].Name)
		default:
			r.errorf(Placement, d.Span, "a plugin tag on field %s has no effect: write it on an "+
				"embedded field or a field named _", f.Names[0].Name)
		}
	}
	return found
}

// valueSpec reads the directives of a variable declaration, and registry.Spec variables
// without one. It reports whether there is either.
func (r *reader) valueSpec(v *ast.ValueSpec, comment *ast.CommentGroup, ds []*directive, defaults []pair) bool {
	if len(v.Names) > 1 {
		for _, d := range ds {
			r.errorf(Placement, d.Span, "a directive can't be for several variables: declare the "+
				"one that it is for by itself")
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
			r.errorf(Placement, ds[0].Span, "a variable named _ can't be a plugin, since nothing "+
				"can refer to it")
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

// variable reads a directive on a variable that is a plugin.
func (r *reader) variable(
	name *ast.Ident, typ, value ast.Expr, comment *ast.CommentGroup, d *directive, defaults []pair, isSpec answer,
) {
	if isSpec == unknown && d.get("ignore") != nil {
		return // it is probably a registry.Spec
	}
	p := r.plugin(Var, name, comment, d, defaults, language.OnVar)
	if p == nil {
		return
	}
	r.requireName(p, d, name.Name)
	address := r.address(typ, value)
	switch {
	case r.isSpecPointer(typ, value):
		r.pluginErrorf(p, Role, identSpan(name), "%s is a pointer: declare a registry.Spec "+
			"itself, as in var %s = registry.Spec{...}", name.Name, name.Name)
	case address == unknown && typ != nil && isSpec == no:
		p.valueType = typ
	case isSpec == unknown || address == unknown:
		r.pluginErrorf(p, Unresolved, identSpan(name), "syntax does not tell what %s is: declare "+
			"its type, as in var %s T = %s, or write the directive above a factory instead, as "+
			"in func New() T { return %s }", name.Name, name.Name, sourceOf(value), sourceOf(value))
	}
	p.Address = address == yes
}

// isSpecPointer reports whether a variable is a *registry.Spec.
func (r *reader) isSpecPointer(typ, value ast.Expr) bool {
	if star, ok := typ.(*ast.StarExpr); ok {
		return r.specType(star.X, r.file)
	}
	if typ != nil {
		return false
	}
	switch v := ast.Unparen(orNil(value)).(type) {
	case *ast.UnaryExpr:
		return r.isSpec(nil, v.X) == yes
	case *ast.CallExpr: // new of the type or, since Go 1.26, of a value
		return len(v.Args) == 1 && r.Predeclared(v.Fun, "new") &&
			(r.specType(v.Args[0], r.file) || r.isSpec(nil, v.Args[0]) == yes)
	}
	return false
}

// spec reads a registry.Spec variable, which may have a directive.
func (r *reader) spec(name *ast.Ident, value ast.Expr, comment *ast.CommentGroup, ds []*directive, defaults []pair) {
	if len(ds) > 1 {
		r.errorf(Placement, ds[1].Span, "a registry.Spec is one plugin: it takes one directive")
		return
	}
	d := &directive{Span: identSpan(name)}
	if len(ds) == 1 {
		d = ds[0]
		if p := d.get("ignore"); p != nil {
			r.noValue(*p)
			r.requireOnlyKey(d, *p)
			return
		}
	}
	if p := r.plugin(Spec, name, comment, d, defaults, language.OnSpec); p != nil {
		p.lit, _ = ast.Unparen(orNil(value)).(*ast.CompositeLit)
	}
}

// requireOnlyKey reports a directive with other keys than p, which must be the only one.
func (r *reader) requireOnlyKey(d *directive, p pair) {
	if len(d.pairs) > 1 {
		r.errorf(Placement, p.span(), "key %q must be the only one in its directive", p.key.Text)
	}
}
