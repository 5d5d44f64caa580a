// Package configyaml reads YAML for package config, with the position of each name and
// value:
//
//	cfg, err := config.Load(configyaml.File("ministack.yaml"))
//
// It reads YAML 1.2 with go.yaml.in/yaml/v4, which the YAML organization keeps and
// develops: its nodes and its errors have lines and columns, and it does not expand
// aliases by itself. (v3 has no columns in its errors, and gets security fixes only.)
//
// A file is one document. Aliases and merge keys (<<) are expanded; together with what
// else the file has they are bounded as its values are. Tags are those of YAML's core
// schema; of others, and of binary data, a file is refused. What is true, null, a number or
// a date is decided as YAML 1.2 does, so that yes and off are strings.
//
// It is a module of its own, so that only programs that import it depend on a YAML
// library.
package configyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/plugingen/plugingen/registry/config"
)

var format = config.Format{Name: "YAML", Assign: ": ", Parse: parse}

// File returns the source of the values of a YAML file. See [config.Optional] for one
// that need not exist.
func File(path string) config.Source { return format.File(path) }

// Data returns the source of values that the program has as YAML. The name is that of
// the file in errors.
func Data(name string, data []byte) config.Source { return format.Data(name, data) }

// maxMarks bounds the memory of the library, which makes a node of each value before
// the first can be counted: values end with a line or a comma.
const maxMarks = 1_000_000

// A reader makes tables of the nodes of a document.
type reader struct {
	lines [][]byte
	root  *config.Builder
	steps int                 // names that were merged, whether or not they were known
	open  map[*yaml.Node]bool // aliases that are being expanded

	line, column, offset int // of the last position
}

func parse(data []byte, root *config.Builder) {
	if bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte(",")) > maxMarks {
		root.Fail(1, 1, fmt.Sprintf("more than %d lines and commas: too many values", maxMarks))
		return
	}
	r := &reader{lines: bytes.Split(data, []byte("\n")), root: root, open: map[*yaml.Node]bool{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if len(bytes.TrimSpace(data)) > 0 {
			r.syntaxError(err)
		}
		return
	}
	r.inBytes(&doc)
	if len(doc.Content) == 1 {
		r.value(root, doc.Content[0])
	}
	var next yaml.Node
	switch err := decoder.Decode(&next); {
	case err == nil:
		line, column := r.at(next.Line, next.Column)
		root.Fail(line, column, "a second document; a configuration is one")
	case !errors.Is(err, io.EOF):
		r.syntaxError(err)
	}
}

// syntaxError reports an error of the parser, without what some quote of the file, which
// may be a secret.
func (r *reader) syntaxError(err error) {
	line, column, message := 1, 1, "the file can't be read"
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		line, column = r.at(e.Mark.Line, e.Mark.Column)
		message = withoutQuotes.ReplaceAllString(e.Message, "…")
		if strings.HasPrefix(e.Message, "unknown anchor") {
			message = "the anchor of an alias is not defined before it"
		}
	}
	if err.Error() == "EOF" { // comments alone
		return
	}
	r.root.Fail(line, column, "invalid YAML: "+message)
}

// withoutQuotes finds what a message quotes.
var withoutQuotes = regexp.MustCompile("'.{2,}'|\".*\"|`.*`")

// at returns a position with the column in bytes. The library counts characters. It is
// quick if it is called for one place of a line after the other.
func (r *reader) at(line, column int) (int, int) {
	if line < 1 || line > len(r.lines) {
		return max(1, min(line, len(r.lines))), 1
	}
	if line != r.line || column < r.column {
		r.line, r.column, r.offset = line, 1, 0
	}
	for text := r.lines[line-1]; r.column < column && r.offset < len(text); r.column++ {
		_, size := utf8.DecodeRune(text[r.offset:])
		r.offset += size
	}
	return line, r.offset + 1
}

// inBytes makes the columns of all nodes those of at, in the order of the file.
func (r *reader) inBytes(n *yaml.Node) {
	n.Line, n.Column = r.at(n.Line, n.Column)
	for _, child := range n.Content {
		r.inBytes(child)
	}
}

