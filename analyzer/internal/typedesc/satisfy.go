package typedesc

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Mismatch is one reason why a type does not satisfy a contract.
type Mismatch struct {
	Method  string // the ID of the contract's method, or "" if it has none
	Problem string
	Have    string
	Want    string
}

// Message describes mismatches of a plugin's type and its contract.
func Message(mismatches []Mismatch, t, contract Type) string {
	var problems []string
	lines := ""
	for _, m := range mismatches {
		problems = append(problems, m.Problem)
		if m.Have != "" {
			lines += "\n\thave " + m.Have
		}
		if m.Want != "" {
			lines += "\n\twant " + m.Want
		}
	}
	return fmt.Sprintf("%s does not satisfy %s, the contract of its namespace: %s%s",
		Short(t.Name), Short(contract.Name), strings.Join(problems, "; "), lines)
}

// Mismatches returns the reasons why a type does not satisfy a contract, or nil
// if it does or might.
func Mismatches(t, contract Type) []Mismatch {
	switch {
	case IsConcrete(contract):
		return typeMismatch(t, contract)
	case contract.Func != "":
		return funcMismatch(t, contract)
	case t.Func != "" && len(t.Methods) == 0:
		return adapterMismatch(t, contract)
	}
	var all []Mismatch
	for _, want := range contract.Methods {
		if m, ok := t.mismatch(want); ok {
			all = append(all, m)
		}
	}
	return all
}

// mismatch returns the reason why a type lacks a method of a contract. It reports
// false if the type has the method, or might.
func (t Type) mismatch(want Method) (Mismatch, bool) {
	have := t.Method(want.ID)
	m := Mismatch{Method: want.ID, Want: want.String()}
	switch {
	case have == nil && t.Open:
		return m, false // the value in the interface may have it
	case have == nil:
		m.Problem = "it has no method " + want.Name()
		switch near := t.methodFold(want.Name()); {
		case near == nil:
		case near.Name() == want.Name():
			m.Problem = fmt.Sprintf("its method %s is not the contract's, which only the contract's package "+
				"can declare: "+
				"embed a type of that package, or export the method", want.Name())
		default:
			m.Problem, m.Have = fmt.Sprintf("method %s should be %s", near.Name(), want.Name()), near.String()
		}
	case have.Signature != want.Signature:
		m.Problem = "method " + want.Name() + " has another signature"
		m.Have, m.Want = distinct(*have, want)
	case have.Pointer:
		m.Problem = fmt.Sprintf("method %s has a pointer receiver, so only *%s has it: return a pointer",
			want.Name(), Short(t.Name))
		m.Want = ""
	default:
		return m, false
	}
	return m, true
}

// methodFold returns the method with the name under case-folding, or nil if there
// is none.
func (t Type) methodFold(name string) *Method {
	for i, m := range t.Methods {
		if strings.EqualFold(m.Name(), name) {
			return &t.Methods[i]
		}
	}
	return nil
}

// typeMismatch compares a type with a contract that is a struct or a pointer: only
// that type satisfies it.
func typeMismatch(t, contract Type) []Mismatch {
	if t.Open || t.Name == contract.Name {
		return nil
	}
	have, want := Short(t.Name), Short(contract.Name)
	if have == want {
		have, want = long(t.Name), long(contract.Name)
	}
	return []Mismatch{{Problem: "plugins must have exactly that type", Have: have, Want: want}}
}

// funcMismatch compares a type with a contract that is a func type.
func funcMismatch(t, contract Type) []Mismatch {
	want := Short(contract.Func)
	switch {
	case t.Func == contract.Func, t.Open:
		return nil
	case t.Func == "":
		return []Mismatch{{Problem: "the contract is a func type", Want: want}}
	}
	have := Short(t.Func)
	if have == want {
		have, want = long(t.Func), long(contract.Func)
	}
	return []Mismatch{{Problem: "the function has another signature", Have: have, Want: want}}
}

