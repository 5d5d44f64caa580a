package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// ownPlugins checks the package's plugins against the contracts of their
// namespaces.
func (c *checker) ownPlugins() {
	for _, p := range c.own.Plugins {
		if c.built(p.File) {
			c.ownPlugin(p)
		}
	}
}

// importedPlugins checks imported plugins that have not met their contract before.
func (c *checker) importedPlugins() {
	for i := range c.facts.Plugins {
		p := &c.facts.Plugins[i]
		k := c.facts.contract(p.Namespace)
		if p.Package == c.Pkg.Path() || p.Type == nil || p.Met || k == nil {
			continue
		}
		if lacking := p.lacks(*p.Type, *k); len(lacking) > 0 {
			at, own := c.place(p.Origin, k.Origin)
			plugin, related := p.ID(), c.contractRelated(*k, lacking[0].Method)
			if !own {
				plugin += ", declared at " + p.At
				related = c.related(p.Origin, "the plugin is declared here", related)
			}
			c.reportContract(at, plugin, typedesc.Message(lacking, *p.Type, k.Type), related)
		}
		p.meets()
	}
}

// lacks returns how the plugin, which is of type s, falls short of its contract by a
// fault of its own.
func (p *Plugin) lacks(s typedesc.Type, k Contract) []typedesc.Mismatch {
	lacking := typedesc.Mismatches(s, k.Type)
	p.unsatisfied = len(lacking) > 0
	return slices.DeleteFunc(lacking, func(m typedesc.Mismatch) bool { return slices.Contains(k.Wrong, m.Method) })
}

// meets records that the plugin has been compared with its contract.
func (p *Plugin) meets() {
	p.Met = true
	p.Type = &typedesc.Type{Name: p.Type.Name, Open: p.Type.Open}
	p.Makes = nil
}

func (c *checker) reportContract(at annotate.Span, plugin, message string, related []analysis.RelatedInformation, fixes ...*analysis.SuggestedFix) {
	if !at.Pos.IsValid() {
		return
	}
	d := problem(BadContract, at, "plugin "+plugin+": "+message)
	d.Related = related
	for _, fix := range fixes {
		if fix != nil {
			d.SuggestedFixes = append(d.SuggestedFixes, *fix)
		}
	}
	c.Report(d)
}

// ownPlugin checks a plugin that the package declares.
func (c *checker) ownPlugin(p *annotate.Plugin) {
	t := c.typeOf(p)
	if t == nil {
		return
	}
	s, ok := typedesc.Of(t)
	if !ok || typedesc.IsFunctionPlugin(s) {
		return
	}
	k := c.facts.contract(p.Namespace)
	c.lifecycle(p, t, k)
	c.values(p, t)
	f := c.fact(p)
	f.Type = &s
	f.Makes, f.asFactory = couldMake(p, t)
	if k == nil {
		return
	}
	// A factory may make several plugins, which all fall short in the same way.
	if c.proved(*k) && p.Kind != annotate.Spec && s.Name != "any" {
		s.Open = false // no conversion to the contract compiles
	}
	if lacking := f.lacks(s, *k); len(lacking) > 0 && !c.said[p.Decl.Pos] {
		c.said[p.Decl.Pos] = true
		if f.Makes != nil && f.Makes.Satisfies(k.Type) {
			c.reportContract(p.Decl, p.ID(), fmt.Sprintf("%s has type %s, and its result satisfies %s, the contract of its namespace; to use its result as the plugin, add factory",
				p.Symbol, typedesc.Short(s.Name), typedesc.Short(k.Type.Name)), c.contractRelated(*k, ""), asFactory(f.asFactory))
			f.meets()
			return
		}
		c.reportContract(p.Decl, p.ID(), typedesc.Message(lacking, s, k.Type), c.contractRelated(*k, lacking[0].Method))
	}
	f.meets()
}

// proved reports whether the package's generated code converts its plugins to a
// contract, for the compiler to prove.
func (c *checker) proved(k Contract) bool {
	return k.Package == c.Pkg.Path() || token.IsExported(k.Symbol) &&
		slices.ContainsFunc(c.Pkg.Imports(), func(p *types.Package) bool { return p.Path() == k.Package })
}

// fact returns the plugin among the facts.
func (c *checker) fact(p *annotate.Plugin) *Plugin {
	wanted := Plugin{Namespace: p.Namespace, Name: p.Name, Origin: Origin{Package: c.Pkg.Path(), Symbol: p.Symbol}}
	i, _ := slices.BinarySearchFunc(c.facts.Plugins, wanted, Plugin.compareID)
	return &c.facts.Plugins[i]
}

// typeOf returns the type of what the manager gets, nil if that is not known.
func (c *checker) typeOf(p *annotate.Plugin) types.Type {
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
func (c *checker) maker(p *annotate.Plugin) types.Object {
	name := p.Symbol
	if p.Kind == annotate.Type && p.Factory != nil {
		name = p.Factory.Symbol
	}
	return c.Pkg.Scope().Lookup(name)
}

// made returns the type of what the manager gets of a plugin whose declaration, or factory, is
// of a type. It returns nil if that is not known.
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
func (c *checker) instance(t types.Type, p *annotate.Plugin) types.Type {
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
		c.Report(problem(annotate.Role, p.Span("type_args"), fmt.Sprintf("plugin %s: %s can't have these type arguments: %s", p.ID(), p.Symbol, err)))
		return nil
	}
	return inst
}

// contractRelated returns where the contract's method is declared.
func (c *checker) contractRelated(k Contract, method string) []analysis.RelatedInformation {
	obj := c.object(k.Package, k.Symbol)
	if obj == nil {
		return c.related(k.Origin, "the contract is declared here", nil)
	}
	if iface, ok := obj.Type().Underlying().(*types.Interface); ok && method != "" {
		for m := range iface.Methods() {
			if m.Id() == method && m.Pos().IsValid() {
				return []analysis.RelatedInformation{{Pos: m.Pos(), Message: "the contract's method is declared here"}}
			}
		}
	}
	return c.related(k.Origin, "the contract is declared here", nil)
}

// related returns where a symbol is declared, if the driver knows, followed by more.
func (c *checker) related(s Origin, message string, more []analysis.RelatedInformation) []analysis.RelatedInformation {
	if s.span.Pos.IsValid() {
		return append([]analysis.RelatedInformation{{Pos: s.span.Pos, End: s.span.End, Message: message}}, more...)
	}
	if obj := c.object(s.Package, s.Symbol); obj != nil && obj.Pos().IsValid() {
		return append([]analysis.RelatedInformation{{Pos: obj.Pos(), Message: message}}, more...)
	}
	return more
}

// importOf returns the place to report what is wrong between packages that meet
// here: the directive that links them, an import of one, or the package clause.
func (c *checker) importOf(paths ...string) annotate.Span {
	for _, h := range c.facts.Hosts {
		if h.Package == c.Pkg.Path() && h.span.Pos.IsValid() {
			return h.span
		}
	}
	for _, path := range paths {
		for _, f := range c.Files {
			if ast.IsGenerated(f) {
				continue
			}
			for _, imp := range f.Imports {
				if imp.Path.Value == `"`+path+`"` {
					return span(imp)
				}
			}
		}
	}
	for _, f := range c.Files {
		if !ast.IsGenerated(f) {
			return span(f.Name)
		}
	}
	return span(c.Files[0].Name)
}