func (r *reader) value(b *config.Builder, n *yaml.Node) {
	if b.Full() {
		return
	}
	line, column := n.Line, n.Column
	switch n.Kind {
	case yaml.MappingNode:
		if n.ShortTag() != "!!map" {
			b.Fail(line, column, "a tag that is no map; a configuration has none")
		}
		b.Table(line, column)
		r.table(b, n, false)
	case yaml.SequenceNode:
		if n.ShortTag() != "!!seq" {
			b.Fail(line, column, "a tag that is no list; a configuration has none")
		}
		b.List(line, column)
		for _, item := range n.Content {
			if b.Full() {
				return
			}
			r.value(b.Item(item.Line, item.Column), item)
		}
	case yaml.AliasNode:
		r.alias(n, func(target *yaml.Node) { r.value(b, target) })
	case yaml.ScalarNode:
		r.scalar(b, n, line, column)
	}
}

// alias calls use with what an alias stands for, unless that has the alias in it.
func (r *reader) alias(n *yaml.Node, use func(*yaml.Node)) {
	if r.open[n.Alias] {
		line, column := n.Line, n.Column
		r.root.Fail(line, column, "an alias stands for what it is in")
		return
	}
	r.open[n.Alias] = true
	use(n.Alias)
	delete(r.open, n.Alias)
}

// table adds the values of a mapping: its own first, since those that it merges are
// weaker. With merged set, names that the table has already are passed over.
func (r *reader) table(b *config.Builder, n *yaml.Node, merged bool) {
	r.open[n] = true
	defer delete(r.open, n)
	for i := 0; i+1 < len(n.Content) && !b.Full(); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		line, column := n.Content[i].Line, n.Content[i].Column
		switch {
		case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
		case key.Kind != yaml.ScalarNode:
			b.Fail(line, column, "a list or a table is no name")
		case merged && r.exhausted():
			if !b.Failed() {
				b.Fail(line, column, "too many names are merged")
			}
			return
		case merged && b.Get(key.Value) != nil:
		default:
			r.value(b.Key(key.Value, line, column), n.Content[i+1])
		}
	}
	for i := 0; i+1 < len(n.Content) && !b.Full(); i += 2 {
		if key := n.Content[i]; key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			r.merge(b, n.Content[i+1])
		}
	}
}

// exhausted reports whether more names were merged than a file may have: they are not
// all values of the result, so that those are no bound.
func (r *reader) exhausted() bool {
	r.steps++
	return r.steps > maxMarks
}

// merge adds the values of a table, or of a list of tables, that b does not have.
func (r *reader) merge(b *config.Builder, n *yaml.Node) {
	line, column := n.Line, n.Column
	if b.Full() || r.exhausted() {
		if !b.Failed() {
			b.Fail(line, column, "too many tables are merged")
		}
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		r.alias(n, func(target *yaml.Node) { r.merge(b, target) })
	case yaml.MappingNode:
		r.table(b, n, true)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			r.merge(b, item)
		}
	default:
		b.Fail(line, column, "<< merges tables, and this is none")
	}
}

var (
	decimal   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	based     = regexp.MustCompile(`^[-+]?0[oxb][0-9a-fA-F]+$`)
	fraction  = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	special   = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
	separated = regexp.MustCompile(`^[-+]?[0-9][0-9_]*$`)
)

func (r *reader) scalar(b *config.Builder, n *yaml.Node, line, column int) {
	text := n.Value
	switch tag := n.ShortTag(); tag {
	case "!!null":
		b.Null(line, column)
	case "!!bool":
		b.Bool(strings.EqualFold(text, "true"), line, column)
	case "!!str", "!!merge":
		b.String(text, line, column)
	case "!!timestamp":
		b.Datetime(text, line, column)
	case "!!int", "!!float":
		r.number(b, text, line, column)
	default:
		b.Fail(line, column, "a tag that is not of YAML's core schema")
	}
}

// number makes the value the number that the text is.
func (r *reader) number(b *config.Builder, text string, line, column int) {
	switch {
	case separated.MatchString(text) && strings.Contains(text, "_"):
		b.Integer(strings.ReplaceAll(text, "_", ""), line, column)
	case decimal.MatchString(text):
		b.Integer(text, line, column)
	case fraction.MatchString(text):
		b.Float(text, line, column)
	case special.MatchString(text):
		b.Float(strings.Replace(strings.ToLower(text), ".", "", 1), line, column)
	case based.MatchString(text) && len(text) < 100:
		if i, ok := new(big.Int).SetString(text, 0); ok {
			b.Integer(i.String(), line, column)
			return
		}
		fallthrough
	default:
		b.Fail(line, column, "a number in a form that is not of YAML's core schema")
	}
}
