package config

import (
	"os"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Environment returns the source of what the program's environment says: of options that
// name a variable (env=), that variable; and of each option PREFIX and its path in
// upper case, with _ for what is neither letter nor digit: with the prefix MINISTACK_
// the option services.objects.dir is MINISTACK_SERVICES_OBJECTS_DIR. With an empty prefix
// only variables that options name are looked up.
//
// Variables are read when [Load] is called. They are text, which the option's type
// reads. Those that no option has are ignored, since others set variables too.
func Environment(prefix string) Source { return environmentSource{prefix, nil} }

// EnvironmentOf is [Environment] with other variables than those of the program: NAME=value,
// as [os.Environ] returns them. References in strings see the same variables.
func EnvironmentOf(prefix string, variables []string) Source {
	return environmentSource{prefix, append([]string{}, variables...)}
}

type environmentSource struct {
	prefix    string
	variables []string
}

func (s environmentSource) load(l *loader) {
	l.withEnv, l.prefix = true, s.prefix
	if s.variables != nil {
		l.env = func() *tree.Environment { return environmentOf(s.variables) }
	}
}

// systemEnvironment returns the variables of the program.
func systemEnvironment() *tree.Environment { return environmentOf(os.Environ()) }

// environmentOf returns variables sorted by name. Of two of one name the last one
// counts.
func environmentOf(variables []string) *tree.Environment {
	env := &tree.Environment{Vars: make([]tree.Variable, 0, len(variables))}
	for _, v := range slices.Backward(variables) {
		if name, value, ok := strings.Cut(v, "="); ok && name != "" {
			env.Vars = append(env.Vars, tree.Variable{Name: tree.VariableName(name), Value: value})
		}
	}
	slices.SortStableFunc(env.Vars, func(a, b tree.Variable) int { return strings.Compare(a.Name, b.Name) })
	env.Vars = slices.CompactFunc(env.Vars, func(a, b tree.Variable) bool { return a.Name == b.Name })
	return env
}
