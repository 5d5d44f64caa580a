package annotate

import (
	"go/ast"
	"go/doc"
	"slices"
	"strings"
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

// A synopsis is the first sentence of a comment. It is kept, since a factory may have many
// directives, and so many plugins.
type synopsis struct {
	comment *ast.CommentGroup
	text    string
}

func (s *synopsis) of(comment *ast.CommentGroup) string {
	if s.comment != comment {
		s.comment, s.text = comment, new(doc.Package).Synopsis(comment.Text())
	}
	return s.text
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
		p.Doc = r.doc.of(comment)
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
