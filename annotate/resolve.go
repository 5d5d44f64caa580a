package annotate

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// Resolve completes the plugins, with the help of what imports knows of other packages. It
// reports plugins without a namespace or a name and removes them from p.Plugins, and it
// reports plugins that share a name. It must be called once. imports may be nil.
func (p *Package) Resolve(imports Imports) {
	r := &reader{Package: p}
	all := p.Plugins
	var kept []*Plugin
	for _, x := range all {
		r.file = x.File
		if r.resolve(x, imports) {
			kept = append(kept, x)
		}
	}
	p.Plugins = kept
	p.addBases(all)
	p.Diagnostics = append(p.Diagnostics, duplicates(p.Plugins)...)
	p.Diagnostics = append(p.Diagnostics, duplicateContracts(p.Contracts)...)
	r.strandedInMain()
}

// resolve completes a plugin, and reports whether it is valid.
func (r *reader) resolve(x *Plugin, imports Imports) bool {
	if x.Kind == Spec && !x.broken && !r.resolveSpec(x, imports) {
		return false
	}
	if !r.resolveName(x, imports) || !r.resolveAddress(x, imports) || !r.resolveNamespace(x, imports) || x.broken {
		return false
	}
	r.itself(x)
	r.deprecation(x)
	return true
}

// resolveSpec sets the namespace and the name of a registry.Spec variable.
func (r *reader) resolveSpec(x *Plugin, imports Imports) bool {
	return r.specField(x, "Namespace", "namespace", &x.Namespace, imports, rules.ValidNamespace) &&
		r.specField(x, "Name", "name", &x.Name, imports, rules.ValidName)
}

// specField sets value to that of a field in the literal of a registry.Spec variable.
func (r *reader) specField(x *Plugin, field, key string, value *string, imports Imports, valid func(string) bool) bool {
	expr := specValue(x.lit, field)
	if expr == nil {
		switch {
		case *value != "": // given by the directive
			return true
		case keyed(x.lit):
			r.errorf(Unresolved, x.Decl, "the registry.Spec %s has no %s: set it in the literal, "+
				"or write //plugin:%s=... above it, "+
				"or //plugin:ignore if it is not meant to be found", x.Symbol, field, key)
			return false
		}
		r.errorf(Unresolved, x.Decl, "syntax does not tell the %s of the registry.Spec %s: write "+
			"//plugin:namespace=... name=... above it; %s",
			key, x.Symbol, addByHand(x))
		return false
	}
	span := x.File.span(expr)
	all, why := r.constants(expr, x.File, x.File.Constraint, imports)
	got, same := "", true
	if why == "" {
		got, same = onlyText(all)
	}
	switch {
	case why != "" && *value != "":
		return true
	case why != "":
		r.errorf(Unresolved, span, "the %s of the registry.Spec %s is %s: write "+
			"//plugin:namespace=... name=... above it; %s",
			key, x.Symbol, why, addByHand(x))
		return false
	case !same:
		r.errorf(Unresolved, span, "the %s of the registry.Spec %s is not the same in all builds "+
			"that have it: %s; "+
			"declare the variable in a file for each of the builds, or give it "+
			"one %s", key, x.Symbol, differing(all), key)
		return false
	case !valid(got):
		r.errorf(BadValue, span, "%q is not a %s: %s", got, key, legal(key))
		return false
	case *value != "" && *value != got:
		r.errorf(BadValue, x.Span(key), "the directive says %s=%s, but the registry.Spec "+
			"has %q", key, *value, got)
		return false
	}
	*value = got
	return true
}

// addByHand returns what to do with a registry.Spec that can't be linked, for messages.
func addByHand(x *Plugin) string {
	return "if it is known only at run time, write //plugin:ignore above it, and have the program " +
		"call registry.Default.Add(&" + x.Symbol + ")"
}

