package gen

import (
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/render"
)

// spec returns what is to be written of a plugin, and reports what can't be.
func (t *tree) spec(p *pkg, x *annotate.Plugin) render.Spec {
	s := render.Spec{
		Identifier: genfile.Identifier(x.Namespace, x.Name), Namespace: x.Namespace, Name: x.Name,
		Kind: x.Kind.String(), Symbol: x.Symbol, Address: x.Address,
		Factory: call(x.Factory), ShouldLoad: call(x.ShouldLoad),
		Requires: x.Requires, Aliases: x.Aliases, Priority: x.Priority, Deprecated: x.Deprecated, Doc: x.Doc,
	}
	for _, a := range x.Attrs {
		s.Attrs = append(s.Attrs, render.Attr(a))
	}
	if x.Load != nil {
		s.Load = x.Load.Symbol
	}
	w := newTypeWriter(p, x.File)
	s.TypeArgs, _ = w.texts(x.TypeArgs) // annotate has seen to it that they are known
	c := t.contractFor(p, x.Namespace, x.File.Constraint)
	if c != nil && x.Kind != annotate.Spec && !returnsAny(x.Factory) {
		s.Contract = &render.Ref{Path: c.path, Package: c.pkg, Name: c.Symbol}
	}
	switch x.Kind {
	case annotate.Type:
		t.checkLifecycle(p, x, c)
		s.Method, s.Methods = methods(p, x, c)
	case annotate.Func:
		if c != nil {
			s.Adapter = t.adapter(p, x, c)
			s.Interface = c.form != nil
		}
		if s.Adapter != nil {
			t.signature(p, x, s.Adapter, w, s.TypeArgs)
		}
	}
	s.Imports = w.imports
	return s
}

func call(c *annotate.Call) *render.Call {
	if c == nil {
		return nil
	}
	arg := [...]render.Arg{annotate.NoArg: render.NoArg, annotate.NameArg: render.NameArg, annotate.SpecArg: render.SpecArg}[c.Arg]
	return &render.Call{Symbol: c.Symbol, Arg: arg, Error: c.Error, Value: c.Value}
}
