package gen_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/gen"
)

// A build system of its own asks what there is to write, and writes it.
func ExampleMake() {
	dir, err := os.MkdirTemp("", "hello")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/plugingen/plugingen v0.0.0\n",
		"greetings.go": "package greetings\n\n//plugin:namespace=hello.greetings\n" +
			"func English(name string) string { return \"Hello, \" + name }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			fmt.Println(err)
		}
	}

	plan, err := gen.Make(dir, []string{"./..."})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range plan.Diagnostics {
		fmt.Println(plan.Fset.Position(d.Pos), d.Message)
	}
	if err := plan.Apply(); err != nil {
		fmt.Println(err)
	}
	for _, c := range plan.Applied {
		fmt.Println(filepath.Base(c.Path))
	}
	// Output: plugins_gen.go
}
