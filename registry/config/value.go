package config

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A Kind is what a [Value] is.
type Kind uint8

// The kinds of values.
const (
	KindNull     Kind = iota // null in JSON and YAML
	KindBoolean              // true or false
	KindInteger              // of any size
	KindFloat                // with a fraction or an exponent; or inf or nan
	KindString               //
	KindDatetime             // of TOML and YAML: a date, a time of day, or both
	KindList                 //
	KindTable                // values by name
	KindText                 // of the environment, -set or a reference: any scalar, or a list
	KindMissing              // there is no value
)

// String returns the name of a kind with its article: "an integer".
func (k Kind) String() string { return tree.Kind(k).String() }

// A Value is a part of a configuration: a scalar, a list or a table, with its
// source. The zero Value is missing, as is what a table does not have.
//
// A Value never changes, and is safe for concurrent use. When it is printed, by any verb,
// it shows its path and its kind, but not its content, which may be a secret.
type Value tree.Value

func (v Value) node() *tree.Node { return tree.Value(v).Node() }

func (v Value) root() *tree.Root { return tree.Value(v).Root() }

// At returns the value at a path of names: "services.objects". A name that has
// other characters than letters, digits, - and _ is quoted, as in TOML:
// `inputs."cpu/totals"`. The empty path is that of the value itself.
//
// At panics if the path is malformed. For names that the program gets as data, use
// [Value.Key].
func (v Value) At(path string) Value {
	if path == "" {
		return v
	}
	names, err := tree.SplitPath(path)
	if err != nil {
		panic(fmt.Sprintf("config: path %q: %v", path, err))
	}
	for _, name := range names {
		v = v.Key(name)
	}
	return v
}

// Key returns the value that a table has by exactly this name. It is missing if there is
// none, or if v is not a table.
func (v Value) Key(name string) Value {
	return Value(tree.NewValue(v.node().Get(name), v.root(), tree.JoinPath(v.Path(), name)))
}

// Index returns an item of a list, counted from 0. It is missing if there is none.
func (v Value) Index(i int) Value {
	var n *tree.Node
	if v.Kind() == KindList && 0 <= i && i < v.Len() {
		n = &v.node().Items[i].Node
	}
	return Value(tree.NewValue(n, v.root(), tree.IndexPath(v.Path(), i)))
}

// Len returns the number of items of a list, or of values of a table; 0 for others.
func (v Value) Len() int {
	if v.node() == nil {
		return 0
	}
	return len(v.node().Items)
}

// Keys returns the names in a table, sorted; nil for other values.
func (v Value) Keys() []string {
	if v.Kind() != KindTable {
		return nil
	}
	keys := make([]string, len(v.node().Items))
	for i := range v.node().Items {
		keys[i] = v.node().Items[i].Key
	}
	return keys
}

// Pick returns a copy of a table with only the values for whose names keep returns true. It
// returns a value that is not a table as it is.
func (v Value) Pick(keep func(name string) bool) Value {
	if v.Kind() != KindTable {
		return v
	}
	n := *v.node()
	n.Items = nil
	for _, e := range v.node().Items {
		if keep(e.Key) {
			n.Items = append(n.Items, e)
		}
	}
	return Value(tree.NewValue(&n, v.root(), v.Path()))
}

// Exists reports whether the value is not missing. Null exists.
func (v Value) Exists() bool { return v.node() != nil }

// Kind returns the kind of the value, KindMissing if there is none.
func (v Value) Kind() Kind {
	if v.node() == nil {
		return KindMissing
	}
	return Kind(v.node().Kind)
}

// Path returns the path of the value in the configuration: "services.objects". It is
// empty for the whole configuration.
func (v Value) Path() string { return tree.Value(v).Path() }

// Position returns where the value was given. It is zero for a missing value.
func (v Value) Position() Position {
	if v.node() == nil {
		return Position{}
	}
	return positionOf(v.node())
}

// Bool returns the value of a boolean, or of the text true or false. Otherwise the error is an
// [*Error].
func (v Value) Bool() (bool, error) {
	switch v.Kind() {
	case KindBoolean:
		return v.node().Text == "true", nil
	case KindText:
		if v.node().Text == "true" || v.node().Text == "false" {
			return v.node().Text == "true", nil
		}
	}
	return false, v.unexpected("true or false")
}

// Int returns the value of an integer, or of text in decimal. If it is neither, or does not fit
// 64 bits, the error is an [*Error].
func (v Value) Int() (int64, error) {
	switch v.Kind() {
	case KindInteger, KindText:
		if i, err := strconv.ParseInt(v.node().Text, 10, 64); err == nil {
			return i, nil
		}
	}
	return 0, v.unexpected("an integer of 64 bits")
}

// Float returns the value of a float or an integer, or of text that is one. For other values,
// infinity, NaN, and numbers that are too large for 64 bits, the error is an [*Error].
func (v Value) Float() (float64, error) {
	switch v.Kind() {
	case KindInteger, KindFloat, KindText:
		f, err := strconv.ParseFloat(v.node().Text, 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, nil
		}
	}
	return 0, v.unexpected("a number of 64 bits")
}

// Text returns the content of a string, a date, or text from the environment, a flag or a
// reference, after references are resolved. For other values the error is an [*Error].
func (v Value) Text() (string, error) {
	switch v.Kind() {
	case KindString, KindDatetime, KindText:
		return v.node().Text, nil
	}
	return "", v.unexpected("a string")
}

// unexpected returns the error of a value of another kind than is wanted, without its
// content.
func (v Value) unexpected(want string) error {
	message := "missing: " + want + " is expected"
	if v.node() != nil {
		message = fmt.Sprintf("expected %s, got %v", want, v.node().Kind)
	}
	return fail(v.node(), v.Path(), message)
}

// String returns the kind and the path of the value, without its content.
func (v Value) String() string {
	where := v.Path()
	if where == "" {
		where = "the configuration"
	}
	if at := v.Position(); at != (Position{}) {
		where += " of " + at.String()
	}
	return fmt.Sprintf("config.Value(%v at %s)", v.Kind(), where)
}

// Format writes the result of String, for all verbs.
func (v Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, v.String()) }

// MarshalText returns the result of String, so that a Value in a log or in JSON does not show
// its content. The error is always nil.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Refuse returns an error about the value, with its position and without its content.
func (v Value) Refuse(message string) *Error { return fail(v.node(), v.Path(), message) }

// Unknown returns an error about a name in a table, with a cause that may be nil. The value by
// that name is not in it, since it may be a secret.
func (v Value) Unknown(name, message string, cause error) *Error {
	path := tree.JoinPath(v.Path(), name)
	i, ok := v.node().Find(name)
	if !ok {
		return &Error{Path: path, Message: message, Err: cause}
	}
	e := &v.node().Items[i]
	err := failIn(e.File, e.Line, e.Col, path, message)
	err.Snippet, err.Err = tree.Snippet(e.Key, &e.Node, false), cause
	return err
}

// Files returns the paths of the files that a program has to watch if it follows its
// configuration: those that the configuration was read from and those that references name,
// including optional ones that do not exist. They are as they were given to their sources.
func (v Value) Files() []string {
	if v.root() == nil {
		return nil
	}
	return slices.Clone(v.root().Files)
}
