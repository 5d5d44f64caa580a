package rules

import "github.com/plugingen/plugingen/internal/builds"

// AddFactory is what to do about a function whose result is the plugin that it was taken for.
const AddFactory = "to use its result as the plugin, add factory"

// NamesContract reports whether generated code for a build names the contract of a namespace, to
// assert that plugins satisfy it. Hand-written code of the package has to declare or import the
// contract in every such build: to import it for the assertion alone could make a cycle. in has
// the constraints of the files that declare or import it, each together with that of the file
// that declares it.
func NamesContract(build builds.Constraint, in []builds.Constraint) bool {
	return len(in) > 0 && build.Implies(in)
}

// Governing returns the contracts that count for a module, in the order given. Of a namespace
// that the module has a contract of, those of other modules do not: nobody else can take its
// namespaces. own reports whether a contract is of the module.
func Governing[T any](contracts []T, namespace func(T) string, own func(T) bool) []T {
	taken := map[string]bool{}
	for _, c := range contracts {
		taken[namespace(c)] = taken[namespace(c)] || own(c)
	}
	return filter(contracts, func(c T) bool { return own(c) || !taken[namespace(c)] })
}
