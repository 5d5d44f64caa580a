package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/options"
)

// A Format is a format of configuration files.
type Format string

// The formats that [Example] can write.
const (
	TOML Format = "toml"
	YAML Format = "yaml"
)

// Example returns a configuration that a program loads as it is: every section and plugin
// is in it, with its options as comments that show the defaults, or values that they can
// have. Required options are set, to their example or to a simple value. A plugin with a
// required option that has neither is a comment as a whole. schema is where editors find the
// schema, or empty.
func Example(p *gen.Program, f Format, schema string) []byte {
	w := &exampleWriter{}
	switch {
	case schema == "":
	case f == TOML:
		w.WriteString("#:schema " + printable(schema) + "\n\n")
	default:
		w.WriteString("# yaml-language-server: $schema=" + printable(schema) + "\n\n")
	}
	w.line("# Configuration of %s.", p.Host)
	w.line("#")
	w.line("# What begins with # is not set. The value that is shown is the default of an option, or")
	w.line("# one that it can have if it has no default.")
	if f == TOML {
		for _, s := range p.Sections {
			w.tomlSection(s)
		}
		return w.Bytes()
	}
	w.yamlTree(treeOf(p))
	return w.Bytes()
}

// An exampleWriter writes an example.
type exampleWriter struct {
	bytes.Buffer
	comment bool // all of it is a comment
	indent  string
}

// line writes a line, as a comment if the writer is to.
func (w *exampleWriter) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if w.comment && text != "" {
		text = "# " + text
	}
	w.WriteString(strings.TrimRight(w.indent+text, " ") + "\n")
}

// doc writes a comment.
func (w *exampleWriter) doc(paragraphs ...string) {
	text := joined(paragraphs...)
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		w.WriteString(strings.TrimRight(w.indent+"# "+printable(line), " ") + "\n")
	}
}

// printable replaces control characters, which no comment can have.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

func (w *exampleWriter) tomlSection(s gen.Section) {
	if s.Namespace == "" {
		w.tomlTable(keys(s.Path), s.Doc, s.Options)
		return
	}
	for _, p := range s.Plugins {
		if p.Build != "" {
			continue // it is not in every build of the program
		}
		w.tomlTable(keys(s.Path)+"."+key(p.Name), joined(p.Doc, deprecation(p)), p.Options)
	}
}

// tomlTable writes the table of a plugin, or a section.
func (w *exampleWriter) tomlTable(path, doc string, s *options.Struct) {
	w.WriteByte('\n')
	w.doc(doc)
	if missing := unfillable(s); missing != "" {
		w.doc("It needs " + missing + ".")
		w.comment = true
		defer func() { w.comment = false }()
	}
	w.line("[%s]", path)
	if s != nil {
		w.tomlFields(path, s, nil)
	}
}

// tomlFields writes the options of a table, and then the tables in it.
func (w *exampleWriter) tomlFields(path string, s *options.Struct, within []*options.Struct) {
	for _, o := range s.All() {
		if !tomlTables(o.Type) && o.Deprecated == "" {
			w.option(o, " = ")
		}
	}
	outer := w.comment
	for _, o := range s.All() {
		t, choice := o.Type.Table(), choiceIn(o.Type)
		if !tomlTables(o.Type) || o.Deprecated != "" || slices.Contains(within, t) {
			continue
		}
		w.WriteByte('\n')
		w.doc(o.Doc, notes(o))
		suffix := suffixOf(o.Type)
		w.comment = outer || !needed(o) || suffix != "" || choice != nil
		at := w.tomlHeader(path+"."+key(o.Name), suffix)
		if choice != nil {
			w.line("%s = %s # a plugin of %s", key(typeKey(choice)), text(o.Default), choice.Namespace)
		} else {
			w.tomlFields(at, t, append(within, s))
		}
		w.comment = outer
	}
}

