// Pluginvet checks plugins: their declarations, the contracts that they satisfy,
// their names and requirements, and the files that plugingen wrote for them.
//
//	go tool pluginvet ./...                  a whole program
//	go vet -vettool=$(which pluginvet) ./... package by package, as go vet does
//	go fix -fixtool=$(which pluginvet) ./... mend what has an obvious remedy
//
// By itself it loads the packages that match the patterns and checks them as one
// program, so it also finds what packages declare twice that nobody imports together. It
// exits with status 1 if there is anything to report; with -json or -sarif only
// if packages can't be loaded.
//
// As a vet tool it takes the place of go vet's own checks. Another tool does both
// in one pass; the standard checks are so many that starting with them costs time in
// each package:
//
//	go vet -vettool=$(which pluginvetstd) ./...
//
// Under go vet, the go command compiles what a package imports. If a generated file
// there does not compile, go vet prints the compiler's message and no more. Run
// pluginvet by itself for the explanation.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/analyzer/driver"
)

func main() {
	switch args := os.Args[1:]; {
	case isUnit(args):
		unit(args)
	case has(args, "fix"):
		flag.Bool("std", false, "no effect with -fix")
		multichecker.Main(analyzer.Analyzer)
	default:
		os.Exit(program(args))
	}
}

// isUnit says whether the go command has called: it asks for the version, for the
// flags, or about one package.
func isUnit(args []string) bool {
	return has(args, "V") || has(args, "flags") || len(args) > 0 && strings.HasSuffix(args[len(args)-1], ".cfg")
}

// has says whether a flag is set, before flags are parsed.
func has(args []string, name string) bool {
	for _, a := range args {
		flag, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "=")
		if a != flag && flag == name && value != "false" {
			return true
		}
	}
	return false
}

// unit answers the go command.
func unit(args []string) {
	flag.Bool("std", false, "say how to have the standard checks of go vet, too")
	if has(args, "std") {
		fmt.Fprintln(os.Stderr, "pluginvet: the standard checks of go vet are in a tool of their own, which does both:\n"+
			"\tgo get -tool github.com/plugingen/plugingen/cmd/pluginvet/pluginvetstd\n"+
			"\tt=$(go tool -n pluginvetstd) && go vet -vettool=\"$t\" ./...")
		os.Exit(2)
	}
	driver.Unit(args)
}

const usage = `usage: pluginvet [flags] [packages]

Pluginvet checks the plugins of the packages, by default those in the current directory.
"go tool pluginvet ./..." checks a whole program, whether or not it compiles, and says why
a generated file does not. As a vet tool it checks package by package:

	t=$(go tool -n pluginvet) && go vet -vettool="$t" ./...

`

func program(args []string) int {
	flags := flag.NewFlagSet("pluginvet", flag.ExitOnError)
	asJSON := flags.Bool("json", false, "write JSON, as go vet -json does")
	asSARIF := flags.Bool("sarif", false, "write SARIF 2.1.0")
	tests := flags.Bool("test", true, "check test files, too")
	flags.Bool("fix", false, "apply suggested fixes")
	flags.Bool("diff", false, "with -fix: print a diff, and change nothing")
	analyzer.Analyzer.Flags.VisitAll(func(f *flag.Flag) {
		flags.Var(f.Value, analyzer.Analyzer.Name+"."+f.Name, f.Usage) // as go vet calls it
	})
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	_ = flags.Parse(args) // exits
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	report, err := driver.Check("", *tests, patterns...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pluginvet:", err)
		return 2
	}
	switch {
	case *asJSON:
		err = report.JSON(os.Stdout)
	case *asSARIF:
		err = report.SARIF(os.Stdout)
	default:
		report.Text(os.Stderr)
	}
	if err != nil || len(report.Errors) > 0 || !*asJSON && !*asSARIF && len(report.Findings) > 0 {
		return 1
	}
	return 0
}
