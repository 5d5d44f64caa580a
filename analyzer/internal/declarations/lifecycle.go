package declarations

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// lifecycle reports methods that a manager would not call although their names are those of
// lifecycle methods, or misspellings of them. It skips methods of the contract.
func (c *declarations) lifecycle(p *annotate.Plugin, t types.Type, k *facts.Contract) {
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
		if c.reported[at.Pos] || k != nil && k.Type.Method(m.Id()) != nil {
			continue
		}
		d, wrong := c.ignored(p, k, set, sel, at)
		if wrong {
			c.reported[at.Pos] = true
			c.Report(d)
		}
	}
}

// ignored returns a diagnostic if the manager would not call a method that looks like one of
// the lifecycle, and whether there is one.
func (c *declarations) ignored(p *annotate.Plugin, k *facts.Contract, set *types.MethodSet,
	sel *types.Selection, at annotate.Span,
) (analysis.Diagnostic, bool) {
	m, sig := sel.Obj(), sel.Type().(*types.Signature)
	if rules.IsLifecycle(m.Name()) {
		want := wrongLifecycle(m.Name(), sig)
		have := typedesc.MethodOf(m.Name(), sig)
		return target.Problem(annotate.Lifecycle, at, fmt.Sprintf("plugin %s: a manager calls a method %s, "+
			"but this one has another signature\n\thave %s\n\twant %s", p.ID(), m.Name(), have, want)), want != ""
	}
	meant := rules.MisspeltLifecycle(m.Name())
	if meant == "" && c.configured[p] != nil {
		meant = rules.MisspeltReload(m.Name())
	}
	if meant == "" || k != nil && k.Type.Method(meant) != nil || typedesc.HasMethod(set, meant) ||
		m.Pkg() != c.Pkg || wrongLifecycle(meant, sig) != "" || c.objects().used[m] {
		return analysis.Diagnostic{}, false
	}
	d := target.Problem(annotate.Lifecycle, at, fmt.Sprintf("plugin %s: a manager does not call a method %s%s",
		p.ID(), m.Name(), rules.DidYouMean(meant)))
	d.SuggestedFixes = []analysis.SuggestedFix{{
		Message:   "call it " + meant,
		TextEdits: []analysis.TextEdit{{Pos: at.Pos, End: at.End, NewText: []byte(meant)}},
	}}
	return d, true
}

// wrongLifecycle returns the signature that a method should have, "" if it has it.
func wrongLifecycle(name string, sig *types.Signature) string {
	if rules.MethodOf(name, rules.SignatureOf(sig)) != nil {
		return ""
	}
	return rules.Signatures(name)
}

// contractLifecycle reports methods of a contract that have the name of a lifecycle method but
// another signature: a plugin can't have both methods. It returns their names.
func (c *declarations) contractLifecycle(k *annotate.Contract, iface *types.Interface) (wrong []string) {
	for m := range iface.Methods() {
		want := ""
		if rules.IsLifecycle(m.Name()) {
			want = wrongLifecycle(m.Name(), m.Signature())
		}
		if want == "" {
			continue
		}
		at := k.Decl
		if m.Pkg() == c.Pkg {
			at = annotate.Span{Pos: m.Pos(), End: m.Pos() + token.Pos(len(m.Name()))}
		}
		have := typedesc.MethodOf(m.Name(), m.Signature())
		c.Report(target.Problem(annotate.Lifecycle, at, fmt.Sprintf("the contract of %s asks for a %s that a "+
			"manager can't call\n\thave %s\n\twant %s", k.Namespace, m.Name(), have, want)))
		wrong = append(wrong, m.Name())
	}
	return wrong
}
