package annotate

import (
	"cmp"
	"go/ast"
	"go/doc"
	"go/parser"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
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
	if _, why := r.factoryCall(fn, r.file); why == "" {
		p.Makes = flatten(fn.Type.Results)[0]
	}
	if p.Name == "" && !d.names() {
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

// A docText is what a doc comment says of a plugin.
type docText struct {
	comment    *ast.CommentGroup
	synopsis   string // its first sentence
	deprecated string // the paragraph that begins with "Deprecated: ", in one line
}

// docOf returns what a doc comment says. The last one is kept, since a factory may have
// many directives, and so many plugins.
func (r *reader) docOf(comment *ast.CommentGroup) docText {
	if r.doc.comment != comment {
		text, deprecated := withoutDeprecated(comment.Text())
		r.doc = docText{comment, new(doc.Package).Synopsis(text), deprecated}
	}
	return r.doc
}

// mistake reports a mistake of a plugin.
func (r *reader) mistake(p *Plugin, c Category, s Span, format string, args ...any) *Diagnostic {
	p.broken = true
	return r.errorf(c, s, format, args...)
}

// named reports a directive without a name, and offers one made from an identifier.
func (r *reader) named(p *Plugin, d *Directive, id string) {
	if !d.names() && !d.broken {
		r.mistake(p, Missing, d.Span, "%s has no name: add name=...", p.Symbol).Fix = nameFix(d, id)
	}
}

// factoryName returns a name for what a factory makes.
func factoryName(symbol string) string {
	for _, verb := range []string{"New", "Make", "new", "make"} {
		if rest, ok := strings.CutPrefix(symbol, verb); ok && rest != "" {
			symbol = rest
			break
		}
	}
	return snakeCase(symbol)
}

func nameFix(d *Directive, id string) *Fix {
	pair := "name=" + snakeCase(id)
	return &Fix{Message: "add " + pair, Span: Span{d.end, d.end}, New: " " + pair}
}

// plugin adds a plugin with what the directive says of it. It returns nil if the
// directive has a key that means nothing there.
func (r *reader) plugin(kind Kind, symbol *ast.Ident, comment *ast.CommentGroup, d *Directive, defaults []Pair, place Place) *Plugin {
	if !r.allowed(d, place) {
		return nil
	}
	p := &Plugin{
		Kind: kind, Symbol: symbol.Name, Decl: identSpan(symbol), Directive: d.Span, File: r.file,
		pairs: d.Pairs, end: d.end,
	}
	doc := r.docOf(comment)
	if d.Get("doc") == nil {
		p.Doc = doc.synopsis
	}
	if d.Get("deprecated") == nil && place&onPlugin != 0 {
		p.Deprecated = doc.deprecated
	}
	mistakes := len(r.Diagnostics)
	for _, pair := range d.Pairs {
		r.set(p, pair)
	}
	r.addDefaults(p, defaults, place)
	r.addDefaults(p, r.defaults, place)
	p.broken = d.broken || len(r.Diagnostics) > mistakes
	r.Plugins = append(r.Plugins, p)
	if kind == Type {
		if r.typed == nil {
			r.typed = map[string][]*Plugin{}
		}
		r.typed[p.Symbol] = append(r.typed[p.Symbol], p)
	}
	return p
}

// withoutDeprecated returns a comment's text without the paragraphs that begin with
// "Deprecated: ", and what the first of those says, in one line.
func withoutDeprecated(comment string) (text, deprecated string) {
	if !strings.Contains(comment, "Deprecated: ") {
		return comment, ""
	}
	var rest []string
	for paragraph := range strings.SplitSeq(comment, "\n\n") {
		if why, ok := strings.CutPrefix(paragraph, "Deprecated: "); ok {
			deprecated = cmp.Or(deprecated, strings.Join(strings.Fields(why), " "))
			continue
		}
		rest = append(rest, paragraph)
	}
	return strings.Join(rest, "\n\n"), deprecated
}

// addDefaults gives the plugin what is not said of it already.
func (r *reader) addDefaults(p *Plugin, defaults []Pair, place Place) {
	for _, pair := range defaults {
		key, _ := keyNamed(pair.Key.Text)
		given := p.pair(key.Name) != nil || key.Name == "deprecated" && p.Deprecated != ""
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
	case "name_from":
		r.nameFrom(p, pair)
	case "factory":
		r.setFactory(p, pair)
	case "should_load":
		p.ShouldLoad = r.reference(pair, "should_load", r.shouldLoadCall)
	case "load":
		p.Load = r.reference(pair, "load", r.loadCall)
	case "requires":
		p.Requires = r.plugins(pair)
	case "after":
		p.After = r.plugins(pair)
	case "before":
		p.Before = r.plugins(pair)
	case "aliases":
		p.Aliases = r.list(pair, rules.ValidName, "is not a name: "+legalName)
	case "priority":
		p.Priority = r.integer(pair)
	case "stability":
		p.Stability = r.stability(pair)
	case "deprecated":
		p.Deprecated = r.text(pair)
	case "deprecated_since":
		p.DeprecatedSince = r.text(pair)
	case "removal_in":
		p.RemovalIn = r.text(pair)
	case "doc":
		p.Doc = r.text(pair)
	case "type_args":
		p.TypeArgs = r.types(pair)
	default:
		p.Attrs = append(p.Attrs, Attr{key.Name, r.optional(pair)})
	}
}

// nameFrom checks how a directive refers to the constant that the plugin's name is taken
// from. Its value is known when the package is resolved.
func (r *reader) nameFrom(p *Plugin, pair Pair) {
	w, ok := r.one(pair)
	if !ok {
		return
	}
	if other := p.pair("name"); other != nil {
		r.errorf(BadValue, pair.span(), "the plugin has a name already: keep one of name and name_from").Related = []Related{{other.span(), "it is here"}}
		return
	}
	expr, err := parser.ParseExpr(w.Text)
	if err != nil || !isName(expr) {
		r.errorf(BadValue, w.Span, "%q is not the name of a constant: write one of this package, as in name_from=pluginName, or of an imported one, as in name_from=pkg.Name; "+
			"a name itself is written name=%s", w.Text, quoted(w.Text))
		return
	}
	id, ok := expr.(*ast.Ident)
	if !ok {
		if q := expr.(*ast.SelectorExpr).X.(*ast.Ident).Name; r.file.ImportPath(q) == "" {
			r.errorf(Unresolved, w.Span, "no import of this file is known to be %s", called(q))
		}
		return
	}
	switch d := r.declared(id.Name, r.file); {
	case d == nil && !r.file.hasDotImport():
		r.undeclared(w, w.Text, r.nearest(w.Text, func(d *decl) bool { return d.konst }))
	case d != nil && !d.konst:
		r.errorf(Role, w.Span, "%s is %s: name_from names a string constant", w.Text, d.what()).Related =
			[]Related{{identSpan(d.ident), "it is declared here"}}
	}
}

// quoted returns a value as a directive has it: as it is, or if need be as a Go string.
func quoted(value string) string {
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return unprintable(r) || strings.ContainsRune(" ,\"'`", r) }) {
		return strconv.Quote(value)
	}
	return value
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
