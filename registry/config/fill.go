package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// A Filling is the result of [Fill].
type Filling struct {
	Warnings Errors // about deprecated options that were given, in order of the options
	Err      error  // everything that is wrong with the options, as Errors; or of the Maker
}

// A Request is what [Fill] is to do.
type Request struct {
	Value   Value    // a table; missing if there is no configuration
	Options *Options // of the struct
	Target  any      // a pointer to the struct
	Ignored []string // names in the table that are no options

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
}

// Fill fills a struct from its description. Package registry calls it; programs call
// [Decode].
//
// It is small, and does its work in the functions that the description refers to. So
// a program without options does not have the decoder in it.
func Fill(r Request) (f Filling) {
	d := decoders.Get().(*Decoder)
	d.options, d.base, d.from = r.Options, r.Value.path, r.Value.root
	d.ignored, d.check, d.maker = r.Ignored, r.Check, r.Maker
	if d.from != nil {
		d.env = d.from.env
	}
	if d.value = r.Value.n; d.value == nil {
		d.value = &noTable
	}
	f.Err = d.fill(r.Target)
	f.Warnings = d.warnings
	d.reset()
	decoders.Put(d)
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

// A Child is an option that is a plugin.
type Child struct {
	Namespace string
	Name      string // of the plugin, as configured
	Value     Value  // its table
	TypeKey   string // the name in the table that says which plugin it is

	at     *node // of the name
	named  string
	assign func(made any) error
}

// Format writes the namespace and the path of the child.
func (c Child) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "config.Child(%s at %s)", c.Namespace, c.Value.path)
}

// Assign sets the option to the plugin that was made. It returns an error if that is not
// of the option's type.
func (c *Child) Assign(made any) error { return c.assign(made) }

// Fail returns an error about the name of the plugin.
func (c *Child) Fail(message string) *Error {
	e := c.at.fail(joinPath(c.Value.path, c.TypeKey), message)
	if c.at.kind == str || c.at.kind == text {
		e.Snippet = snippet(c.TypeKey, c.at, true)
	}
	return e
}

// sections are the sections of the program.
var sections atomic.Pointer[[]Section]

// Link makes sections part of the program, so that [Decode] finds their structs. What
// plugingen writes calls it, by registry.Registry.LinkSections.
func Link(list ...Section) {
	for {
		old := sections.Load()
		var all []Section
		if old != nil {
			all = slices.Clone(*old)
		}
		for _, s := range list {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
		if sections.CompareAndSwap(old, &all) {
			return
		}
	}
}

// Decode returns a *T filled from the configuration of the program: from the section that
// //plugin:options section=path above T names, or from v itself if that is the section.
// The error is [Errors], all that is wrong with the section. Decode is safe for concurrent
// use.
//
// plugingen links the description of T into the program. Without it the error says so.
func Decode[T any](v Value) (*T, error) {
	var options *Options
	for _, s := range linked() {
		if s.Options == nil {
			continue
		}
		if _, ok := s.Options.Zero.(*T); ok {
			options = s.Options
		}
	}
	if options == nil {
		return nil, fmt.Errorf("config: there is no description of the options of %T: put "+
			"//plugin:options section=... above the type, //plugin:link above the package clause of the program, "+
			"run plugingen ./..., and build again", *new(T))
	}
	target := options.New()
	t, ok := target.(*T)
	if !ok {
		return nil, fmt.Errorf("config: the description of %T makes a %T", t, target)
	}
	f := Fill(RequestOf(v, options, target))
	if f.Err != nil {
		return nil, f.Err
	}
	return t, nil
}

// RequestOf returns the request to fill the struct of a section from the configuration.
func RequestOf(v Value, options *Options, target any) Request {
	if v.path != options.Section {
		v = v.At(options.Section)
	}
	return Request{Value: v, Options: options, Target: target, Ignored: below(options.Section)}
}

func linked() []Section {
	if list := sections.Load(); list != nil {
		return *list
	}
	return nil
}

// below returns the names in a section that are those of other sections.
func below(path string) (names []string) {
	if path == "" {
		names = append(names, "$schema") // for editors
	} else {
		path += "."
	}
	for _, s := range linked() {
		if rest, ok := strings.CutPrefix(s.Path, path); ok && rest != "" {
			if path, err := splitPath(rest); err == nil {
				names = append(names, path[0])
			}
		}
	}
	return names
}

var errNoMaker = errors.New("options that are plugins can only be made by a manager")
