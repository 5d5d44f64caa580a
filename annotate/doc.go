// Package annotate reads the plugin annotations of Go source: //plugin:
// comments, plugin:"" struct tags, and registry.Spec variables written by hand.
//
// It is the one place that knows the language. plugingen and pluginvet both use
// it, so they find the same plugins and say the same of the same mistake. It
// works on syntax alone: files go in as [go/ast] trees, and [Package] values come
// out, with a [Diagnostic] for everything that is wrong. What syntax can't tell
// is a diagnostic that asks for it, never a guess.
//
// # Grammar
//
//	directive = "//plugin:" pair { space pair }
//	tag       = `plugin:"` pair { space pair } `"`
//	pair      = key [ "=" value ]            ; a bare key means true
//	key       = [a-z][a-z0-9_]*
//	value     = item { "," item }            ; item = word | "Go string" | `raw string`
//
// A space and two slashes end a directive, so that an ordinary comment can
// follow. [Keys] lists the keys, and [WriteHelp] writes the reference of the language.
//
// What is almost a directive is reported too, as far as it can be told from prose and
// from the annotations of other programs: it needs a key of the language, or
// almost one.
//
// # Use
//
// [Read] takes one package's files. A namespace can be inherited from a type of
// another package, so [Package.Resolve] completes the plugins once those can be
// asked for. Files with syntax errors are read as far as the parser got.
package annotate