// legal returns the end of messages about an invalid value of a key.
func legal(key string) string {
	if key == "namespace" {
		return "write dot-separated words of letters, digits, _ and -"
	}
	return legalName
}

// keyed reports whether a literal has no elements without a field name.
func keyed(lit *ast.CompositeLit) bool {
	if lit == nil {
		return false
	}
	return !slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { _, ok := e.(*ast.KeyValueExpr); return !ok })
}

// specValue returns the value of a field in a composite literal, or nil.
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

// resolveName sets the name of a plugin with the key name_from.
func (r *reader) resolveName(x *Plugin, imports Imports) bool {
	pair := x.pair("name_from")
	if pair == nil || x.broken {
		return r.literalName(x, imports)
	}
	w := pair.items[0]
	all, why := r.constants(nameExpr(w.Text), x.File, x.File.Constraint, imports)
	if why != "" {
		r.errorf(Unresolved, w.Span, "%s is %s: name_from names a string constant of this "+
			"package, or of another one of this module that it imports; write the name itself, as "+
			"in name=my, if there is no such constant", w.Text, why)
		return false
	}
	name, same := onlyText(all)
	switch {
	case !same:
		r.errorf(Unresolved, w.Span, "%s is not the same in all builds that have the plugin: %s; "+
			"declare the plugin in a file for each of the builds, or write name=...", w.Text, differing(all))
	case !rules.ValidName(name):
		r.errorf(BadValue, w.Span, "the value of %s, %q, is not a name: %s", w.Text, name, legalName)
	default:
		x.Name = name
	}
	return x.Name != ""
}

// literalName reports a name= that is also the name of a constant: name_from= was probably
// meant.
func (r *reader) literalName(x *Plugin, imports Imports) bool {
	pair := x.pair("name")
	if pair == nil || pair.quoted || x.Kind == Spec || x.broken {
		return true
	}
	expr := nameExpr(x.Name)
	if expr == nil {
		return true
	}
	all, why := r.constants(expr, x.File, x.File.Constraint, imports)
	if why != "" {
		return true
	}
	if value, same := onlyText(all); same && value == x.Name {
		return true
	}
	d := r.errorf(BadValue, pair.span(), "%s is a constant whose value is %q: write name_from=%s "+
		"to have that for a name, or name=%q if the plugin is called %s",
		x.Name, all[0].text, x.Name, x.Name, x.Name)
	d.Fix = &Fix{Message: "write name_from=" + x.Name, Span: pair.key.Span, New: "name_from"}
	return false
}

// resolveAddress sets Address of a variable whose type is of another package.
func (r *reader) resolveAddress(x *Plugin, imports Imports) bool {
	if x.valueType == nil {
		return true
	}
	t, f := r.underlying(x.valueType, x.File)
	if path, name := f.qualified(t); imports != nil && path != "" {
		if address, ok := imports.Address(f, path, name); ok {
			x.Address = address
			return true
		}
	}
	typ, first := types.ExprString(x.valueType), []rune(x.Symbol)[:1]
	r.errorf(Unresolved, x.Decl, "syntax does not tell whether %s is an interface or a struct, "+
		"and so whether the plugin is %s or &%s: "+
		"write a factory, func New%s%s() %s { return %s }, and the directive above it with the key factory",
		typ, x.Symbol, x.Symbol,
		strings.ToUpper(string(first)), strings.TrimPrefix(x.Symbol, string(first)), typ, x.Symbol)
	return false
}

