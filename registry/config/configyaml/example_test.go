package configyaml_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/configyaml"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "app.yaml")
	if err := os.WriteFile(file, []byte("agent:\n  name: one\n"), 0o600); err != nil {
		fmt.Println(err)
	}
	cfg, err := config.Load(configyaml.File(file), config.Environment("APP_"))
	name, _ := cfg.At("agent.name").Text()
	fmt.Println(name, cfg.At("agent.name").Position().Line, err)
	// Output: one 2 <nil>
}

func ExampleData() {
	_, err := config.Load(configyaml.Data("app.yaml", []byte("agent:\n  name: [one\n")))
	fmt.Println(err)
	// Output: app.yaml:3:1: invalid YAML: did not find expected …
}
