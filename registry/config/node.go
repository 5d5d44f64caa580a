package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of what is read and decoded.
const (
	maxDepth  = 100 // tables and lists in each other
	maxErrors = 100 // that are reported of one file, or of one struct
)

// A kind is what a node is.
type kind uint8

// The kinds of nodes.
const (
	null kind = iota
	boolean
	integer
	float
	str
	datetime
	list
	table
	text    // of the environment, of what was set or of a reference: any scalar, or a list
	missing // there is no node
)

var kinds = [...]string{
	"null", "a boolean", "an integer", "a float", "a string", "a date or time", "a list", "a table", "text", "nothing",
}

// String returns the name of a kind with its article: "an integer".
func (k kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

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

// A value is a node with where it is in the configuration. A config.Value is one; that it is
// a type of another package keeps its parts from programs.
type value struct {
	n *node
	r *root
	p string // "services.objects"
}

func newValue(n *node, r *root, path string) value { return value{n, r, path} }

// node returns what the value is, nil if it is missing.
func (v value) node() *node { return v.n }

// root returns what the values of the configuration share, nil if there is none.
func (v value) root() *root { return v.r }

// path returns where the value is.
func (v value) path() string { return v.p }

// unplaced removes the lines and columns.
func (n *node) unplaced() {
	n.line, n.col = 0, 0
	for i := range n.items {
		e := &n.items[i]
		e.line, e.col = 0, 0
		e.node.unplaced()
	}
}

func (n *node) entries() []entry {
	if n == nil || n.kind != table {
		return nil
	}
	return n.items
}

// equal reports whether two values are decoded to the same. Values that were set differ from
// others, since the environment replaces only those.
func (n *node) equal(m *node) bool {
	if n == m {
		return true
	}
	if n == nil || m == nil || n.kind != m.kind || n.text != m.text || len(n.items) != len(m.items) ||
		n.file.isSet() != m.file.isSet() {
		return false
	}
	for i := range n.items {
		if n.items[i].key != m.items[i].key || !n.items[i].node.equal(&m.items[i].node) {
			return false
		}
	}
	return true
}

func (o *origin) isSet() bool { return o != nil && o.layer == layerSet }

// literal returns a value as TOML has it. What came from references is shown as they
// are written.
func (n *node) literal() string {
	switch n.kind {
	case list:
		items := make([]string, len(n.items))
		for i := range n.items {
			items[i] = n.items[i].node.literal()
		}
		return "[" + strings.Join(items, ", ") + "]"
	case table:
		items := make([]string, len(n.items))
		for i := range n.items {
			items[i] = joinPath("", n.items[i].key) + " = " + hidden
		}
		return "{" + strings.Join(items, ", ") + "}"
	case str, text:
		said := n.text
		if n.raw != "" {
			said = n.raw
		}
		return fmt.Sprintf("%q", said)
	case null:
		return "null"
	}
	return n.text
}
