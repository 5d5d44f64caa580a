package config_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/registry/config"
)

// text prints a value with where it is from.
func text(v config.Value) {
	said, err := v.Text()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s = %s (%v)\n", v.Path(), said, v.Position())
}

func ExampleJSONFile() {
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "app.json")
	if err := os.WriteFile(file, []byte(`{"agent": {"name": "one"}}`), 0o600); err != nil {
		fmt.Println(err)
	}
	cfg, err := config.Load(config.JSONFile(file))
	name, _ := cfg.At("agent.name").Text()
	fmt.Println(name, cfg.At("agent.name").Position().Line, err)
	// Output: one 1 <nil>
}

// The configuration of a program that need not have a file.
func ExampleOptional() {
	cfg, err := config.Load(config.Optional(config.JSONFile("no-such-file.json")))
	fmt.Println(cfg.Keys(), cfg.Files(), err)
	// Output: [] [no-such-file.json] <nil>
}

func ExampleJSON() {
	_, err := config.Load(config.JSON("app.json", []byte(`{"agent": {"name": one}}`)))
	fmt.Println(err)
	// Output: app.json:1:20: invalid JSON: expected a value
}

// Defaults of the program, which files and others override.
func ExampleFromMap() {
	cfg, err := config.Load(
		config.FromMap("default", map[string]any{"agent": map[string]any{"name": "one", "port": 80}}),
		config.JSON("app.json", []byte(`{"agent": {"name": "two"}}`)),
	)
	text(cfg.At("agent.name"))
	port, _ := cfg.At("agent.port").Int()
	fmt.Println(port, cfg.At("agent.port").Position(), err)
	// Output:
	// agent.name = two (app.json:1:20)
	// 80 default <nil>
}

// Variables of the environment are looked up when options are filled. References to them are
// resolved when the configuration is loaded.
func ExampleEnvironment() {
	os.Setenv("EXAMPLE_NAME", "one")
	defer os.Unsetenv("EXAMPLE_NAME")
	cfg, err := config.Load(
		config.JSON("app.json", []byte(`{"agent": {"name": "${EXAMPLE_NAME}"}}`)),
		config.Environment("APP_"), // and APP_AGENT_NAME, if it is set
	)
	text(cfg.At("agent.name"))
	fmt.Println(err)
	// Output:
	// agent.name = one (app.json:1:20)
	// <nil>
}

// A test has variables of its own.
func ExampleEnvironmentOf() {
	cfg, err := config.Load(
		config.JSON("app.json", []byte(`{"agent": {"name": "${NAME:-nobody}"}}`)),
		config.EnvironmentOf("APP_", []string{"NAME=one"}),
	)
	text(cfg.At("agent.name"))
	fmt.Println(err)
	// Output:
	// agent.name = one (app.json:1:20)
	// <nil>
}

func ExampleSet() {
	cfg, err := config.Load(
		config.JSON("app.json", []byte(`{"agent": {"name": "one"}}`)),
		config.Set("agent.name=two", `inputs."cpu/totals".interval=5s`),
	)
	text(cfg.At("agent.name"))
	text(cfg.At("inputs").Key("cpu/totals").Key("interval"))
	fmt.Println(err)
	// Output:
	// agent.name = two (-set)
	// inputs."cpu/totals".interval = 5s (-set)
	// <nil>
}

// A flag that can be given several times.
func ExampleAssignments() {
	var set config.Assignments
	flags := flag.NewFlagSet("app", flag.ContinueOnError)
	flags.Var(&set, "set", "set an option: `path=value`; can be repeated")
	if err := flags.Parse([]string{"-set", "agent.name=one", "-set", "agent.token=hush"}); err != nil {
		fmt.Println(err)
	}
	cfg, err := config.Load(set)
	text(cfg.At("agent.name"))
	fmt.Println(set, err) // without the values, which may be secrets
	// Output:
	// agent.name = one (-set)
	// agent.name, agent.token <nil>
}

// All errors of several parts of a program, in order.
func ExampleJoin() {
	cfg, err := config.Load(config.JSON("app.json", []byte(`{
		"agent": {"name": 1},
		"color": "blue"
	}`)))
	if err != nil {
		fmt.Println(err)
	}
	_, nameErr := cfg.At("agent.name").Text()
	colorErr := cfg.At("color").Refuse("expected red or green")
	err = config.Join(colorErr, nameErr)
	fmt.Println(err)
	all, ok := errors.AsType[config.Errors](err)
	fmt.Println(len(all), ok)
	// Output:
	// app.json:2:21: agent.name: expected a string, got an integer
	// app.json:3:12: color: expected red or green
	// 2 true
}

func ExampleParseDuration() {
	d, err := config.ParseDuration("1m30s")
	fmt.Println(d.Seconds(), err)
	_, err = config.ParseDuration("30s1m")
	fmt.Println(err)
	// Output:
	// 90 <nil>
	// expected each unit of a duration once, the larger ones first, such as "1h30m"
}

// Lines is a format of lines "name value".
var lines = config.Format{Name: "lines", Assign: " ", Parse: func(data []byte, b *config.Builder) {
	b.Table(1, 1)
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for line := 1; scanner.Scan(); line++ {
		name, value, ok := bytes.Cut(scanner.Bytes(), []byte(" "))
		if !ok {
			b.Fail(line, 1, "expected a name, a space and a value")
			continue
		}
		b.Key(string(name), line, 1).String(string(value), line, len(name)+2)
	}
}}

// Another format of files needs a function that reads it.
func ExampleFormat() {
	cfg, err := config.Load(lines.Data("app.lines", []byte("name one\ncolor blue\n")))
	text(cfg.At("color"))
	fmt.Println(err)
	_, err = config.Load(lines.Data("app.lines", []byte("name one\ncolor\n")))
	fmt.Println(err)
	// Output:
	// color = blue (app.lines:2:7)
	// <nil>
	// app.lines:2:1: expected a name, a space and a value
}

// A part of the configuration that the program reads by itself.
func ExampleValue() {
	cfg, err := config.Load(config.JSON("app.json", []byte(`{"users": [{"name": "ann", "age": 41}, {"name": "bob"}]}`)))
	if err != nil {
		fmt.Println(err)
	}
	users := cfg.At("users")
	for i := range users.Len() {
		user := users.Index(i)
		name, err := user.Key("name").Text()
		fmt.Println(user.Path(), name, user.Keys(), err)
	}
	_, err = users.Index(1).Key("age").Int()
	fmt.Println(err)
	// Output:
	// users[0] ann [age name] <nil>
	// users[1] bob [name] <nil>
	// users[1].age: missing: an integer of 64 bits is expected
}