// adapterMismatch compares a function with a contract that is an interface. An
// interface with one method, lifecycle methods aside, is implemented by calling the
// function.
func adapterMismatch(t, contract Type) []Mismatch {
	var calls []Method
	for _, m := range contract.Methods {
		if !rules.IsLifecycle(m.ID) {
			calls = append(calls, m)
		}
	}
	switch {
	case len(calls) > 1:
		names := make([]string, len(calls))
		for i, m := range calls {
			names[i] = m.Name()
		}
		return []Mismatch{{Method: calls[0].ID, Problem: fmt.Sprintf(
			"a function can implement one method, and the contract has %s", strings.Join(names, ", "))}}
	case len(calls) == 1 && calls[0].Signature != t.Func:
		have, want := distinct(Method{ID: calls[0].ID, Signature: t.Func}, calls[0])
		return []Mismatch{{Method: calls[0].ID, Problem: "the function's signature is not that of method " +
			calls[0].Name(), Have: have, Want: want}}
	}
	return nil
}

// Satisfies reports whether a value of the type certainly satisfies a contract, or
// the type of a manager.
func (t Type) Satisfies(contract Type) bool {
	t.Open = false
	return len(Mismatches(t, contract)) == 0
}

// ManagerMismatch returns the reason why a manager of type p can't load plugins
// that satisfy the contract, or "" if it can or might.
func ManagerMismatch(p, contract Type) string {
	switch {
	case p.Name == contract.Name, contract.Func != "" && p.Func == contract.Func:
		return ""
	case IsFunctionPlugin(p):
		return ""
	case IsConcrete(contract) && !p.Open:
		return fmt.Sprintf("write %s", Short(contract.Name))
	case contract.Func != "" && p.Open:
		return missingFromFunction(p, contract)
	case contract.Func != "" || p.Func != "":
		return fmt.Sprintf("write %s", Short(contract.Name))
	case !p.Open:
		for _, want := range contract.Methods {
			if m, lacking := p.mismatch(want); lacking {
				return m.Problem
			}
		}
		return ""
	}
	for _, m := range p.Methods {
		promised := contract.Method(m.ID)
		switch {
		case promised == nil:
			return fmt.Sprintf("the contract does not promise the method %s", m)
		case promised.Signature != m.Signature:
			have, want := distinct(*promised, m)
			return fmt.Sprintf("the contract promises %s, not %s", have, want)
		}
	}
	return ""
}

// IsConcrete reports whether a value of the type can only have that type.
func IsConcrete(p Type) bool { return !p.Open && p.Func == "" && !IsFunctionPlugin(p) }

// IsFunctionPlugin reports whether a type is a *registry.FunctionPlugin.
func IsFunctionPlugin(p Type) bool {
	return strings.HasPrefix(p.Name, "*‹"+annotate.RegistryPath+"›registry.FunctionPlugin[")
}

// missingFromFunction names a method of an interface that a function plugin does
// not have. It returns "" if there is none.
func missingFromFunction(p, contract Type) string {
	for _, m := range p.Methods {
		promised := contract.Method(m.ID)
		if m.ID != rules.Load && (promised == nil || promised.Signature != m.Signature) {
			return fmt.Sprintf("a function has no method %s", m)
		}
	}
	return ""
}

// TakesLoadArgument reports whether a contract has a Load with another parameter
// than a context, which a manager without load argument can't call.
func TakesLoadArgument(contract Type) bool {
	load := contract.Method(rules.Load)
	return load != nil && strings.HasPrefix(load.Signature, "func(‹context›context.Context, ")
}

// IsSpec reports whether a type is registry.Spec.
func IsSpec(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Spec" && named.Obj().Pkg() != nil &&
		named.Obj().Pkg().Path() == annotate.RegistryPath
}

// HasMethod reports whether a method set has an exported method.
func HasMethod(set *types.MethodSet, method string) bool { return set.Lookup(nil, method) != nil }
