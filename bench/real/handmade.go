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
		name:    "clickhouse-go",
		module:  "github.com/ClickHouse/clickhouse-go@v1.4.3",
		style:   "a switch over names, with the values in its cases",
		command: "listing",
		probe: map[string]string{"listing/main.go": `package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/lib/column"
)

func main() {
	for _, name := range strings.Fields("Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 " +
		"String UUID Date IPv4 IPv6 DateTime Nothing") {
		if _, err := column.Factory("c", name, time.UTC); err == nil {
			fmt.Println(name)
		}
	}
}
`},
		vetted: "./lib/...",
		tests:  []string{"./lib/..."},
		note:   "The tests of the driver itself need a server.",
	},
	{
		name:    "lego",
		module:  "github.com/go-acme/lego/v3@v3.6.0",
		style:   "a switch over names, with a call in each case",
		command: "cmd/lego",
		probe: map[string]string{
			"cmd/zlisting.go": `package cmd

import (
	"strings"

	"github.com/go-acme/lego/v3/providers/dns"
)

// Providers returns the names that are known: those without credentials have another error.
func Providers() (known []string) {
	for _, name := range strings.Split(allDNSCodes(), ", ") {
		_, err := dns.NewDNSChallengeProviderByName(name)
		if err == nil || !strings.HasPrefix(err.Error(), "unrecognized DNS provider") {
			known = append(known, name)
		}
	}
	return known
}
`,
			"cmd/lego/zlisting.go": `package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-acme/lego/v3/cmd"
)

func init() {
	fmt.Println(strings.Join(cmd.Providers(), "\n"))
	os.Exit(0)
}
`,
		},
		vetted: "./...",
		tests:  []string{"./cmd/...", "./challenge/...", "./providers/dns"},
		note: "The tests are of what asks for providers by their names; the providers themselves have not changed. " +
			"Its go.mod is of Go 1.14: with plugingen's, tests with RSA keys of 512 bits fail, migrated or not.",
	},
	{
		name:    "Caddy",
		module:  "github.com/caddyserver/caddy/v2@v2.11.9",
		style:   "RegisterModule(T{}) with the name in a method, and five other functions",
		command: "cmd/caddy",
		list:    []string{"list-modules"},
		vetted:  "./...",
		tests:   []string{"./..."},
	},
	{
		name:    "CoreDNS",
		module:  "github.com/coredns/coredns@v1.15.0",
		style:   "Register(name, func), a blank import for each",
		command: ".",
		list:    []string{"-plugins"},
		vetted:  "./...",
		tests: []string{
			"./core/...", "./coremain/...", "./test/...", "./plugin", "./plugin/cache", "./plugin/erratic",
			"./plugin/file", "./plugin/forward", "./plugin/metrics", "./plugin/reload", "./plugin/rewrite",
		},
		lost: []string{
			"github.com/coredns/coredns/test TestImportOrdering", "github.com/coredns/coredns/test TestView",
			"github.com/coredns/coredns/test TestViewServerBlockOrdering",
		},
		note: "The tests are those of servers with all plugins, and of some plugins. TestImportOrdering wants " +
			"the imports of each file, of generated ones too, in the order that is usual there: CoreDNS's own " +
			"before those of other modules, in a block of their own. Some of the two tests of views fail in " +
			"most runs, before, too, and not always the same.",
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
	{
		name:    "rclone",
		module:  "github.com/rclone/rclone@v1.76.0",
		style:   "Register(&Info{Name: ...}), Add(Call{Path: ...}), blank imports in all packages",
		command: ".",
		list:    []string{"config", "providers"},
		listed:  regexp.MustCompile(`(?m)^ {8}"Name": "([^"]+)"`),
		vetted:  "./...",
		tests: []string{
			"./cmdtest", "./fs", "./fs/config", "./fs/rc/...", "./vfs", "./cmd/serve/http", "./cmd/serve/restic",
			"./cmd/serve/webdav", "./backend/alias", "./backend/combine", "./backend/crypt", "./backend/local",
			"./backend/memory", "./backend/union",
		},
		note: "The tests are of what reads the registrations, and of backends that need no account.",
	},
}
