package annotate_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"strings"

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

// The keys of the language, for completion in an editor.
func ExampleKeys() {
	for _, k := range annotate.Keys() {
		if strings.HasPrefix(k.Name, "re") {
			fmt.Println(k.Name)
		}
	}
	// Output:
	// requires
	// removal_in
	// required
}

// The reference of the language, which plugingen help keys prints.
func ExampleWriteHelp() {
	var b bytes.Buffer
	if err := annotate.WriteHelp(&b); err != nil {
		fmt.Println(err)
	}
	first, _, _ := strings.Cut(b.String(), "\n")
	fmt.Println(first)
	// Output:
	// An annotation is a comment directly above a declaration, or a struct tag on an
}
