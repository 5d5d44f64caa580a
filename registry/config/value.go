package config

import (
	"fmt"
	"io"
	"math"
	"strconv"
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

var kinds = [...]string{
	"null", "a boolean", "an integer", "a float", "a string", "a date or time", "a list", "a table", "text", "nothing",
}

// String returns the name of a kind with its article: "an integer".
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// The same for this package, whose code has many of them.
const (
	null     = KindNull
	boolean  = KindBoolean
	integer  = KindInteger
	float    = KindFloat
	str      = KindString
	datetime = KindDatetime
	list     = KindList
	table    = KindTable
	text     = KindText
)

type kind = Kind

// A node is a value of the configuration. Nodes are not changed once they are part
// of what Load returns.
type node struct {
	kind kind

	// text is what a scalar says. Integers are in decimal, without plus sign,
	// underscores or leading zeros; floats are as strconv reads them; booleans are
	// true or false; strings are what they are after references.
	text string

	// raw is shown instead of text if the text came from references: what the
	// file has. It is empty otherwise.
	raw string

	items []entry // of lists in order, with the key ""; of tables sorted by key

	file      *origin
	line, col int32 // where the value begins, from 1; 0 if it is of no file
}

// An entry is a value of a table, and where its name stands; or an item of a list.
type entry struct {
	key       string
	file      *origin // of the key: that of the strongest layer that has it
	line, col int32
	node      node
}

// get returns the value of a table that has the name, or nil.
func (n *node) get(key string) *node {
	if i, ok := n.find(key); ok {
		return &n.items[i].node
	}
	return nil
}

// find returns where the name is in the table, or would be.
func (n *node) find(key string) (int, bool) {
	if n == nil || n.kind != table {
		return 0, false
	}
	low, high := 0, len(n.items)
	for low < high { // no slices.BinarySearchFunc, which copies entries
		middle := int(uint(low+high) >> 1)
		if n.items[middle].key < key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(n.items) && n.items[low].key == key
}

// An origin is what values come from.
type origin struct {
	name  string // of a file, an environment variable, a program's values; "-set"
	layer layer

	// place is the number of a source among those that were loaded: errors of an
	// earlier one come first.
	place int

	isFile bool // name is the path of a file that was read

	assign string // stands between a name and its value: " = ", or ": "
}

// A layer is a kind of origins. A stronger one is greater.
type layer uint8

const (
	layerDefault layer = iota // of the description, never of a node of Load
	layerFile                 // a file, or values of a program
	layerEnvironment
	layerSet
)

// A Value is a part of a configuration: a scalar, a list or a table, with its
// source. The zero Value is missing, as is what a table does not have.
//
// A Value never changes, and is safe for concurrent use. Printed in whatever way,
// it shows where it is and of what kind, never what it says, which may be a secret.
type Value struct {
	n    *node
	root *root
	path string // "services.objects"
}

// At returns the value at a path of names: "services.objects". A name that has
// other characters than letters, digits, - and _ is quoted, as in TOML:
// `inputs."cpu/totals"`. The empty path is that of the value itself.
//
// At panics if the path is malformed. For a name that is not known when the program
// is written use [Value.Key].
func (v Value) At(path string) Value {
	if path == "" {
		return v
	}
	names, err := splitPath(path)
	if err != nil {
		panic(fmt.Sprintf("config: path %q: %v", path, err))
	}
	for _, name := range names {
		v = v.Key(name)
	}
	return v
}

// Key returns the value that a table has by exactly this name. It is missing if the
// table has none, or if v is no table.
func (v Value) Key(name string) Value {
	return Value{v.n.get(name), v.root, joinPath(v.path, name)}
}

// Index returns an item of a list, counted from 0. It is missing if there is none.
func (v Value) Index(i int) Value {
	w := Value{nil, v.root, indexPath(v.path, i)}
	if v.Kind() == KindList && 0 <= i && i < len(v.n.items) {
		w.n = &v.n.items[i].node
	}
	return w
}

// Len returns the number of items of a list, or of values of a table; 0 of others.
func (v Value) Len() int {
	if v.n == nil {
		return 0
	}
	return len(v.n.items)
}

// Keys returns the names of a table, sorted; none of other values.
func (v Value) Keys() []string {
	if v.Kind() != KindTable {
		return nil
	}
	keys := make([]string, len(v.n.items))
	for i := range v.n.items {
		keys[i] = v.n.items[i].key
	}
	return keys
}

// Pick returns a table with those of the table's values whose names keep returns true for.
// Other values are returned as they are.
func (v Value) Pick(keep func(name string) bool) Value {
	if v.Kind() != KindTable {
		return v
	}
	n := *v.n
	n.items = nil
	for _, e := range v.n.items {
		if keep(e.key) {
			n.items = append(n.items, e)
		}
	}
	return Value{&n, v.root, v.path}
}

// Exists reports whether there is a value, be it null.
func (v Value) Exists() bool { return v.n != nil }

// Kind returns what the value is, KindMissing if there is none.
func (v Value) Kind() Kind {
	if v.n == nil {
		return KindMissing
	}
	return v.n.kind
}

// Path returns where the value is in the configuration: "services.objects". It is
// empty for the whole.
func (v Value) Path() string { return v.path }

// Position returns where the value was given. It is zero for a missing value.
func (v Value) Position() Position {
	if v.n == nil {
		return Position{}
	}
	return v.n.position()
}

// Bool returns the value of a boolean. Text is one if it is true or false.
func (v Value) Bool() (bool, error) {
	switch v.Kind() {
	case KindBoolean:
		return v.n.text == "true", nil
	case KindText:
		if v.n.text == "true" || v.n.text == "false" {
			return v.n.text == "true", nil
		}
	}
	return false, v.unexpected("true or false")
}

// Int returns the value of an integer of 64 bits. Text is one if it is in decimal.
func (v Value) Int() (int64, error) {
	switch v.Kind() {
	case KindInteger, KindText:
		if i, err := strconv.ParseInt(v.n.text, 10, 64); err == nil {
			return i, nil
		}
	}
	return 0, v.unexpected("an integer of 64 bits")
}

// Float returns the value of a float or an integer. Inf and NaN are none, and neither
// is what is too large for 64 bits.
func (v Value) Float() (float64, error) {
	switch v.Kind() {
	case KindInteger, KindFloat, KindText:
		f, err := strconv.ParseFloat(v.n.text, 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, nil
		}
	}
	return 0, v.unexpected("a number of 64 bits")
}

// Text returns what a string, a date or text from outside says, after references are
// resolved.
func (v Value) Text() (string, error) {
	switch v.Kind() {
	case KindString, KindDatetime, KindText:
		return v.n.text, nil
	}
	return "", v.unexpected("a string")
}

// unexpected returns the error of a value of another kind than is wanted. What the
// value says is not in it.
func (v Value) unexpected(want string) error {
	message := "missing: " + want + " is expected"
	if v.n != nil {
		message = fmt.Sprintf("expected %s, got %v", want, v.n.kind)
	}
	return v.n.fail(v.path, message)
}

// String returns the kind and the path of the value, and not what it says.
func (v Value) String() string {
	where := v.path
	if where == "" {
		where = "the configuration"
	}
	if at := v.Position(); at != (Position{}) {
		where += " of " + at.String()
	}
	return fmt.Sprintf("config.Value(%v at %s)", v.Kind(), where)
}

// Format writes what String returns, whatever the verb.
func (v Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, v.String()) }

// MarshalText returns what String returns, so that a Value in a log or in JSON shows
// nothing.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
