package declarations

import (
	"fmt"
	"go/types"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// ownPlugins checks the package's plugins against the contracts of their
// namespaces.
func (c *declarations) ownPlugins() {
	for _, p := range c.Own.Plugins {
		if c.IsBuilt(p.File) {
			c.ownPlugin(p)
		}
	}
}

// ownPlugin checks a plugin that the package declares.
func (c *declarations) ownPlugin(p *annotate.Plugin) {
	t := c.typeOf(p)
	if t == nil {
		return
	}
	s, ok := typedesc.Of(t)
	if !ok || typedesc.IsFunctionPlugin(s) {
		return
	}
	k := c.Facts.Contract(p.Namespace)
	c.lifecycle(p, t, k)
	c.values(p, t)
	f := c.Fact(p)
	f.Type = &s
	f.SetResult(couldMake(p, t))
	if k == nil {
		return
	}
	// A factory may make several plugins, which all have the same diagnostic.
	if c.NamesContract(*k, p.File.Constraint) && p.Kind != annotate.Spec && s.Name != "any" {
		s.Open = false // no conversion to the contract compiles
	}
	if lacking := f.Mismatches(s, *k); len(lacking) > 0 && !c.reported[p.Decl.Pos] {
		c.reported[p.Decl.Pos] = true
		if f.Result != nil && f.Result.Satisfies(k.Type) {
			message := fmt.Sprintf("%s has type %s, and its result satisfies %s, the contract of its namespace; %s",
				p.Symbol, typedesc.Short(s.Name), typedesc.Short(k.Type.Name), rules.AddFactory)
			c.ReportContract(p.Decl, p.ID(), message, c.RelatedContract(*k, ""), target.Fix(f.FactoryFix()))
			f.SetChecked()
			return
		}
		c.ReportContract(p.Decl, p.ID(), typedesc.Message(lacking, s, k.Type), c.RelatedContract(*k, lacking[0].Method))
	}
	f.SetChecked()
}

// typeOf returns the type of the plugin that the manager gets, or nil if it is unknown.
func (c *declarations) typeOf(p *annotate.Plugin) types.Type {
	if p.Kind == annotate.Spec {
		return c.madeBySpec(p)
	}
	obj := c.maker(p)
	if obj == nil {
		return nil
	}
	return made(p, c.instance(obj.Type(), p))
}

// maker returns the declaration of the plugin or of its factory, or nil if there is none.
func (c *declarations) maker(p *annotate.Plugin) types.Object {
	name := p.Symbol
	if p.Kind == annotate.Type && p.Factory != nil {
		name = p.Factory.Symbol
	}
	return c.Pkg.Scope().Lookup(name)
}

// made returns the type of the plugin that the manager gets, given the type of its declaration
// or factory. It returns nil if that is unknown.
func made(p *annotate.Plugin, t types.Type) types.Type {
	switch {
	case t == nil:
		return nil
	case p.Factory != nil:
		sig, ok := t.(*types.Signature)
		if !ok || sig.TypeParams().Len() > 0 || sig.Results().Len() == 0 {
			return nil
		}
		return sig.Results().At(0).Type()
	case p.Kind == annotate.Type, p.Kind == annotate.Var && p.Address:
		return types.NewPointer(t)
	}
	return t
}

// instance gives a generic type or function its type arguments.
func (c *declarations) instance(t types.Type, p *annotate.Plugin) types.Type {
	var args []types.Type
	for _, e := range p.TypeArgs {
		tv, err := types.Eval(c.Fset, c.Pkg, p.Decl.Pos, types.ExprString(e))
		if err != nil || !tv.IsType() {
			return nil
		}
		args = append(args, tv.Type)
	}
	if len(args) == 0 {
		return t
	}
	inst, err := types.Instantiate(nil, t, args, true)
	if err != nil {
		c.Report(target.Problem(annotate.Role, p.Span("type_args"),
			fmt.Sprintf("plugin %s: %s can't have these type arguments: %s", p.ID(), p.Symbol, err)))
		return nil
	}
	return inst
}

// couldMake returns what a function plugin would make if its directive had the key factory,
// and the fix that adds the key. It returns nil if the function can't be a factory.
func couldMake(p *annotate.Plugin, t types.Type) (*typedesc.Type, *annotate.Fix) {
	sig, ok := t.(*types.Signature)
	if !ok || p.Kind != annotate.Func || sig.TypeParams().Len() > 0 || sig.Params().Len() > 1 {
		return nil, nil
	}
	for param := range sig.Params().Variables() {
		if ptr, ok := param.Type().(*types.Pointer); !types.Identical(param.Type(),
			types.Typ[types.String]) && (!ok || !typedesc.IsSpec(ptr.Elem())) {
			return nil, nil
		}
	}
	results := sig.Results()
	if results.Len() == 0 || results.Len() > 2 || rules.IsError(results.At(0).Type()) ||
		results.Len() == 2 && !rules.IsError(results.At(1).Type()) {
		return nil, nil
	}
	made, known := typedesc.Of(results.At(0).Type())
	if !known || made.Name == "any" {
		return nil, nil
	}
	return &made, p.FactoryFix()
}
