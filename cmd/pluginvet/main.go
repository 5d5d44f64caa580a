// Pluginvet checks plugins: their declarations, the contracts that they satisfy,
// their names and requirements, and the files that plugingen wrote for them.
//
//	go tool pluginvet ./...        a whole program
//	go tool pluginvet -fix ./...   apply suggested fixes
//
// It is also a tool for go vet, which checks package by package, and for go fix, which applies
// fixes package by package:
//
//	t=$(go tool -n pluginvet) && go vet -vettool="$t" ./...
//	t=$(go tool -n pluginvet) && go fix -fixtool="$t" ./...
//
// Types are those of one build, that of GOOS, GOARCH and -tags. What the build leaves out is read
// as plugingen reads it. "go tool" would build pluginvet itself for another platform:
//
//	t=$(go tool -n pluginvet) && GOOS=windows "$t" ./...
//
// By itself it loads the packages that match the patterns and checks them as one
// program, so it also finds what packages declare twice that nobody imports together.
// On a terminal it says what it is doing if that takes long.
//
// The exit status is 0 if there is nothing to report, 1 if there is, and 2 if the command
// line is wrong or nothing can be loaded. With -json or -sarif it is 0 even if there
// is something to report, as that of go vet -json is, but 1 if packages can't be loaded,
// and standard error says why. With -fix it is 1 if anything is left that has no fix, and
// with -diff if there was anything to fix.
//
// As a vet tool it takes the place of go vet's own checks. Another tool does both
// in one pass; the standard checks are so many that starting with them costs time in
// each package:
//
//	t=$(go tool -n pluginvetstd) && go vet -vettool="$t" ./...
//
// Under go vet, the go command compiles what a package imports. If a generated file
// there does not compile, go vet prints the compiler's message and no more. Run
// pluginvet by itself for the explanation.
package main

import (
	"os"
	"strings"

	"github.com/plugingen/plugingen/analyzer/driver"
)

func main() {
	args := os.Args[1:]
	if isUnit(args) {
		driver.Unit(args) // exits
	}
	os.Exit(program(args))
}

// isUnit reports whether the go command has called: it asks for the version, for the
// flags, or about one package.
func isUnit(args []string) bool {
	return len(args) > 0 && (strings.HasPrefix(args[0], "-V") || args[0] == "-flags" ||
		strings.HasSuffix(args[len(args)-1], ".cfg"))
}
