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
// As a vet tool it takes the place of go vet's own checks. With -std it does
// them too:
//
//	go vet -vettool=$(which pluginvet) -std ./...
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/multichecker"
	"golang.org/x/tools/go/analysis/suite/vet"

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

// unit answers the go command. It learns which flags there are before it is known
// whether -std is among them.
func unit(args []string) {
	flag.Bool("std", false, "do the standard checks of go vet, too")
	if has(args, "std") || has(args, "flags") {
		driver.Unit(args, vet.Suite...)
	}
	driver.Unit(args)
}

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
		fmt.Fprint(flags.Output(), "usage: pluginvet [flags] [packages]\n\nPluginvet checks the plugins of the packages, by default those in the current directory.\n\n")
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
