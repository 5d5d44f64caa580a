package analyzer

import (
	"fmt"
	"go/token"
	"go/types"

	"github.com/plugingen/plugingen/annotate"
)

// The methods of a plugin that a manager calls.
func isLifecycle(name string) bool {
	return name == "Load" || name == "ShouldLoad" || name == "Close"
}

// lifecycle reports methods that have the name of one that a manager calls, but
// not its signature: the manager would pass them over. What the contract asks for
// is left to the contract.
func (c *checker) lifecycle(p *annotate.Plugin, t types.Type, k *Contract) {
	if types.IsInterface(t) {
		return
	}
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		name := sel.Obj().Name()
		if !isLifecycle(name) || k != nil && k.Type.method(name) != nil {
			continue
		}
		want := wrongLifecycle(name, sel.Type().(*types.Signature))
		if want == "" {
			continue
		}
		w := writer{}
		have := Method{Name: name, Type: w.typ(sel.Type())}
		at := p.Decl
		if pos := sel.Obj().Pos(); sel.Obj().Pkg() == c.Pkg {
			at = annotate.Span{Pos: pos, End: pos + token.Pos(len(name))}
		}
		c.Report(problem(Lifecycle, at, fmt.Sprintf("plugin %s: a manager calls a method %s, but this one has another signature\n\thave %s\n\twant %s", p.ID(), name, have, want)))
	}
}

// wrongLifecycle returns the signature that a method should have, "" if it has it.
func wrongLifecycle(name string, sig *types.Signature) string {
	params, results := sig.Params(), sig.Results()
	takesContext := params.Len() > 0 && isContext(params.At(0).Type())
	returnsError := results.Len() == 1 && types.Identical(results.At(0).Type(), types.Universe.Lookup("error").Type())
	switch {
	case sig.Variadic():
	case name == "ShouldLoad":
		if params.Len() == 0 && results.Len() == 1 && types.Identical(results.At(0).Type(), types.Typ[types.Bool]) {
			return ""
		}
	case name == "Close":
		if returnsError && (params.Len() == 0 || params.Len() == 1 && takesContext) {
			return ""
		}
	case name == "Load":
		if returnsError && takesContext && params.Len() <= 2 {
			return ""
		}
	}
	return map[string]string{
		"ShouldLoad": "ShouldLoad() bool",
		"Close":      "Close(context.Context) error, or Close() error",
		"Load":       "Load(context.Context) error, or Load(context.Context, A) error with an argument of the manager's",
	}[name]
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

// contractLifecycle reports methods of a contract that have the name of one that a
// manager calls, but not its signature: no plugin could have both.
func (c *checker) contractLifecycle(k *annotate.Contract, iface *types.Interface) {
	for m := range iface.Methods() {
		want := ""
		if isLifecycle(m.Name()) {
			want = wrongLifecycle(m.Name(), m.Signature())
		}
		if want == "" {
			continue
		}
		at := k.Decl
		if m.Pkg() == c.Pkg {
			at = annotate.Span{Pos: m.Pos(), End: m.Pos() + token.Pos(len(m.Name()))}
		}
		w := writer{}
		have := Method{Name: m.Name(), Type: w.typ(m.Signature())}
		c.Report(problem(Lifecycle, at, fmt.Sprintf("the contract of %s asks for a %s that a manager can't call\n\thave %s\n\twant %s", k.Namespace, m.Name(), have, want)))
	}
}
