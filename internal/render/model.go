// Package render writes the Go source of generated files. What goes in is data: a
// [File] holds all that its source depends on, and equal Files have equal source.
package render

import (
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
)

// A File is a generated file.
type File struct {
	Preamble   string     // comments above the header, a licence for example
	Path       string     // import path of the package
	Package    code.Ident // its name
	Constraint string     // what goes after //go:build, "" for none
	Slug       string     // the constraint as part of an identifier
	Reserved   []string   // names that imports and variables of the file can't have

	Contracts  []genfile.Record
	Interfaces []genfile.Interface // more of those contracts that are interfaces
	Bases      []genfile.Record
	Specs      []Spec // by identifier

	Structs []*Struct // with options, those that the file describes; by identifier

	// Copies has a number for each struct of Structs whose type another one describes, too: there
	// are two of a type if contracts name its options by different struct tags.
	Copies map[*options.Struct]int

	Host       string      // what links the tables, for the doc comment
	Tables     []Table     // by namespace
	Sections   []Section   // by path
	Assertions []Assertion // in the order of the tables
}

// A Spec is a plugin of the package.
type Spec struct {
	Identifier      code.Ident
	Namespace, Name string
	Kind            annotate.Kind
	Symbol          code.Ident
	TypeArgs        []code.Type
	Address         bool // of a variable: the plugin is its address
	Factory         *Call
	ShouldLoad      *Call
	Options         *Use       // nil for a plugin without options
	Load            code.Ident // none, or what is called
	Contract        *Contract  // what the plugin is asserted to satisfy
	Interface       bool       // of a function: the contract is no func type
	Adapter         *Adapter   // of a function: how it satisfies an interface
	Method          code.Ident // of a type, from which its place is looked up; or none
	Methods         []string   // of the lifecycle, as interface methods that the type has

	annotate.Properties
}

// A Call is a use of a declaration of the package.
type Call struct {
	Symbol code.Ident
	Arg    annotate.Arg
	Error  bool
	Value  bool
}

// An Adapter is a type that makes a function satisfy an interface.
type Adapter struct {
	Method          code.Ident
	Params, Results []code.Type // the last parameter's without ... if it is variadic
	Variadic        bool
	Lifecycle       []string  // of the methods that a manager calls, those that the interface asks for
	LoadArg         code.Type // of what Load takes, for rules.LoadArgument
}

// A Contract is what plugins are asserted to be assignable to.
type Contract struct {
	code.Ref
	Pointer bool // the type is a pointer to what Ref names
}

// An Assertion makes a host's file check that a plugin of another package satisfies a
// contract.
type Assertion struct {
	Contract Contract
	Plugin   code.Ref
	Kind     annotate.Kind
	Address  bool
	Factory  *Call
	Options  *Use // what the factory takes, or nil
}

// A Table is the linked specs of a namespace.
type Table struct {
	Namespace string
	Specs     []code.Ref
}

// A Use is how a plugin uses a struct with options.
type Use struct {
	Struct  *options.Struct
	Param   bool // its factory takes it; else the options are fields of the plugin
	Pointer bool // the factory takes a pointer
	Reloads bool // it has, or may have, a method Reload

	table, typ string // placeholders for its description and for the struct
}

// A Struct is a struct with options that a file describes. Others refer to its description by
// its identifier.
type Struct struct {
	*options.Struct
	Root bool // something else than the options of other structs refers to it
}

// A Section is a part of a program's configuration.
type Section struct {
	Path      string
	Namespace string          // of the plugins that are configured there, or ""
	Struct    *options.Struct // what the section is decoded into, or nil
}
