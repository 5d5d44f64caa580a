package configtoml_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/configtoml"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "app.toml")
	if err := os.WriteFile(file, []byte("[agent]\nname = \"one\"\n"), 0o600); err != nil {
		fmt.Println(err)
	}
	cfg, err := config.Load(configtoml.File(file), config.Environment("APP_"))
	name, _ := cfg.At("agent.name").Text()
	fmt.Println(name, cfg.At("agent.name").Position().Line, err)
	// Output: one 2 <nil>
}

func ExampleData() {
	_, err := config.Load(configtoml.Data("app.toml", []byte("[agent]\nname = one\n")))
	fmt.Println(err)
	// Output: app.toml:2:8: invalid TOML: unexpected character at start of value
}
