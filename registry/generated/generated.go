// Package generated is what the files that plugingen writes are made of: tables of linked
// plugins, descriptions of options, and the decoder that fills them. It is for generated
// code. Programs use package registry, and package config for their configuration.
//
// It is a package of its own so that package registry shows its users what they need, and
// nothing else, and so that generated files import few packages whose names could be those
// of the user's own.
//
// A host's file has [Links]: a [Table] of specs for each namespace, and a [Section] for each part
// of the configuration. The file of a package has [Options] for each struct with options, with a
// function that calls a [Decoder] and, for each field, the function that fills it: [String],
// [Int], [List] and so on. [Reload] is a field of specs. The rest, [Fill] and [Print] with their types,
// is what package registry calls. All of it can be written by hand, too, for a plugin whose
// options plugingen can't see.
//
// # Compatibility
//
// A generated file refers to a version of this package, such as [CodeV1]. It compiles, and works
// as when it was written, with every release of this module, from the one that wrote it on, that
// has the constant. A release that can no longer run such files removes the constant; that is a new
// minor version of v0, or a new major version. The compiler reports it at a line that says what to
// do: run plugingen again. New functions and fields come without a new constant, so a file that refers
// to them does not compile with releases before.
//
// Everything here is static data or a plain function: a program with linked plugins
// initializes and allocates nothing for them before main, and the linker drops the decoder
// from programs without options.
package generated

import (
	"context"
	"errors"
)

// CodeV1 is referred to by the files that plugingen writes. That it is declared says that this
// version of the module can run them.
const CodeV1 = true

// Links is what one generated file of a host links into the program. The S is
// registry.Spec, which this package can't import. The file's init function passes it to the
// method Link of registry.Default.
type Links[S any] struct {
	// Host is the import path of the package that links the tables.
	Host string

	// Tables has one entry for each namespace, sorted by namespace.
	Tables []Table[S]

	// Sections says where the configuration of the program has the options.
	Sections []Section
}

// A Table is the specs of one namespace, sorted by name.
type Table[S any] struct {
	Namespace string
	Specs     []*S
}

// ErrNoReload is what [Reload] returns for a plugin that has no fitting method: to follow a
// changed configuration it is made anew.
var ErrNoReload = errors.New("the plugin has no method Reload")

// Reload is the field Reload of the spec of a plugin whose options are an O: it calls the
// plugin's method
//
//	Reload(context.Context, O) error    // or *O
//
// and returns [ErrNoReload] if there is none.
func Reload[O any](ctx context.Context, plugin, options any) error {
	o, ok := options.(*O)
	if !ok {
		return ErrNoReload
	}
	switch p := plugin.(type) {
	case interface {
		Reload(context.Context, O) error
	}:
		return p.Reload(ctx, *o)
	case interface {
		Reload(context.Context, *O) error
	}:
		return p.Reload(ctx, o)
	}
	return ErrNoReload
}
