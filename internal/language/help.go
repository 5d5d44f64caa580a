package language

import (
	"fmt"
	"io"
	"strings"
)

// usages are the places of annotations, with the keys that are required there.
var usages = []struct{ on, with, means string }{
	{"a func", "namespace", "a function plugin; its name defaults to the identifier in snake_case"},
	{"a func", "namespace name factory", "a constructor of plugins: func() T or func() (T, " +
		"error), which may take the plugin's name (string) or its *registry.Spec; each directive " +
		"is one plugin"},
	{"a type", "namespace name", "a plugin type; plugins are made by new(T), or by factory=NewT"},
	{"a struct type", "namespace", "an abstract base, no plugin; a struct that embeds it inherits " +
		"its namespace"},
	{"an interface or func type", "namespace", "the contract that every plugin of the namespace satisfies"},
	{"a struct or pointer type", "namespace contract", "the contract: every plugin of the " +
		"namespace is a pointer to the struct, or of the pointer type"},
	{"a var", "namespace name", "a value that is a plugin"},
	{"a var of registry.Spec", "nothing", "a plugin described by hand, found by its constant " +
		"Namespace and Name; //plugin:ignore hides it"},
	{"a struct type", "options", "a struct whose options many plugins share: it is described and " +
		"filled in its own package; with section, options of the program itself"},
	{"the package clause", "namespace ...", "defaults for the plugins of the package"},
	{"declarations in parentheses", "namespace ...", "defaults for the plugins of the group"},
	{"anywhere at top level", "link", "the package links plugins into a program"},
}

// grammar is the introduction of the reference.
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

// optionsGrammar is the introduction to options.
const optionsGrammar = `A plugin is configured by fields of its struct, or of a struct that its factory takes.
A tag with the key option makes a field an option; its doc comment documents it:

	// Objects keeps objects on disk.
	//
	//plugin:namespace=my.services name=objects
	type Objects struct {
		// Addr is the address to listen on.
		Addr    netip.AddrPort ` + "`plugin:\"option default=127.0.0.1:0\"`" + `
		Dir     string         ` + "`plugin:\"option required\"`" + `
		Timeout time.Duration  ` + "`plugin:\"option default=5s min=1ms\"`" + `
		Level   string         ` + "`plugin:\"option default=info enum=debug,info,warn\"`" + `
		Token   string         ` + "`plugin:\"option secret env=OBJECTS_TOKEN\"`" + `
		TLS     *TLS           ` + "`plugin:\"option\"`" + ` // a table; nil unless it is given
		Retry                  ` + "`plugin:\"option\"`" + ` // its options are options of Objects
	}

	type TLS struct {
		Cert string ` + "`plugin:\"option required\"`" + `
	}

	type Retry struct {
		Retries int ` + "`plugin:\"option default=3 min=0 max=10\"`" + `
	}

	// Validate is called when the struct has been filled; SetDefaults() before.
	func (o *Objects) Validate() error { ... }

Run plugingen, and let the program give its configuration to the manager (packages
registry, registry/config and registry/config/configtoml):

	cfg, err := config.Load(configtoml.File("app.toml"), config.Environment("APP_"))
	services := registry.NewManager[Service]("my.services", registry.WithConfig(cfg.At("services")))
	objects, err := services.Load(ctx, "objects")

app.toml then is, for example:

	[services.objects]
	dir = "/var/objects"
	retries = 5

	[services.objects.tls]
	cert = "cert.pem"

A factory can take the options instead, alone or behind the plugin's name (string)
or its *registry.Spec. Then the tags are in the struct that it takes:

	//plugin:namespace=my.services name=objects factory
	func NewObjects(o *ObjectsOptions) (*Objects, error)

An option can be a string, a boolean, a number, a time.Duration, any type with the
method UnmarshalText, a struct with options, a pointer, a slice, an array, a map with
string keys of these, a config.Value or any (which the plugin itself decodes), or the
contract of a namespace (the value is another plugin). A value with a space or a
comma in it is quoted, as in ` + "`plugin:\"option doc=\\\"two words\\\"\"`" + `.

The keys of options:
`

// WriteHelp writes the reference of the language, or returns the error of w.
func WriteHelp(w io.Writer) error {
	p := &printer{w: w}
	p.printf("%s\nWHERE\n\n", grammar)
	for _, f := range usages {
		p.entry(f.on+", with "+f.with, f.means)
	}
	p.printf("KEYS\n\n")
	for _, k := range keys {
		if k.On == OnOption {
			continue
		}
		p.key(k)
	}
	p.entry("x_...="+CustomKey.Value, CustomKey.Doc, "on "+CustomKey.On.String())
	p.printf("OPTIONS\n\n%s\n", optionsGrammar)
	for _, k := range keys {
		if k.On == OnOption {
			p.key(k)
		}
	}
	p.printf("  The keys doc, deprecated and aliases are for options too.\n")
	return p.err
}

// WriteKeyHelp writes the part of the reference that describes a key. It writes nothing for a
// word that is none.
func WriteKeyHelp(w io.Writer, name string) error {
	p := &printer{w: w}
	for _, k := range keys {
		if k.Name == name {
			p.key(k)
		}
	}
	return p.err
}

// key writes the entry of a key.
func (p *printer) key(k Key) {
	if k.On == OnOption {
		head := k.Example()
		if k.Kind == OptionValue {
			head = k.Name + ", " + head
		}
		p.entry(head, k.Doc)
		return
	}
	p.entry(k.Example(), k.Doc, "on "+k.On.String())
}

// A printer keeps the first error of its writer.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// entry writes a headline, and indented paragraphs below it.
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