// resolveNamespace sets the namespace of a plugin whose directive has none: that of its
// type, or of a type that it embeds, or the default of the group or the package.
func (r *reader) resolveNamespace(x *Plugin, imports Imports) bool {
	if x.Namespace != "" {
		return true
	}
	w := walk{Package: r.Package, imports: imports}
	spaces := w.ofType(x.Symbol, x.File, x.embeds)
	switch {
	case len(spaces) > 1:
		r.errorf(Missing, x.Directive, "%s embeds types of several namespaces (%s and %s): write "+
			"the one that is meant, as in namespace=%s",
			x.Symbol, spaces[0], spaces[1], spaces[0])
	case len(spaces) == 1 && w.without != nil && !w.broken:
		diag := r.errorf(Missing, x.Directive, "%s inherits namespace %s, but not in all of its builds: "+
			"write namespace=%s", x.Symbol, spaces[0], spaces[0])
		diag.Related = []Related{{identSpan(w.without.ident), fmt.Sprintf("%s has no namespace "+
			"in %s", w.without.ident.Name, showBuilds(w.without.file.Constraint))}}
	case len(spaces) == 1:
		x.Namespace = spaces[0]
	case unknownImport(x.embeds) != "":
		r.errorf(Unresolved, x.Directive, "syntax does not tell whether %s inherits a namespace, "+
			"since no import of this file is known to be called %s: write its name before its path, "+
			"as in import %[2]s \"...\"", x.Symbol, unknownImport(x.embeds))
	case len(x.defaults) > 0:
		x.Namespace = x.defaults[0].items[0].Text
	case w.broken || x.broken || r.incompleteDefaults:
		// The error because of which the namespace is missing has been reported.
	case x.Kind == Type:
		r.errorf(Missing, x.Directive, "%s has no namespace: add namespace=..., or embed a type "+
			"that has one%s", x.Symbol, foreign(x.embeds))
	default:
		r.errorf(Missing, x.Directive, "%s has no namespace: add namespace=...", x.Symbol)
	}
	return x.Namespace != ""
}

// unknownImport returns the qualifier of an embedded type that no import is known to have,
// or "".
func unknownImport(embeds []typeRef) string {
	for _, ref := range embeds {
		if q := ref.qualifier(); q != "" {
			return q
		}
	}
	return ""
}

