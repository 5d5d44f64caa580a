package config

import (
	"os"
	"runtime"
	"slices"
	"strings"
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
		l.env = func() *environment { return environmentOf(s.variables) }
	}
}

// systemEnvironment returns the variables of the program.
func systemEnvironment() *environment { return environmentOf(os.Environ()) }

// environmentOf returns variables sorted by name. Of two of one name the last one
// counts.
func environmentOf(variables []string) *environment {
	env := &environment{vars: make([]variable, 0, len(variables))}
	for _, v := range slices.Backward(variables) {
		if name, value, ok := strings.Cut(v, "="); ok && name != "" {
			env.vars = append(env.vars, variable{variableName(name), value})
		}
	}
	slices.SortStableFunc(env.vars, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	env.vars = slices.CompactFunc(env.vars, func(a, b variable) bool { return a.name == b.name })
	return env
}

// variableName returns the name by which a variable is found: names have no case on
// Windows.
func variableName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

// nameOf returns the name of the variable of a path.
func (e *environment) nameOf(path string) string {
	return string(appendName([]byte(e.prefix), unquoted(path)))
}

// unquoted returns a path of which each name, and each number of an item, is a word of a
// variable's name.
func unquoted(path string) string {
	return strings.NewReplacer(`"`, "", "]", "").Replace(path)
}

// appendName appends a name in upper case, with _ for what is neither letter nor digit.
func appendName(b []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			b = append(b, c-'a'+'A')
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			b = append(b, c)
		default:
			b = append(b, '_')
		}
	}
	return b
}

// appendPath adds what the variables of what is below a path begin with.
func appendPath(b []byte, path string) []byte {
	if path == "" {
		return b
	}
	return append(appendName(b, unquoted(path)), '_')
}

// narrow returns the variables that begin with a prefix.
func narrow(vars []variable, prefix []byte) []variable {
	from := search(vars, prefix)
	to := from
	for to < len(vars) && strings.HasPrefix(vars[to].name, string(prefix)) {
		to++
	}
	return vars[from:to]
}

// search returns where a name is among sorted variables, or would be.
func search(vars []variable, name []byte) int {
	low, high := 0, len(vars)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if vars[middle].name < string(name) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// variable returns the value that the environment has for an option, or nil. An empty
// variable is as good as none.
func (d *Decoder) variable(f *frame, o *Option) *node {
	if d.value != nil && d.value.file != nil && d.value.file.layer > layerEnvironment {
		return nil
	}
	v := variableIn(f.vars, d.name, o.Name)
	if v == nil && o.Env != "" {
		v = d.env.named(o.Env)
	}
	if v == nil {
		return nil
	}
	from := &origin{name: "environment variable " + v.name, layer: layerEnvironment, place: placeEnvironment}
	if d.value == nil && o.Deprecated != "" {
		d.warn(from, 0, 0, deprecated(o))
	}
	return &node{kind: text, text: v.value, file: from}
}

// variableIn returns the variable of an option, by the path; nil if it is not set.
func variableIn(vars []variable, prefix []byte, name string) *variable {
	if len(vars) == 0 {
		return nil
	}
	var buffer [128]byte
	full := appendName(append(buffer[:0], prefix...), name)
	if i := search(vars, full); i < len(vars) && vars[i].name == string(full) && vars[i].value != "" {
		return &vars[i]
	}
	return nil
}

// named returns the variable of a name; nil if it is not set, or empty.
func (e *environment) named(name string) *variable {
	if v := e.lookup(name); v != nil && v.value != "" {
		return v
	}
	return nil
}

// sets reports whether the environment has a value for an option of a table that is not
// given.
func (d *Decoder) sets(os *Options, vars []variable, key string, depth int) bool {
	if os == nil || depth > maxDepth {
		return false
	}
	before := len(d.name)
	defer func() { d.name = d.name[:before] }()
	if len(vars) > 0 {
		d.name = append(appendName(d.name, key), '_')
		vars = narrow(vars, d.name)
	}
	return d.setsAny(os, vars, depth)
}

func (d *Decoder) setsAny(os *Options, vars []variable, depth int) bool {
	for i := range os.Options {
		o := &os.Options[i]
		if variableIn(vars, d.name, o.Name) != nil {
			return true
		}
		// The variable of a struct that contains itself is that of the outermost.
		if o.Env != "" && d.env.named(o.Env) != nil && !d.within(os) {
			return true
		}
		if (o.Type == "table" || o.Type == "*table") && (o.Recursive == nil || len(vars) > 0) &&
			d.sets(o.Table(), vars, o.Name, depth+1) {
			return true
		}
	}
	for _, embedded := range os.Embedded {
		if d.setsAny(embedded, vars, depth) {
			return true
		}
	}
	return false
}

// within reports whether a struct is among those that are being filled.
func (d *Decoder) within(os *Options) bool {
	return slices.ContainsFunc(d.frames, func(f frame) bool { return f.options == os })
}
