package analyzer

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// couldMake returns what a function plugin would make if its directive had the key factory,
// and the fix that adds the key. It returns nil if the function can't be a factory.
func couldMake(p *annotate.Plugin, t types.Type) (*typedesc.Type, *annotate.Fix) {
	sig, ok := t.(*types.Signature)
	if !ok || p.Kind != annotate.Func || sig.TypeParams().Len() > 0 || sig.Variadic() || sig.Params().Len() > 1 {
		return nil, nil
	}
	for param := range sig.Params().Variables() {
		if ptr, ok := param.Type().(*types.Pointer); !types.Identical(param.Type(), types.Typ[types.String]) && (!ok || !typedesc.IsSpec(ptr.Elem())) {
			return nil, nil
		}
	}
	results := sig.Results()
	if results.Len() == 0 || results.Len() > 2 || typedesc.IsError(results.At(0).Type()) || results.Len() == 2 && !typedesc.IsError(results.At(1).Type()) {
		return nil, nil
	}
	made, known := typedesc.Of(results.At(0).Type())
	if !known || made.Name == "any" {
		return nil, nil
	}
	return &made, p.FactoryFix()
}

// asFactory returns a fix as the framework has it, or nil if there is none.
func asFactory(fix *annotate.Fix) *analysis.SuggestedFix {
	if fix == nil {
		return nil
	}
	return &converted(annotate.Diagnostic{Fix: fix}).SuggestedFixes[0]
}

// askedResult reports a plugin that is a function, if no manager can be of its type and what a
// use asks for is the function's result. It reports whether that is so.
func (c *checker) askedResult(u Use, p Plugin) bool {
	if p.Makes == nil || p.Met || typedesc.IsFunctionPlugin(*u.As) || p.Type.Satisfies(*u.As) || !p.Makes.Satisfies(*u.As) {
		return false
	}
	if reported := c.inventory().factories; reported[p.ID()] {
		return true
	}
	c.inventory().factories[p.ID()] = true
	at, own := c.place(p.Origin, p.Origin)
	plugin := p.ID()
	if !own {
		plugin += ", declared at " + p.At
	}
	if !at.Pos.IsValid() {
		return true
	}
	d := problem(annotate.Role, at, fmt.Sprintf("plugin %s: %s has type %s, and a manager asks for %s, which is its result; to use its result as the plugin, add factory",
		plugin, p.Symbol, typedesc.Short(p.Type.Name), typedesc.Short(u.As.Name)))
	if u.span.Pos.IsValid() {
		d.Related = []analysis.RelatedInformation{{Pos: u.span.Pos, End: u.span.End, Message: "a manager asks for it here"}}
	}
	if fix := asFactory(p.asFactory); own && fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*fix}
	}
	c.Report(d)
	return true
}