// tomlTables reports whether the values of a type are tables, or lists or maps of tables,
// which have lines of their own. A list of lists of tables is not: it has no such lines.
func tomlTables(t *options.Type) bool {
	return (t.Table() != nil || choiceIn(t) != nil) && !strings.Contains(suffixOf(t), "[][]")
}

// tomlHeader writes the line that begins a table, which is in lists and maps as the suffix
// has it, and returns the path of the table.
func (w *exampleWriter) tomlHeader(path, suffix string) string {
	for rest := suffix; rest != ""; rest = rest[len("[]"):] {
		if strings.HasPrefix(rest, "[]") {
			w.line("[[%s]]", path)
		} else {
			path += ".name"
		}
	}
	if !strings.HasSuffix(suffix, "[]") {
		w.line("[%s]", path)
	}
	return path
}

// option writes one option: its documentation, and its value, as a comment unless it is
// required.
func (w *exampleWriter) option(o *options.Option, assign string) {
	w.separate()
	w.doc(o.Doc, notes(o))
	value, ok := shown(o)
	outer := w.comment
	if !o.Required || !ok {
		w.comment = true
	}
	w.line("%s%s%s", key(o.Name), assign, value)
	w.comment = outer
}

// separate writes an empty line before an option.
func (w *exampleWriter) separate() {
	if !strings.Contains(w.indent, "#") {
		w.WriteByte('\n')
	}
}

// notes returns what else there is to know of an option: its properties, but for its old names.
func notes(o *options.Option) string {
	r := OptionRow{Properties: o.Properties}
	r.Aliases = nil
	text := strings.NewReplacer("\n\n", " ", "`", "").Replace(r.notes())
	if o.Required {
		text = strings.TrimSpace("Required. " + text)
	}
	return text
}

// shown returns the value of an option that the example has, and whether the program accepts it.
func shown(o *options.Option) (text string, ok bool) {
	switch {
	case o.HasDefault && !o.Secret:
		return string(literal(o.Type, o.Default)), true
	case o.Example != "" && !o.Secret:
		return string(literal(o.Type, o.Example)), true
	case o.Secret && o.Env != "":
		return `"${` + o.Env + `}"`, false
	case o.Secret:
		return `"***"`, false
	}
	raw, ok := simple(o.Type, o)
	return string(raw), ok
}

// simple returns a value of a type, and whether it is one that the option accepts.
func simple(t *options.Type, o *options.Option) (json.RawMessage, bool) {
	switch t.Kind {
	case options.Pointer:
		return simple(t.Elem, o)
	case options.Bool:
		return json.RawMessage("false"), true
	case options.Int, options.Uint, options.Float:
		switch {
		case len(o.Enum) > 0:
			return literal(t, o.Enum[0]), true
		case o.Min != "":
			return literal(t, o.Min), true
		case o.Max != "":
			return literal(t, o.Max), true
		}
		return json.RawMessage("0"), true
	case options.String:
		if len(o.Enum) > 0 {
			return text(o.Enum[0]), true
		}
		return text(""), o.Pattern == "" && (o.Min == "" || o.Min == "0")
	case options.Duration:
		switch {
		case len(o.Enum) > 0:
			return text(o.Enum[0]), true
		case o.Min != "":
			return text(o.Min), true
		case o.Max != "":
			return text(o.Max), true
		}
		return text("0s"), true
	case options.List:
		return json.RawMessage("[]"), o.Min == "" || o.Min == "0"
	case options.Array:
		if t.Len > 100 {
			return json.RawMessage("[]"), false
		}
		item, ok := simple(t.Elem, withoutBounds(o))
		items := strings.TrimSuffix(strings.Repeat(string(item)+",", t.Len), ",")
		return json.RawMessage("[" + items + "]"), ok
	case options.Map:
		return json.RawMessage("{}"), o.Min == "" || o.Min == "0"
	default:
		return text(""), false
	}
}

