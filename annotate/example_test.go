package annotate_test

import (
	"fmt"
	"go/parser"
	"go/token"

	"github.com/plugingen/plugingen/annotate"
)

const greetings = `package greetings

// English is the plugin "english".
//
//plugin:namespace=hello.greetings
func English(name string) string { return "Hello, " + name }

// German has a typing error.
//
//plugin:namespace=hello.greetings nmae=german
func German(name string) string { return "Hallo " + name }
`

// A tool of your own reads plugins as plugingen and pluginvet do.
func ExampleRead() {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "greetings.go", greetings, parser.ParseComments)
	if err != nil {
		fmt.Println(err)
		return
	}
	files := []*annotate.File{annotate.NewFile(fset, "greetings.go", syntax)}
	pkg := annotate.Read("example.com/hello/greetings", files)
	pkg.Resolve(nil)
	for _, p := range pkg.Plugins {
		fmt.Println(p.ID(), p.Kind, p.Symbol)
	}
	for _, d := range annotate.Sort(fset, pkg.Diagnostics) {
		fmt.Println(fset.Position(d.Pos), d.Category, d.Message)
	}
	// Output:
	// hello.greetings:english func English
	// greetings.go:10:36 unknownkey unknown key "nmae" (did you mean "name"?); keys of your own begin with x_
}
