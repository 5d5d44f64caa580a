// Package reference documents what a program can be configured with: as a JSON Schema, as
// Markdown or JSON for people, and as an example configuration. All of it is made from what
// package gen has read, without building anything.
package reference

import (
	"encoding/json"
	"go/doc/comment"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/options"
)

// joined returns paragraphs, those that are not empty.
func joined(paragraphs ...string) string {
	var all []string
	for _, p := range paragraphs {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, "\n\n")
}

// isDeprecated reports whether a plugin is deprecated.
func isDeprecated(p gen.Plugin) bool { return p.Deprecation() != "" }

// deprecation describes a plugin's deprecation in a sentence, or returns "" if the plugin is
// not deprecated. What the plugin says of it may end in a period or not.
func deprecation(p gen.Plugin) string {
	text := p.Deprecation()
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if p.Deprecated == "" {
		text += "."
	}
	return text
}

// needed reports whether a program does not load without an option. A struct that is no
// pointer is always filled, and so is needed if one of its options is.
func needed(o *options.Option) bool {
	return o.Required || o.Type.Kind == options.Table && slices.ContainsFunc(filled(o.Type.Struct),
		func(o *options.Option) bool { return o.Required })
}

// filled returns the options of a struct, and of the structs that are filled with it, each once.
func filled(s *options.Struct) (all []*options.Option) {
	seen := map[*options.Struct]bool{}
	var add func(*options.Struct)
	add = func(s *options.Struct) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, o := range s.All() {
			all = append(all, o)
			if o.Type.Kind == options.Table {
				add(o.Type.Struct)
			}
		}
	}
	add(s)
	return all
}

// literal returns the value that a text in a tag stands for, in JSON.
func literal(t *options.Type, value string) json.RawMessage {
	switch t.Kind {
	case options.Pointer:
		return literal(t.Elem, value)
	case options.Plugin: // its default is its name
		return json.RawMessage("{" + string(text(typeKey(t))) + ": " + string(text(value)) + "}")
	case options.Bool:
		if value == "true" || value == "false" {
			return json.RawMessage(value)
		}
	case options.Int, options.Uint, options.Float:
		return json.RawMessage(number10(t, value))
	case options.List, options.Array:
		list := []byte{'['}
		for i, item := range options.Items(value) {
			if i > 0 {
				list = append(list, ", "...)
			}
			list = append(list, literal(t.Elem, item)...)
		}
		return append(list, ']')
	}
	return text(value)
}

// number10 returns a number of a tag as JSON writes it.
func number10(t *options.Type, value string) string {
	if t.Kind == options.Pointer {
		return number10(t.Elem, value)
	}
	if n, err := strconv.ParseInt(value, 0, 64); err == nil && t.Kind == options.Int {
		return strconv.FormatInt(n, 10)
	}
	if n, err := strconv.ParseUint(value, 0, 64); err == nil && t.Kind == options.Uint {
		return strconv.FormatUint(n, 10)
	}
	if f, err := strconv.ParseFloat(value, 64); err == nil {
		return strings.Replace(strconv.FormatFloat(f, 'g', -1, 64), "e+", "e", 1)
	}
	return "0" // a diagnostic says that it is no number
}

// markdown returns a doc comment as Markdown.
func markdown(doc string) string {
	var parser comment.Parser
	printer := comment.Printer{HeadingLevel: 4, HeadingID: func(*comment.Heading) string { return "" }}
	return strings.TrimSpace(string(printer.Markdown(parser.Parse(doc))))
}
