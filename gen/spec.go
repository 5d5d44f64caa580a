package gen

import (
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
)

// spec returns what is to be written of a plugin, and reports what can't be.
func (t *tree) spec(p *pkg, x *annotate.Plugin) render.Spec {
	s := render.Spec{
		Identifier: p.ident(x.Directive, genfile.Identifier(x.Namespace, x.Name)), Namespace: x.Namespace, Name: x.Name,
		Kind: x.Kind, Symbol: p.ident(x.Decl, x.Symbol), Address: x.Address,
		Factory: call(p, x.Directive, x.Factory), ShouldLoad: call(p, x.Directive, x.ShouldLoad),
		Requires: x.Requires, After: x.After, Before: x.Before, Aliases: x.Aliases, Priority: x.Priority,
		Stability: x.Stability, Deprecated: x.Deprecated, DeprecatedSince: x.DeprecatedSince, RemovalIn: x.RemovalIn, Doc: x.Doc,
	}
	for _, a := range x.Attrs {
		s.Attrs = append(s.Attrs, render.Attr(a))
	}
	if x.Load != nil {
		s.Load = p.ident(x.Directive, x.Load.Symbol)
	}
	w := newTypeWriter(p, x.File)
	s.TypeArgs, _ = w.types(x.TypeArgs) // annotate has seen to it that they are known
	c := t.contractFor(p, x.Namespace, x.File.Constraint)
	if c != nil && x.Kind != annotate.Spec && !x.Factory.ReturnsAny() {
		contract, err := c.ref()
		if err != nil {
			p.errorf(annotate.Linking, x.Directive, "the contract %s can't be named: %v", c, err)
		}
		s.Contract = &contract
	}
	forgotten := c != nil && forgottenFactory(p, x, c)
	if c != nil && c.concrete && !forgotten {
		checkConcrete(p, x, c)
	}
	switch x.Kind {
	case annotate.Type:
		t.checkLifecycle(p, x, c)
		var place string
		if place, s.Methods = methods(p, x, c); place != "" {
			s.Method = p.ident(x.Decl, place)
		}
	case annotate.Func:
		if c != nil && !forgotten {
			s.Adapter = t.adapter(p, x, c)
			s.Interface = c.form != nil
		}
		if s.Adapter != nil {
			t.signature(p, x, s.Adapter, w, s.TypeArgs)
		}
	}
	return s
}

// ident returns a name of the package. Names come from its syntax, so that each is an
// identifier; one that is not is reported at the span.
func (p *pkg) ident(span annotate.Span, name string) code.Ident {
	id, err := code.ParseIdent(name)
	if err != nil {
		p.errorf(annotate.Unresolved, span, "%v", err)
	}
	return id
}

func call(p *pkg, span annotate.Span, c *annotate.Call) *render.Call {
	if c == nil {
		return nil
	}
	arg := [...]render.Arg{annotate.NoArg: render.NoArg, annotate.NameArg: render.NameArg, annotate.SpecArg: render.SpecArg}[c.Arg]
	return &render.Call{Symbol: p.ident(span, c.Symbol), Arg: arg, Error: c.Error, Value: c.Value}
}
