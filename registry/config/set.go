package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Set returns the source of values that are set one by one, as on a command line:
//
//	config.Set("services.objects.dir=/data", `inputs."cpu/totals".interval=5s`)
//
// They are stronger than all else. What follows the = is text, which the option's type
// reads; a list is written as a,b or as JSON, a table as JSON. References in it are
// resolved. Of two with the same path the last one counts.
func Set(assignments ...string) Source { return Assignments(assignments) }

// Assignments are the values of a flag that can be given several times, each
// path=value. They are a [flag.Value], a Value of github.com/spf13/pflag, and a [Source]:
//
//	var set config.Assignments
//	flag.Var(&set, "set", "set an option: `path=value`; can be repeated")
//	flag.Parse()
//	cfg, err := config.Load(configtoml.File("ministack.toml"), set)
//
// Printed in whatever way, they show no values.
type Assignments []string

// Set adds an assignment. It returns an error if that has no = or no path.
func (a *Assignments) Set(assignment string) error {
	_, err := parseAssignment(assignment)
	if err == nil {
		*a = append(*a, assignment)
	}
	return err
}

// String returns the paths without the values.
func (a Assignments) String() string {
	paths := make([]string, len(a))
	for i, s := range a {
		path, _, ok := strings.Cut(s, "=")
		if !ok {
			path = hidden
		}
		paths[i] = path
	}
	return strings.Join(paths, ", ")
}

// GoString returns what String returns.
func (a Assignments) GoString() string { return a.String() }

// Type returns the name of the flag's type, as pflag wants it.
func (a Assignments) Type() string { return "path=value" }

// Format writes what String returns, whatever the verb.
func (a Assignments) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(a.String())) }

func (a Assignments) load(l *loader) {
	for i, s := range a {
		parsed, err := parseAssignment(s)
		if err != nil {
			o := &origin{name: fmt.Sprintf("-set number %d", i+1), place: placeSet}
			l.errs = append(l.errs, failIn(o, 0, 0, "", err.Error()))
			continue
		}
		l.set = append(l.set, parsed)
	}
}

// An assignment is a value that is set.
type assignment struct {
	names []string
	value string
}

func parseAssignment(s string) (assignment, error) {
	if !utf8.ValidString(s) {
		return assignment{}, errors.New("invalid UTF-8")
	}
	var a assignment
	for rest := s; ; {
		name, after, err := cutName(rest, "=")
		if err != nil {
			return assignment{}, fmt.Errorf("malformed path: %w; write services.objects.dir=/data", err)
		}
		a.names = append(a.names, name)
		switch {
		case strings.HasPrefix(after, "="):
			a.value = after[1:]
			return a, nil
		case !strings.HasPrefix(after, "."):
			return assignment{}, errors.New("no = after a path; write services.objects.dir=/data")
		}
		rest = after[1:]
	}
}

// apply puts the value in the configuration. Tables that its path goes through are
// made; it is an error if something else is there, since that would be lost.
func (a assignment) apply(config *node, l *loader) {
	path := ""
	o := &origin{name: "-set", layer: layerSet, place: placeSet}
	for i, name := range a.names {
		if config.kind == null {
			*config = node{kind: table, file: o}
		}
		if config.kind != table {
			l.errs = append(l.errs, failIn(o, 0, 0, joinNames(a.names), fmt.Sprintf(
				"%s is %v (%v), which has no names; set it as a whole", path, config.kind, positionOf(config))))
			return
		}
		path = joinPath(path, name)
		at, found := config.find(name)
		if !found {
			config.items = slices.Insert(slices.Clip(config.items), at, entry{key: name, file: o, node: node{file: o}})
		}
		e := &config.items[at]
		config = &e.node
		if i == len(a.names)-1 {
			e.file, e.line, e.col = o, 0, 0
			*config = node{kind: text, text: a.value, file: o}
		}
	}
}

func joinNames(names []string) string {
	path := ""
	for _, name := range names {
		path = joinPath(path, name)
	}
	return path
}
