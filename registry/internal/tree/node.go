// Package tree is what a configuration consists of: values with where they come from, and the
// variables of the environment. Package config makes and shows it, and package generated decodes
// it, so that neither has to export to the other what is of no use to programs.
package tree

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of what is read and decoded.
const (
	MaxDepth  = 100 // tables and lists in each other
	MaxErrors = 100 // that are reported of one file, or of one struct
)

// A Kind is what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Boolean
	Integer
	Float
	String
	Datetime
	List
	Table
	Text    // of the environment, of what was set or of a reference: any scalar, or a list
	missing // there is no node
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

// A Node is a value of the configuration. Nodes are not changed once they are part
// of what Load returns.
type Node struct {
	Kind Kind

	// Text is what a scalar says. Integers are in decimal, without plus sign,
	// underscores or leading zeros; floats are as strconv reads them; booleans are
	// true or false; strings are what they are after references.
	Text string

	// Raw is shown instead of Text if the text came from references: what the
	// file has. It is empty otherwise.
	Raw string

	Items []Entry // of lists in order, with the key ""; of tables sorted by key

	File      *Origin
	Line, Col int32 // where the value begins, from 1; 0 if it is of no file
}

// An Entry is a value of a table, and where its name stands; or an item of a list.
type Entry struct {
	Key       string
	File      *Origin // of the key: that of the strongest layer that has it
	Line, Col int32
	Node      Node
}

// Get returns the value of a table that has the name, or nil.
func (n *Node) Get(key string) *Node {
	if i, ok := n.Find(key); ok {
		return &n.Items[i].Node
	}
	return nil
}

// Find returns where the name is in the table, or would be.
func (n *Node) Find(key string) (int, bool) {
	if n == nil || n.Kind != Table {
		return 0, false
	}
	low, high := 0, len(n.Items)
	for low < high { // no slices.BinarySearchFunc, which copies entries
		middle := int(uint(low+high) >> 1)
		if n.Items[middle].Key < key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(n.Items) && n.Items[low].Key == key
}

// An Origin is what values come from.
type Origin struct {
	Name  string // of a file, an environment variable, a program's values; "-set"
	Layer Layer

	// Place is the number of a source among those that were loaded: errors of an
	// earlier one come first.
	Place int

	IsFile bool // Name is the path of a file that was read

	Assign string // stands between a name and its value: " = ", or ": "
}

// A Layer is a kind of origins. A stronger one is greater.
type Layer uint8

// The layers.
const (
	layerDefault Layer = iota // of the description, never of a node of Load
	LayerFile                 // a file, or values of a program
	LayerEnvironment
	LayerSet
)

// A Value is a node with where it is in the configuration. A config.Value is one; that it is
// a type of another package keeps its parts from programs.
type Value struct {
	n *Node
	r *Root
	p string // "services.objects"
}

// NewValue returns a value of which n and r may be nil.
func NewValue(n *Node, r *Root, path string) Value { return Value{n, r, path} }

// Node returns what the value is, nil if it is missing.
func (v Value) Node() *Node { return v.n }

// Root returns what the values of the configuration share, nil if there is none.
func (v Value) Root() *Root { return v.r }

// Path returns where the value is.
func (v Value) Path() string { return v.p }

// Unplaced removes the lines and columns.
func (n *Node) Unplaced() {
	n.Line, n.Col = 0, 0
	for i := range n.Items {
		e := &n.Items[i]
		e.Line, e.Col = 0, 0
		e.Node.Unplaced()
	}
}

// Entries returns the values of a table, none of other nodes.
func (n *Node) Entries() []Entry {
	if n == nil || n.Kind != Table {
		return nil
	}
	return n.Items
}

// Equal reports whether two values are decoded to the same. Values that were set differ from
// others, since the environment replaces only those.
func (n *Node) Equal(m *Node) bool {
	if n == m {
		return true
	}
	if n == nil || m == nil || n.Kind != m.Kind || n.Text != m.Text || len(n.Items) != len(m.Items) ||
		n.File.IsSet() != m.File.IsSet() {
		return false
	}
	for i := range n.Items {
		if n.Items[i].Key != m.Items[i].Key || !n.Items[i].Node.Equal(&m.Items[i].Node) {
			return false
		}
	}
	return true
}

// IsSet reports whether values of the origin were set, as on a command line.
func (o *Origin) IsSet() bool { return o != nil && o.Layer == LayerSet }

// Literal returns a value as TOML has it. What came from references is shown as they
// are written.
func (n *Node) Literal() string {
	switch n.Kind {
	case List:
		items := make([]string, len(n.Items))
		for i := range n.Items {
			items[i] = n.Items[i].Node.Literal()
		}
		return "[" + strings.Join(items, ", ") + "]"
	case Table:
		items := make([]string, len(n.Items))
		for i := range n.Items {
			items[i] = JoinPath("", n.Items[i].Key) + " = " + Hidden
		}
		return "{" + strings.Join(items, ", ") + "}"
	case String, Text:
		said := n.Text
		if n.Raw != "" {
			said = n.Raw
		}
		return fmt.Sprintf("%q", said)
	case Null:
		return "null"
	}
	return n.Text
}
