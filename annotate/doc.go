// Package annotate reads the plugin annotations of Go source: //plugin:
// comments, plugin:"" struct tags, and registry.Spec variables written by hand.
//
// It is the only reader of the language: plugingen and pluginvet use it, so they
// find the same plugins and report the same errors. It works on syntax alone. Files
// go in as [go/ast] trees, and a [Package] comes out, with a [Diagnostic] for
// each error. It never guesses: where syntax is not enough, a diagnostic asks for
// what is missing.
//
// # Grammar
//
//	directive = "//plugin:" pair { space pair }
//	tag       = `plugin:"` pair { space pair } `"`
//	pair      = key [ "=" value ]            ; a bare key means true
//	key       = [a-z][a-z0-9_]*
//	value     = item { "," item }            ; item = word | "Go string" | `raw string`
//
// A space and two slashes end a directive, so an ordinary comment can follow.
// "plugingen help keys" prints the reference of the language, with all its keys.
//
// A comment that is almost a directive is reported too, if it has a key of the
// language or a misspelling of one: without that it may be prose, or an annotation
// for another program.
//
// The package has a scanner of its own because [ast.ParseDirective] splits name="a b"
// at the space, and because struct tags have the same grammar.
//
// # Use
//
// [Read] takes the files of one package. Plugins can inherit their namespace from
// a type of another package, and take their name from a constant of one, so they are
// complete only after [Package.Resolve], which asks for those. Files with syntax
// errors are read as far as the parser got.
package annotate

// The files of this package, in an order in which each uses only what comes before it:
//
//	diagnostic.go  what is reported: categories, positions, fixes
//	directive.go   from the text of a directive to pairs of key and value
//	tag.go         from a struct tag to a directive
//	package.go     what Read returns: packages, plugins, contracts, hosts
//	syntax.go      what syntax tells of a file's imports, of declarations, types and constants
//	reader.go      reading directives, and the values of their keys
//	reference.go   the declarations that values name: factories, conditions, types
//	contract.go    contracts and their methods, and structs with options
//	declare.go     plugins: functions, types, variables
//	read.go        Read; annotations where they have no effect, and almost-annotations
//	resolve.go     Resolve: names, namespaces and what is unique
//
// Package language has the keys.
