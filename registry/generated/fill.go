package generated

import (
	"errors"
	"fmt"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A Filling is the result of [Fill], for package registry.
type Filling struct {
	Warnings config.Errors // about deprecated options that were given, in order of the options
	Err      error         // everything that is wrong with the options, as Errors; or of the Maker
}

// A Request is what [Fill] is to do, for package registry.
type Request struct {
	Value   config.Value // a table; missing if there is no configuration
	Parent  config.Value // what Value would be in; errors of a missing Value are reported there
	Options *Options     // of the struct
	Target  any          // a pointer to the struct
	Ignored []string     // names in the table that are no options

	// Child is the option that the struct is a plugin of, or nil. Its secrets are not shown
	// in the errors of the struct.
	Child *Child

	// Maker makes the plugins that are options; it is a [Maker]. It is not one by its
	// type, so that the linker drops the methods of programs that have no options.
	Maker any

	// Check leaves out the Validate methods, of a struct that is filled only to find
	// the errors of its options.
	Check bool
}

// A Maker makes the plugins that are options of a struct, after its other options were
// found to be without errors.
type Maker interface {
	MakePlugins(children []*Child) error

	// CheckPlugins only returns what is wrong with the options of the plugins. It is
	// called if other options have errors.
	CheckPlugins(children []*Child) error
}

// Fill fills a struct from its description. Package registry calls it; programs call
// registry.Decode.
//
// It is small, and does its work in the functions that the description refers to. So
// a program without options does not have the decoder in it.
func Fill(r Request) (f Filling) {
	d := newDecoder()
	d.options, d.base, d.from = r.Options, r.Value.Path(), rootOf(r.Value)
	d.ignored, d.check, d.maker = r.Ignored, r.Check, r.Maker
	if r.Child != nil {
		d.inherits = r.Child.secret
		d.secrets = append(d.secrets, r.Child.hide.secrets...)
	}
	if d.from != nil {
		d.env = d.from.Env
	}
	if d.value = nodeOf(r.Value); d.value == nil {
		d.missing.Kind = tree.Table
		if at := nodeOf(r.Parent); at != nil {
			d.missing.File, d.missing.Line, d.missing.Col = at.File, at.Line, at.Col
		}
		d.value = &d.missing
	}
	d.whole = d.value
	f.Err = d.fill(r.Target)
	f.Warnings = d.warnings
	d.reset()
	spare.Store(d)
	return f
}

// fill fills the target. SetDefaults methods may panic.
func (d *Decoder) fill(target any) (err error) {
	returned := false
	defer func() {
		if !returned {
			d.panic = panicked(recover())
			if err = d.panic; d.finish != nil {
				err = d.finish(d)
			}
		}
	}()
	d.options.Fill(d, target)
	returned = true
	if d.finish == nil {
		return nil
	}
	return d.finish(d)
}

// A Child is an option that is a plugin, for package registry to make.
type Child struct {
	Namespace string
	Name      string       // of the plugin, as configured
	Option    string       // the path of the option in the struct: "codec", or "codecs[0]"
	Value     config.Value // its table
	TypeKey   string       // the name in the table that says which plugin it is

	at     *tree.Node // of the name
	bare   bool       // there is a name instead of a table
	secret bool
	hide   hiding // the secrets of the struct that has the option
	assign func(made any) error
}

// Format writes the namespace and the path of the child.
func (c Child) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "generated.Child(%s at %s)", c.Namespace, c.Value.Path())
}

// Assign sets the option to the plugin that was made. It returns an error if that is not
// of the option's type.
func (c *Child) Assign(made any) error { return c.assign(made) }

// Fail returns an error about the name of the plugin. Its cause, which may be nil, is left
// out if it shows a secret.
func (c *Child) Fail(message string, cause error) *config.Error {
	path, key := tree.JoinPath(c.Value.Path(), c.TypeKey), c.TypeKey
	if c.bare {
		path = c.Value.Path()
		_, key = cutLast(path)
	}
	if c.secret {
		message, cause = "the plugin can't be used; the reason is not shown, as it could show a secret", nil
	}
	e := refuse(c.at, path, message)
	e.Err = cause
	if c.at.Kind == tree.String || c.at.Kind == tree.Text {
		e.Snippet = tree.Snippet(key, c.at, !c.secret)
	}
	c.hide.redact(e, "")
	return e
}

var errNoMaker = errors.New("options that are plugins can only be made by a manager")
