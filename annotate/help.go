package annotate

import (
	"fmt"
	"io"
	"strings"
)

// forms are the declarations that an annotation can stand on.
var forms = []struct{ on, with, means string }{
	{"a func", "namespace", "a function plugin; its name defaults to the identifier in snake_case"},
	{"a func", "namespace name factory", "a constructor of plugins: func() T or func() (T, error), which may take the plugin's name (string) or its *registry.Spec; each directive is one plugin"},
	{"a type", "namespace name", "a plugin type; plugins are made by new(T), or by factory=NewT"},
	{"a struct type", "namespace", "an abstract base, no plugin; a struct that embeds it inherits its namespace"},
	{"an interface or func type", "namespace", "the contract that every plugin of the namespace satisfies"},
	{"a struct or pointer type", "namespace contract", "the contract: every plugin of the namespace is a pointer to the struct, or of the pointer type"},
	{"a var", "namespace name", "a value that is a plugin"},
	{"a var of registry.Spec", "nothing", "a plugin described by hand, found by its constant Namespace and Name; //plugin:ignore hides it"},
	{"the package clause", "namespace ...", "defaults for the plugins of the package"},
	{"declarations in parentheses", "namespace ...", "defaults for the plugins of the group"},
	{"anywhere at top level", "link", "the package links plugins into a program"},
}

const grammar = `An annotation is a comment directly above a declaration, or a struct tag on an
embedded field or on a field named _:

	//plugin:namespace=my.plugins name=my
	type My struct{ ... }

	type My struct {
		Base ` + "`plugin:\"name=my\"`" + ` // the namespace is that of Base
	}

Pairs of key and value are separated by spaces; several values of one key by
commas. A value with a space, a comma or a quote in it is written as a Go string,
"..." or ` + "`...`" + `. A key alone means yes. A space and // end a directive, and an ordinary
comment follows.
`

// WriteHelp writes the reference of the language.
func WriteHelp(w io.Writer) error {
	p := &printer{w: w}
	p.printf("%s\nWHERE\n\n", grammar)
	for _, f := range forms {
		p.entry(f.on+", with "+f.with, f.means)
	}
	p.printf("KEYS\n\n")
	for _, k := range keys {
		switch {
		case k.form == reserved:
			p.entry(k.Name, k.Doc)
		case k.Value == "":
			p.entry(k.Name, k.Doc, "on "+k.On.String())
		default:
			p.entry(k.Name+"="+k.Value, k.Doc, "on "+k.On.String())
		}
	}
	p.entry("x_...=anything", "a key of your own: registry.Spec.Attr returns its value, which is true if none is given", "on "+own.On.String())
	return p.err
}

// A printer remembers the first error of its writer.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// entry writes a head line, and paragraphs below it.
func (p *printer) entry(head string, paragraphs ...string) {
	p.printf("  %s\n", head)
	for _, text := range paragraphs {
		p.printf("%s", wrapped(text, "      ", 78))
	}
	p.printf("\n")
}

// wrapped breaks text into indented lines of at most width columns, where it can.
func wrapped(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}
