package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
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
		if p.Package == c.Pkg.Path() || p.Type == nil || k == nil {
			continue
		}
		at, own := c.place(p.Origin, k.Origin)
		for _, m := range unsatisfied(*p.Type, k.Type) {
			if own {
				p.unsatisfied = true
				c.reportContract(at, p.ID(), m.message(*p.Type, *k), c.contractRelated(*k, m.method))
				continue
			}
			related := c.related(p.Origin, "the plugin is declared here", c.contractRelated(*k, m.method))
			c.reportContract(at, p.ID()+", declared at "+p.At, m.message(*p.Type, *k), related)
		}
		p.Type = nil
	}
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
	s, ok := shapeOf(t)
	if !ok {
		return
	}
	k := c.facts.contract(p.Namespace)
	c.lifecycle(p, t, k)
	c.values(p, t)
	if k == nil {
		c.fact(p).Type = &s
		return
	}
	lacking := unsatisfied(s, k.Type)
	fix := c.stubs(t, *k, lacking)
	for _, m := range lacking {
		c.reportContract(p.Decl, p.ID(), m.message(s, *k), c.contractRelated(*k, m.method), fix)
		fix = nil // it adds all methods
	}
}

// fact returns the plugin among the facts.
func (c *checker) fact(p *annotate.Plugin) *Plugin {
	i := slices.IndexFunc(c.facts.Plugins, func(f Plugin) bool {
		return f.Package == c.Pkg.Path() && f.Symbol == p.Symbol && f.Namespace == p.Namespace && f.Name == p.Name
	})
	return &c.facts.Plugins[i]
}

// typeOf returns the type of what the manager gets, nil if that is not known.
func (c *checker) typeOf(p *annotate.Plugin) types.Type {
	if p.Kind == annotate.Spec {
		return nil
	}
	name := p.Symbol
	if p.Kind == annotate.Type && p.Factory != nil {
		name = p.Factory.Symbol
	}
	obj := c.Pkg.Scope().Lookup(name)
	if obj == nil {
		return nil
	}
	t := c.instance(obj.Type(), p)
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
		return nil // the compiler says so of the generated code
	}
	return inst
}

// A mismatch is one way in which a plugin falls short of its contract.
type mismatch struct {
	method string // of the contract, "" if it is a func type
	what   string
	have   string
	want   string
	absent bool // there is no method of that name, nor one nearly so
}

func (m mismatch) message(s shape, k Contract) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not satisfy %s, the contract of its namespace: %s", shown(s.Type), shown(k.Type.Type), m.what)
	if m.have != "" {
		fmt.Fprintf(&b, "\n\thave %s", m.have)
	}
	if m.want != "" {
		fmt.Fprintf(&b, "\n\twant %s", m.want)
	}
	return b.String()
}

// unsatisfied returns how a type falls short of a contract.
func unsatisfied(s, contract shape) []mismatch {
	switch {
	case contract.Func != "":
		return wrongFunc(s, contract)
	case s.Func != "" && len(s.Methods) == 0:
		return wrongAdapter(s, contract)
	}
	var all []mismatch
	for _, want := range contract.Methods {
		if m, ok := s.lacks(want); ok {
			all = append(all, m)
		}
	}
	return all
}

// lacks says how a type falls short of one method.
func (s shape) lacks(want Method) (mismatch, bool) {
	have := s.method(want.Name)
	m := mismatch{method: want.Name, want: want.String()}
	switch {
	case have == nil && s.Open:
		return m, false // the value in the interface may well have it
	case have == nil:
		m.what, m.absent = "it has no method "+want.name(), true
		if near := s.spelt(want.name()); near != nil {
			m.what, m.have, m.absent = fmt.Sprintf("method %s should be %s", near.name(), want.name()), near.String(), false
		}
	case have.Type != want.Type:
		m.what = "method " + want.name() + " is of another type"
		m.have, m.want = haveWant(*have, want)
	case have.Pointer:
		m.what = fmt.Sprintf("method %s has a pointer receiver, so only *%s has it: return a pointer", want.name(), shown(s.Type))
		m.want = ""
	default:
		return m, false
	}
	return m, true
}

// spelt returns a method that has the name but for upper and lower case.
func (s shape) spelt(name string) *Method {
	for i, m := range s.Methods {
		if strings.EqualFold(m.name(), name) {
			return &s.Methods[i]
		}
	}
	return nil
}

// wrongFunc says how a type falls short of a func type.
func wrongFunc(s, contract shape) []mismatch {
	want := shown(contract.Func)
	switch {
	case s.Func == contract.Func, s.Open:
		return nil
	case s.Func == "":
		return []mismatch{{what: "that is a func type", want: want}}
	}
	have := shown(s.Func)
	if have == want {
		have, want = shownFull(s.Func), shownFull(contract.Func)
	}
	return []mismatch{{what: "the function is of another type", have: have, want: want}}
}

// wrongAdapter says how a function falls short of an interface. One with a single
// method beside those of the lifecycle is implemented by calling the function.
func wrongAdapter(s, contract shape) []mismatch {
	var calls []Method
	for _, m := range contract.Methods {
		if !isLifecycle(m.Name) {
			calls = append(calls, m)
		}
	}
	switch {
	case len(calls) > 1:
		names := make([]string, len(calls))
		for i, m := range calls {
			names[i] = m.name()
		}
		return []mismatch{{method: calls[0].Name, what: fmt.Sprintf("a function can stand for one method, and the contract has %s", strings.Join(names, ", "))}}
	case len(calls) == 1 && calls[0].Type != s.Func:
		have, want := haveWant(Method{Name: calls[0].Name, Type: s.Func}, calls[0])
		return []mismatch{{method: calls[0].Name, what: "the function is not of the type of method " + calls[0].name(), have: have, want: want}}
	}
	return nil
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
	if c.own != nil && len(c.own.Hosts) > 0 {
		return c.own.Hosts[0].Directive
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
