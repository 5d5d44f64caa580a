package analyzer

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
)

// The methods of a plugin that a manager calls.
func isLifecycle(name string) bool {
	return name == "Load" || name == "ShouldLoad" || name == "Close"
}

// lifecycle reports methods that have the name of one that a manager calls, or
// nearly so, but that the manager would pass over. What the contract asks for is left to
// the contract.
func (c *checker) lifecycle(p *annotate.Plugin, t types.Type, k *Contract) {
	if types.IsInterface(t) {
		return
	}
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		m := sel.Obj()
		at := p.Decl
		if m.Pkg() == c.Pkg {
			at = annotate.Span{Pos: m.Pos(), End: m.Pos() + token.Pos(len(m.Name()))}
		}
		if c.said[at.Pos] || k != nil && k.Type.method(m.Id()) != nil {
			continue
		}
		d, wrong := c.passedOver(p, k, set, sel, at)
		if wrong {
			c.said[at.Pos] = true
			c.Report(d)
		}
	}
}

// passedOver says of a method why the manager would not call it.
func (c *checker) passedOver(p *annotate.Plugin, k *Contract, set *types.MethodSet, sel *types.Selection, at annotate.Span) (analysis.Diagnostic, bool) {
	m, sig := sel.Obj(), sel.Type().(*types.Signature)
	if isLifecycle(m.Name()) {
		want := wrongLifecycle(m.Name(), sig)
		w := writer{}
		have := Method{Name: m.Name(), Type: w.typ(sig)}
		return problem(Lifecycle, at, fmt.Sprintf("plugin %s: a manager calls a method %s, but this one has another signature\n\thave %s\n\twant %s", p.ID(), m.Name(), have, want)), want != ""
	}
	meant := misspelt(m.Name())
	if meant == "" || k != nil && k.Type.method(meant) != nil || has(set, meant) || m.Pkg() != c.Pkg || wrongLifecycle(meant, sig) != "" || c.refersTo(m) {
		return analysis.Diagnostic{}, false
	}
	d := problem(Lifecycle, at, fmt.Sprintf("plugin %s: a manager does not call a method %s (did you mean %q?)", p.ID(), m.Name(), meant))
	d.SuggestedFixes = []analysis.SuggestedFix{{
		Message:   "call it " + meant,
		TextEdits: []analysis.TextEdit{{Pos: at.Pos, End: at.End, NewText: []byte(meant)}},
	}}
	return d, true
}

// misspelt returns the method of the lifecycle that a name is a slip of, "" if it is
// none: one edit away, whatever the case of the letters.
func misspelt(name string) string {
	word := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for _, meant := range []string{"Load", "ShouldLoad", "Close"} {
		if annotate.Distance(word, strings.ToLower(meant)) <= 1 && word != "clone" && word != "closed" && word != "loads" {
			return meant
		}
	}
	return ""
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
// manager calls, but not its signature: no plugin could have both. It returns their names.
func (c *checker) contractLifecycle(k *annotate.Contract, iface *types.Interface) (wrong []string) {
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
		wrong = append(wrong, m.Name())
	}
	return wrong
}
