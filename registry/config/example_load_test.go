package config_test

import (
	"fmt"

	"github.com/plugingen/plugingen/registry/config"
)

// What was set is stronger than the environment, and that is stronger than files.
func ExampleLoad() {
	cfg, err := config.Load(
		config.JSON("ministack.json", []byte(`{"services": {"objects": {"dir": "/data", "quota": "1GiB"}}}`)),
		config.Environment("MINISTACK_"),
		config.Set("services.objects.dir=/srv"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	dir := cfg.At("services.objects.dir")
	text, _ := dir.Text()
	fmt.Println(text, "from", dir.Position())
	// Output: /srv from -set
}

func ExampleResolver() {
	vault := func(reference string) (string, error) { return "the secret " + reference, nil }
	cfg, err := config.Load(
		config.JSON("ministack.json", []byte(`{"token": "${vault:objects#token}", "literal": "$${vault}"}`)),
		config.Resolver("vault", vault),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range cfg.Keys() {
		text, _ := cfg.Key(name).Text()
		fmt.Println(name, "=", text)
	}
	// Output:
	// literal = ${vault}
	// token = the secret objects#token
}
