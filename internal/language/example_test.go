package language_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/plugingen/plugingen/internal/language"
)

// The keys of the language, for completion in an editor.
func ExampleReference() {
	for _, k := range language.Reference() {
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
	if err := language.WriteHelp(&b); err != nil {
		fmt.Println(err)
	}
	first, _, _ := strings.Cut(b.String(), "\n")
	fmt.Println(first)
	// Output:
	// An annotation is a comment directly above a declaration, or a struct tag on an
}
