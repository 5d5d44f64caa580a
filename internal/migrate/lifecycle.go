package migrate

import (
	"go/types"

	"github.com/plugingen/plugingen/internal/rules"
)

// A manager calls methods Load, ShouldLoad and Close of plugins, if they have the signatures
// for that. Others of these names are errors of a plugin, so values that have some can't be
// plugins themselves: functions that make them can.

// isManaged reports whether a manager can have values of a type as plugins.
func isManaged(t types.Type) bool {
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		sig, name := sel.Type().(*types.Signature), sel.Obj().Name()
		if rules.IsLifecycle(name) && !isLifecycle(name, sig) {
			return false
		}
		if rules.MisspeltLifecycle(name) != "" && isLifecycle(rules.MisspeltLifecycle(name), sig) {
			return false
		}
	}
	return true
}

// isLifecycle reports whether a manager calls a method of a name and a signature.
func isLifecycle(name string, sig *types.Signature) bool {
	return rules.MethodOf(name, rules.SignatureOf(sig)) != nil
}
