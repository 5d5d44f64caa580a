package config

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Bounds of a source. What is beyond them is refused with an error.
const (
	maxFile   = 16 << 20 // bytes of a file
	maxValues = 500_000  // values of a file
)

// A Builder builds a value of a file: a scalar, a list, or a table. A name that a table has
// already, and too many levels or values, become errors of the file; what is added then has no
// effect. Lines and columns are counted from 1, columns in bytes. A Builder is not safe for
// concurrent use.
type Builder struct {
	doc    *document
	parent *Builder
	depth  int
	entry  tree.Entry // without the items of the node
	items  []*Builder
	index  map[string]*Builder // of tables with many values
}

// A document is what the builders of one file share.
type document struct {
	origin *tree.Origin
	values int
	errs   Errors
	full   bool // a bound was exceeded
}

func newDocument(o *tree.Origin) *Builder {
	b := &Builder{doc: &document{origin: o}}
	b.entry.Node.File = o
	return b
}

// Fail adds an error about the file. The message must not have content of the file, which
// may be a secret.
func (b *Builder) Fail(line, column int, message string) {
	if !b.tooMany() {
		b.doc.errs = append(b.doc.errs, failIn(b.doc.origin, int32(line), int32(column), "", message))
	}
}

// tooMany reports whether no more errors of the file are reported.
func (b *Builder) tooMany() bool {
	if len(b.doc.errs) < tree.MaxErrors {
		return false
	}
	b.doc.full = true
	return true
}

// Failed reports whether there is an error so far. A reader may then stop.
func (b *Builder) Failed() bool { return len(b.doc.errs) > 0 }

// Full reports whether the file exceeds a bound. A reader should then stop.
func (b *Builder) Full() bool { return b.doc.full }

// Kind returns what the value is so far: null, until it is made a scalar, a list or a
// table.
func (b *Builder) Kind() Kind { return Kind(b.entry.Node.Kind) }

// Table makes the value a table that begins at a place.
func (b *Builder) Table(line, column int) *Builder { return b.contain(tree.Table, line, column) }

// List makes the value a list that begins at a place.
func (b *Builder) List(line, column int) *Builder { return b.contain(tree.List, line, column) }

// Null makes the value null.
func (b *Builder) Null(line, column int) { b.become(tree.Null, "", line, column) }

// Bool makes the value a boolean.
func (b *Builder) Bool(value bool, line, column int) {
	b.become(tree.Boolean, strconv.FormatBool(value), line, column)
}

// Integer makes the value an integer of any size, which the text has in decimal.
func (b *Builder) Integer(decimal string, line, column int) {
	sign, digits := "", strings.TrimPrefix(decimal, "+")
	if rest, ok := strings.CutPrefix(decimal, "-"); ok {
		sign, digits = "-", rest
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		sign, digits = "", "0"
	}
	b.become(tree.Integer, sign+digits, line, column)
}

// Float makes the value a float, which the text has as [strconv.ParseFloat] reads it.
func (b *Builder) Float(value string, line, column int) { b.become(tree.Float, value, line, column) }

// String makes the value a string.
func (b *Builder) String(value string, line, column int) {
	b.check(value, line, column)
	b.become(tree.String, value, line, column)
}

// Datetime makes the value a date, a time of day or both, as RFC 3339 writes them.
func (b *Builder) Datetime(value string, line, column int) {
	b.become(tree.Datetime, value, line, column)
}

// check reports text that is no valid UTF-8.
func (b *Builder) check(said string, line, column int) {
	if !utf8.ValidString(said) {
		b.Fail(line, column, "invalid UTF-8")
	}
}

func (b *Builder) contain(k tree.Kind, line, column int) *Builder {
	if b.depth >= tree.MaxDepth {
		b.exceed(line, column, fmt.Sprintf("more than %d tables and lists in each other", tree.MaxDepth))
		return b
	}
	return b.become(k, "", line, column)
}

func (b *Builder) become(k tree.Kind, said string, line, column int) *Builder {
	n := &b.entry.Node
	n.Kind, n.Text, n.Line, n.Col = k, said, int32(line), int32(column)
	return b
}

// Key adds a value to a table, by a name that stands at a place. It returns the
// builder of the value. If the table has the name already, that is an error.
func (b *Builder) Key(name string, line, column int) *Builder {
	if first := b.Get(name); first != nil {
		b.Fail(line, column, fmt.Sprintf("duplicate name %s: the first is in line %d",
			tree.Shorten(tree.JoinPath("", name)), first.entry.Line))
		return b.discarded(line, column)
	}
	b.check(name, line, column)
	child := b.add(line, column)
	child.entry.Key = name
	if b.index != nil {
		b.index[name] = child
	}
	return child
}

// Get returns the builder of the value that a table has by the name, or nil.
func (b *Builder) Get(name string) *Builder {
	const few = 16
	if b.index == nil && len(b.items) > few {
		b.index = make(map[string]*Builder, 2*len(b.items))
		for _, child := range b.items {
			b.index[child.entry.Key] = child
		}
	}
	if b.index != nil {
		return b.index[name]
	}
	for _, child := range b.items {
		if child.entry.Key == name {
			return child
		}
	}
	return nil
}

// Item adds an item to a list, and returns the builder of it.
func (b *Builder) Item(line, column int) *Builder { return b.add(line, column) }

// Last returns the builder of the item that was added last to a list, or nil.
func (b *Builder) Last() *Builder {
	if len(b.items) == 0 {
		return nil
	}
	return b.items[len(b.items)-1]
}

func (b *Builder) add(line, column int) *Builder {
	child := b.discarded(line, column)
	if b.doc.values++; b.doc.values > maxValues {
		b.exceed(line, column, fmt.Sprintf("more than %d values", maxValues))
	}
	if !b.doc.full {
		b.items = append(b.items, child)
	}
	return child
}

// exceed reports that a bound is exceeded.
func (b *Builder) exceed(line, column int, message string) {
	if !b.doc.full {
		b.Fail(line, column, message)
	}
	b.doc.full = true
}

// discarded returns the builder of a value that is not part of the file.
func (b *Builder) discarded(line, column int) *Builder {
	child := &Builder{doc: b.doc, parent: b, depth: b.depth + 1}
	child.entry.File, child.entry.Line, child.entry.Col = b.doc.origin, int32(line), int32(column)
	child.entry.Node.File, child.entry.Node.Line, child.entry.Node.Col = b.doc.origin, int32(line), int32(column)
	return child
}

// finish returns the value that has been built, with the values of tables sorted.
func (b *Builder) finish() tree.Node {
	n := b.entry.Node
	if n.Kind != tree.Table && n.Kind != tree.List || len(b.items) == 0 {
		return n
	}
	n.Items = make([]tree.Entry, len(b.items))
	for i, child := range b.items {
		n.Items[i] = child.entry
		n.Items[i].Node = child.finish()
	}
	if n.Kind == tree.Table {
		sortEntries(n.Items)
	}
	return n
}

// path returns where the value is in the file.
func (b *Builder) path() string {
	switch {
	case b.parent == nil:
		return ""
	case b.parent.Kind() == KindList:
		return tree.IndexPath(b.parent.path(), slices.Index(b.parent.items, b))
	}
	return tree.JoinPath(b.parent.path(), b.entry.Key)
}

// Format writes the kind, whatever the verb, and not what the value says.
func (b *Builder) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, b.Kind().String()) }