// unfillable returns the name of a required option for which there is no value to show, ""
// if there is none.
func unfillable(s *options.Struct) string {
	if s == nil {
		return ""
	}
	for _, o := range s.All() {
		if !needed(o) {
			continue
		}
		if t := o.Type.Table(); t != nil {
			if suffixOf(o.Type) != "" {
				return o.Name
			}
			if missing := unfillable(t); missing != "" {
				return o.Name + "." + missing
			}
			continue
		}
		if _, ok := shown(o); !ok {
			return o.Name
		}
	}
	return ""
}

// key returns a name as a key of TOML or YAML.
func key(name string) string {
	for _, r := range name {
		if r != '-' && !isWord(r) {
			return string(text(name))
		}
	}
	if name == "" {
		return `""`
	}
	return name
}

// keys returns a dotted path as TOML writes it.
func keys(path string) string {
	var all []string
	for name := range strings.SplitSeq(path, ".") {
		all = append(all, key(name))
	}
	return strings.Join(all, ".")
}

// A branch is a table of the YAML example: of a section, or a plugin.
type branch struct {
	name     string
	doc      string
	options  *options.Struct
	branches []*branch
}

// treeOf returns the sections as a tree, since paths can have several names.
func treeOf(p *gen.Program) *branch {
	root := &branch{}
	for _, s := range p.Sections {
		b := root
		for name := range strings.SplitSeq(s.Path, ".") {
			b = b.branch(name)
		}
		b.doc, b.options = s.Doc, s.Options
		for _, x := range s.Plugins {
			if x.Build == "" {
				b.branches = append(b.branches, &branch{
					name: x.Name, doc: joined(x.Doc, deprecation(x)), options: x.Options,
				})
			}
		}
	}
	return root
}

func (b *branch) branch(name string) *branch {
	for _, x := range b.branches {
		if x.name == name {
			return x
		}
	}
	x := &branch{name: name}
	b.branches = append(b.branches, x)
	return x
}

func (w *exampleWriter) yamlTree(b *branch) {
	for _, x := range b.branches {
		w.WriteByte('\n')
		w.doc(x.doc)
		outer := w.comment
		if missing := unfillable(x.options); missing != "" {
			w.doc("It needs " + missing + ".")
			w.comment = true
		}
		w.line("%s:", key(x.name))
		indent := w.indent
		w.indent += "  "
		if x.options != nil {
			w.yamlFields(x.options, nil)
		}
		w.yamlTree(x)
		w.indent, w.comment = indent, outer
	}
}

func (w *exampleWriter) yamlFields(s *options.Struct, within []*options.Struct) {
	for _, o := range s.All() {
		if o.Deprecated != "" {
			continue
		}
		t, choice, suffix := o.Type.Table(), choiceIn(o.Type), suffixOf(o.Type)
		if t == nil && choice == nil {
			w.option(o, ": ")
			continue
		}
		if slices.Contains(within, t) {
			continue
		}
		w.separate()
		w.doc(o.Doc, notes(o))
		outer, indent := w.comment, w.indent
		w.comment = outer || !needed(o) || suffix != "" || choice != nil
		w.line("%s:", key(o.Name))
		if w.comment {
			w.indent += "#   "
			w.comment = false
		} else {
			w.indent += "  "
		}
		w.yamlNames(suffix)
		if choice != nil {
			w.line("%s: %s # a plugin of %s", key(typeKey(choice)), text(o.Default), choice.Namespace)
		} else {
			w.yamlFields(t, append(within, s))
		}
		w.indent, w.comment = indent, outer
	}
}

// yamlNames writes the lines that begin a table which is in lists and maps as the suffix has
// it.
func (w *exampleWriter) yamlNames(suffix string) {
	for ; suffix != ""; suffix = suffix[len("[]"):] {
		if strings.HasPrefix(suffix, "[]") {
			w.line("-")
		} else {
			w.line("name:")
		}
		w.indent += "  "
	}
}
