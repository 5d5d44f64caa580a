package gen

import (
	"go/token"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/render"
)

// proof returns what the host's file has to prove of a plugin whose own package
// does not know the contract: that it satisfies it, if the host's hand-written code knows
// the contract. It returns nil if there is nothing to prove, or it can't be said here.
func (t *tree) proof(p *pkg, h *annotate.Host, l *linkable) *render.Proof {
	if l.Proved || l.path == p.Path || l.Kind == annotate.Spec {
		return nil
	}
	c := t.contractFor(p, l.Namespace, h.File.Constraint.And(l.build))
	if c == nil {
		return nil
	}
	if c.concrete && l.decl != nil {
		if why := notConcrete(l.decl, l.path, c); why != "" {
			p.errorf(annotate.Role, h.Directive, "plugin %s (%s) can't be linked: %s; leave it out with exclude=", l.id(), l.place(), why)
			return nil
		}
	}
	if l.Kind == annotate.Func && c.form != nil {
		if len(c.form.Methods) > 0 {
			p.errorf(annotate.Linking, h.Directive, "plugin %s is the function %s, which is not wrapped to satisfy the contract %s, since its package does not import that of the contract: "+
				"import it there (as _, if for nothing else), or leave the plugin out with exclude=", l.id(), l.place(), c)
		}
		return nil
	}
	if l.decl == nil && (!l.Plain || !token.IsExported(l.Symbol)) {
		return nil
	}
	contract, err := c.ref()
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "the contract %s can't be named: %v", c, err)
		return nil
	}
	plugin, err := code.ParseRef(l.path, l.pkg, l.Symbol)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return nil
	}
	proof := &render.Proof{Contract: contract, Plugin: plugin, Kind: l.Kind}
	if x := l.decl; x != nil {
		if len(x.TypeArgs) > 0 || x.Factory.ReturnsAny() || x.Factory != nil && !token.IsExported(x.Factory.Symbol) || x.Factory == nil && !token.IsExported(x.Symbol) {
			return nil
		}
		proof.Address, proof.Factory = x.Address, call(p, h.Directive, x.Factory)
	}
	return proof
}
