// Pluginvetstd is a tool for go vet that checks plugins, as pluginvet does, and does
// the standard checks of go vet as well:
//
//	t=$(go tool -n pluginvetstd) && go vet -vettool="$t" ./...
//
// It is not part of pluginvet, since go vet starts its tool once for each package,
// and merely to have the standard checks in it makes every start slower.
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/suite/vet"

	"github.com/plugingen/plugingen/analyzer/driver"
)

func main() {
	args := os.Args[1:]
	if len(args) == 0 || !strings.HasPrefix(args[0], "-") &&
		!strings.HasSuffix(args[len(args)-1], ".cfg") && args[0] != "help" {
		fmt.Fprintln(os.Stderr, "pluginvetstd is run by go vet:\n\tt=$(go tool -n pluginvetstd) && go vet "+
			"-vettool=\"$t\" ./...")
		os.Exit(2)
	}
	driver.Unit(args, vet.Suite...)
}
