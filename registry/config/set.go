package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Set returns the source of values that are set one by one, as on a command line:
//
//	config.Set("services.objects.dir=/data", `inputs."cpu/totals".interval=5s`)
//
// They are stronger than all other sources. The text after the = is read according to the type
// of the option; a list is written as a,b or as JSON, a table as JSON. References in it are
// resolved. Of several values for one path the last one counts.
func Set(assignments ...string) Source { return Assignments(assignments) }

// Assignments are the values of a flag that can be given several times, each
// path=value. They are a [flag.Value], a Value of github.com/spf13/pflag, and a [Source]:
//
//	var set config.Assignments
//	flag.Var(&set, "set", "set an option: `path=value`; can be repeated")
//	flag.Parse()
//	cfg, err := config.Load(configtoml.File("ministack.toml"), set)
//
// When they are printed, by any verb, they show no values.
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
			path = tree.Hidden
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
			o := &tree.Origin{Name: fmt.Sprintf("-set number %d", i+1), Place: tree.PlaceSet}
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
		name, after, err := tree.CutName(rest, "=")
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

// apply puts the value into the configuration, and makes the tables on its path. It is an
// error if another value is on the path, since that would be lost.
func (a assignment) apply(config *tree.Node, l *loader) {
	path := ""
	o := &tree.Origin{Name: "-set", Layer: tree.LayerSet, Place: tree.PlaceSet}
	for i, name := range a.names {
		if config.Kind == tree.Null {
			*config = tree.Node{Kind: tree.Table, File: o}
		}
		if config.Kind != tree.Table {
			l.errs = append(l.errs, failIn(o, 0, 0, joinNames(a.names), fmt.Sprintf(
				"%s is %v (%v), which has no names; set it as a whole", path, config.Kind, positionOf(config))))
			return
		}
		path = tree.JoinPath(path, name)
		at, found := config.Find(name)
		if !found {
			made := tree.Entry{Key: name, File: o, Node: tree.Node{File: o}}
			config.Items = slices.Insert(slices.Clip(config.Items), at, made)
		}
		e := &config.Items[at]
		config = &e.Node
		if i == len(a.names)-1 {
			e.File, e.Line, e.Col = o, 0, 0
			*config = tree.Node{Kind: tree.Text, Text: a.value, File: o}
		}
	}
}

func joinNames(names []string) string {
	path := ""
	for _, name := range names {
		path = tree.JoinPath(path, name)
	}
	return path
}
