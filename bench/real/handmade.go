package real

import "regexp"

// handmades are programs of different styles, the quickest to build first.
var handmades = []handmade{
	{
		name:    "goftp's server",
		module:  "goftp.io/server/v2@v2.0.3",
		style:   "a map of values",
		command: "listing",
		probe: map[string]string{"listing/main.go": `package main

import (
	"fmt"

	"goftp.io/server/v2"
)

func main() {
	for name := range server.DefaultCommands() {
		fmt.Println(name)
	}
}
`},
		vetted: "./...",
		tests:  []string{"."},
	},
	{
		name:    "go-ycsb",
		module:  "github.com/pingcap/go-ycsb@v1.0.3",
		style:   "RegisterDBCreator(name, value), blank imports",
		command: "cmd/go-ycsb",
		probe: map[string]string{
			"pkg/ycsb/listing.go": "package ycsb\n\n" + `// DBCreators is what is registered.
func DBCreators() map[string]DBCreator { return dbCreators }
`,
			"cmd/go-ycsb/zlisting.go": `package main

import (
	"fmt"
	"os"

	"github.com/pingcap/go-ycsb/pkg/ycsb"
)

func init() {
	for name := range ycsb.DBCreators() {
		fmt.Println(name)
	}
	os.Exit(0)
}
`,
		},
		vetted: "./...",
		tests:  []string{"./pkg/..."},
	},
	{
		name:    "node_exporter",
		module:  "github.com/prometheus/node_exporter@v1.12.1",
		style:   "registerCollector(name, enabled, New), in one package",
		command: ".",
		list:    []string{"--help"},
		listed:  regexp.MustCompile(`--\[no-\]collector\.([a-z0-9_]+) `),
		vetted:  "./...",
		tests:   []string{"./collector/..."},
	},
	{
		name:    "golang-migrate",
		module:  "github.com/golang-migrate/migrate/v4@v4.20.1",
		style:   "Register(name, pointer), blank imports in files with tags",
		tags:    "postgres,pgx5,mysql,sqlserver,rqlite,stub,github,gitlab,bitbucket,go_bindata",
		command: "cmd/migrate",
		list:    []string{"-help"},
		listed:  regexp.MustCompile(`(?:Source|Database) drivers: (.*)`),
		vetted:  "./...",
		tests: []string{
			".", "./database", "./database/mysql", "./internal/...", "./source", "./source/file", "./source/go_bindata",
		},
	},
}