// foreign lists the embedded types of other packages, none of which is known to have a
// namespace, for messages.
func foreign(embeds []typeRef) string {
	var names []string
	for _, ref := range embeds {
		if ref.path != "" {
			names = append(names, ref.path+"."+ref.name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (none is known for " + strings.Join(names, ", ") + ")"
}

// A walk finds the namespaces that a struct inherits from the types that it embeds.
type walk struct {
	*Package
	imports Imports
	seen    map[typeRef]bool
	broken  bool  // a namespace may be missing because of an error that is reported
	without *decl // a declaration without namespace of a type that has one in other builds
}

// ofType returns the distinct namespaces of a type that a file declares: its own, or those
// of the types that it embeds.
func (w *walk) ofType(name string, f *File, embeds []typeRef) []string {
	for _, b := range w.bases[name] {
		if b.file == f {
			return []string{b.Namespace}
		}
	}
	w.broken = w.broken || w.Package.broken[name]
	this := typeRef{"", name, f}
	if w.seen[this] {
		return nil
	}
	if w.seen == nil {
		w.seen = map[typeRef]bool{}
	}
	w.seen[this] = true
	var spaces []string
	for _, ref := range embeds {
		spaces = union(spaces, w.ofRef(ref))
	}
	return spaces
}

// ofRef returns the distinct namespaces of a type, in all builds that include the file
// that refers to it.
func (w *walk) ofRef(ref typeRef) []string {
	if ref.path != "" {
		if w.imports != nil {
			if ns, ok := w.imports.Namespace(ref.file, ref.path, ref.name); ok {
				return []string{ns}
			}
		}
		return nil
	}
	var spaces []string
	var without *decl
	for _, d := range w.declaredIn(ref.name, ref.file) {
		if d.typ == nil {
			continue
		}
		more := w.ofDecl(d)
		if len(more) == 0 {
			without = d
		}
		spaces = union(spaces, more)
	}
	if len(spaces) > 0 && without != nil {
		w.without = without
	}
	return spaces
}

// ofDecl returns the distinct namespaces of a declaration of a type.
func (w *walk) ofDecl(d *decl) []string {
	name := d.ident.Name
	if d.typ.Assign.IsValid() {
		return w.ofType(name, d.file, w.typeRefs(d.typ.Type, d.file))
	}
	var spaces []string
	var defaults []pair
	for _, x := range w.typed[name] {
		if x.File == d.file {
			w.broken = w.broken || x.broken
			defaults = x.defaults
			if x.Namespace != "" {
				spaces = union(spaces, []string{x.Namespace})
			}
		}
	}
	if len(spaces) == 0 {
		spaces = w.ofType(name, d.file, w.embeds(d.typ.Type, d.file))
	}
	if len(spaces) == 0 && len(defaults) > 0 {
		spaces = []string{defaults[0].items[0].Text}
	}
	return spaces
}

// union appends to a list what is not in it.
func union(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// addBases adds plugin types to p.Bases, if all plugins of the type have one namespace.
// Invalid plugins count too, so that an error in one is not reported again for each type
// that embeds it.
func (p *Package) addBases(plugins []*Plugin) {
	spaces := make(map[typeRef]string, len(plugins)) // "" for several
	for _, x := range plugins {
		if x.Kind == Type && x.Namespace != "" {
			this := typeRef{"", x.Symbol, x.File}
			if other, ok := spaces[this]; ok && other != x.Namespace {
				spaces[this] = ""
			} else {
				spaces[this] = x.Namespace
			}
		}
	}
	for _, b := range p.Bases {
		delete(spaces, typeRef{"", b.Symbol, b.file})
	}
	for _, x := range plugins {
		this := typeRef{"", x.Symbol, x.File}
		if ns := spaces[this]; ns != "" {
			p.addBase(&Base{ns, x.Symbol, x.Decl, x.Directive, x.File})
			delete(spaces, this)
		}
	}
}

// itself reports a plugin that requires itself, or has its own name as an alias. It
// ignores defaults of the group or the package, which are meant for the other plugins.
func (r *reader) itself(x *Plugin) {
	for _, alias := range x.Aliases {
		if alias == x.Name {
			span, _ := x.item("aliases", alias)
			r.errorf(BadValue, span, "%s is the name of the plugin already: an alias is another "+
				"name for it", alias)
		}
	}
	x.Requires = r.others(x, "requires", x.Requires, "%s requires itself: it could never be loaded")
	x.After = r.others(x, "after", x.After, "%s can't be loaded after itself")
	x.Before = r.others(x, "before", x.Before, "%s can't be loaded before itself")
}

// deprecation reports the keys for the versions of a deprecation on a plugin that is not
// deprecated. It drops those that are defaults.
func (r *reader) deprecation(x *Plugin) {
	if x.Properties.deprecation().TakesVersions() {
		return
	}
	x.DeprecatedSince, x.RemovalIn = "", ""
	for _, key := range []string{"deprecated_since", "removal_in"} {
		if pair := x.pair(key); pair != nil && !pair.byDefault {
			r.errorf(Missing, pair.span(), "%s is for a deprecated plugin: write what to use "+
				"instead, as in deprecated=\"use b\"", key)
		}
	}
}

// others returns the names in a list that do not refer to the plugin itself. It reports
// those that do, unless they come from a default.
func (r *reader) others(x *Plugin, key string, names []string, message string) []string {
	if len(names) == 0 {
		return nil
	}
	itself := map[string]bool{x.Name: true}
	for _, alias := range x.Aliases {
		itself[alias] = true
	}
	return slices.DeleteFunc(names, func(id string) bool {
		name, _ := strings.CutPrefix(id, x.Namespace+":")
		namespace, every := everyPlugin(id)
		every = every && namespace == x.Namespace
		if !itself[name] && !every {
			return false
		}
		span, own := x.item(key, id)
		switch {
		case own && every:
			r.errorf(Graph, span, "%s=%s is for every plugin of the namespace of %s, itself "+
				"included: name the others", key, id, x.ID())
		case own:
			r.errorf(Graph, span, message, x.ID())
		}
		return true
	})
}

// strandedInMain reports the plugins of a package main without //plugin:link.
func (r *reader) strandedInMain() {
	if r.Name != "main" || len(r.Hosts) > 0 {
		return
	}
	for _, x := range r.Plugins {
		r.errorf(Linking, x.Directive, "package main can't be imported, so only a host in it could link %s: "+
			"move it to a package of its own, or write //plugin:link in this one", x.ID())
	}
}

// NamespaceOf answers [Imports.Namespace] for a type of the package.
func (p *Package) NamespaceOf(from *File, typeName string, imports Imports) (string, bool) {
	if !p.enter("type " + typeName) {
		return "", false
	}
	defer p.leave("type " + typeName)
	w := walk{Package: p, imports: imports}
	spaces := w.ofRef(typeRef{"", typeName, &File{Constraint: from.Constraint}})
	if len(spaces) != 1 || w.without != nil {
		return "", false
	}
	return spaces[0], true
}

// AddressOf answers [Imports.Address] for a type of the package.
func (p *Package) AddressOf(from *File, typeName string, imports Imports) (address, ok bool) {
	if !p.enter("address " + typeName) {
		return false, false
	}
	defer p.leave("address " + typeName)
	r := &reader{Package: p}
	t, f := r.underlying(ast.NewIdent(typeName), &File{Syntax: &ast.File{}, Constraint: from.Constraint})
	if path, name := f.qualified(t); imports != nil && path != "" {
		return imports.Address(f, path, name)
	}
	a := r.addressOf(t, f)
	return a == yes, a != unknown
}

// ConstantNamed answers [Imports.Constant] for a constant of the package.
func (p *Package) ConstantNamed(from *File, name string, imports Imports) (string, bool) {
	if !p.enter("const " + name) {
		return "", false
	}
	defer p.leave("const " + name)
	all, why := p.constantsNamed(name, from.Constraint, imports)
	if why != "" {
		return "", false
	}
	return onlyText(all)
}

// enter records that a question is being answered. It returns false if it is being
// answered already, which import cycles lead to.
func (p *Package) enter(question string) bool {
	if p.pending[question] {
		return false
	}
	if p.pending == nil {
		p.pending = map[string]bool{}
	}
	p.pending[question] = true
	return true
}

// leave records that a question has been answered.
func (p *Package) leave(question string) { delete(p.pending, question) }

// A claim is a name that a plugin has, its own or an alias.
type claim struct {
	plugin *Plugin
	alias  bool
}

// what returns the kind of name, for messages.
func (c claim) what() string {
	if c.alias {
		return "alias"
	}
	return "plugin"
}

// where returns which declaration has the name, for messages.
func (c claim) where() string {
	if c.alias {
		return "it is an alias of " + c.plugin.Symbol + " here"
	}
	return "it is " + c.plugin.Symbol + ", declared here"
}

// span returns the span of the name.
func (c claim) span(name string) Span {
	if c.alias {
		span, _ := c.plugin.item("aliases", name)
		return span
	}
	return c.plugin.Span("name")
}

// duplicates reports plugins with one name, aliases included, that are in one build.
func duplicates(plugins []*Plugin) []Diagnostic {
	type named struct {
		claim
		name string
	}
	claims := func(yield func(string, named) bool) {
		for _, p := range plugins {
			if !yield(p.ID(), named{claim{p, false}, p.Name}) {
				return
			}
		}
		for _, p := range plugins {
			for _, alias := range p.Aliases {
				if !yield(p.Namespace+":"+alias, named{claim{p, true}, alias}) {
					return
				}
			}
		}
	}
	clash := func(a, b named) bool {
		return a.plugin != b.plugin && !a.plugin.File.Constraint.Excludes(b.plugin.File.Constraint)
	}
	var diags []Diagnostic
	for _, c := range rules.Clashes(claims, clash) {
		diags = append(diags, Diagnostic{
			Span: c.Second.span(c.Second.name), Category: Duplicate,
			Message: c.Second.what() + " " + c.ID + " is declared already: a name is unique in " +
				"its namespace, aliases included",
			Related: []Related{{c.First.span(c.First.name), c.First.where()}},
		})
	}
	return diags
}

// duplicateContracts reports contracts of one namespace that are in one build.
func duplicateContracts(contracts []*Contract) []Diagnostic {
	claims := func(yield func(string, *Contract) bool) {
		for _, c := range contracts {
			if !yield(c.Namespace, c) {
				return
			}
		}
	}
	clash := func(a, b *Contract) bool { return !a.File.Constraint.Excludes(b.File.Constraint) }
	var diags []Diagnostic
	for _, c := range rules.Clashes(claims, clash) {
		diags = append(diags, Diagnostic{
			Span: c.Second.Directive, Category: Duplicate,
			Message: "namespace " + c.ID + " has a contract already: remove the " +
				"directive from one of the two, or give this one a namespace of its own",
			Related: []Related{{c.First.Decl, "it is " + c.First.Symbol + ", declared here"}},
		})
	}
	return diags
}

// A Generated is a plugin type as a generated file of the package has it.
type Generated struct{ File, Symbol, Namespace, Name string }

// LostNames reports structs that were plugins when the package's files were generated, and
// are abstract bases now that their directives have no name. A function without a name is a
// plugin still, so that this is easily overlooked. generated returns the plugin types in
// the package's generated files; it is called if there is a base that nothing embeds.
func (p *Package) LostNames(generated func() []Generated) (lost []Diagnostic) {
	if !slices.ContainsFunc(p.Bases, func(b *Base) bool { return p.typed[b.Symbol] == nil }) {
		return nil // as in most packages: every base is a plugin
	}
	other, ids := map[string]bool{}, map[string]bool{} // types that are plugins or embedded
	for _, x := range p.Plugins {
		ids[x.ID()] = true
	}
	for symbol, plugins := range p.typed { // those with errors, too
		other[symbol] = true
		for _, x := range plugins {
			for _, t := range x.embeds {
				if t.path == "" {
					other[t.name] = true
				}
			}
		}
	}
	bases := map[string]*Base{}
	for _, b := range p.Bases {
		if !other[b.Symbol] && !p.broken[b.Symbol] {
			bases[b.Symbol] = b
		}
	}
	if len(bases) == 0 {
		return nil
	}
	for name := range p.embedded() { // by types that are no plugins
		delete(bases, name)
	}
	if len(bases) == 0 {
		return nil
	}
	for _, g := range generated() {
		b := bases[g.Symbol]
		if b == nil || ids[g.Namespace+":"+g.Name] {
			continue
		}
		delete(bases, g.Symbol) // once is enough
		lost = append(lost, Diagnostic{Span: b.Decl, Category: Missing, Message: fmt.Sprintf(
			"%s has no name, so it is an abstract base and no longer the plugin %s:%s, which %s "+
				"has: write name=%q, or remove %s if it is meant to be a base",
			b.Symbol, g.Namespace, g.Name, g.File, g.Name, g.File)})
	}
	return lost
}

// embedded returns the names of the package's types that its structs embed.
func (p *Package) embedded() map[string]bool {
	names := map[string]bool{}
	addFrom := func(n ast.Node) bool {
		s, ok := n.(*ast.StructType)
		if !ok {
			_, comment := n.(*ast.CommentGroup)
			return !comment
		}
		for _, field := range s.Fields.List {
			t := field.Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			if id, ok := t.(*ast.Ident); ok && len(field.Names) == 0 {
				names[id.Name] = true
			}
		}
		return true
	}
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				ast.Inspect(g, addFrom)
			}
		}
	}
	return names
}
