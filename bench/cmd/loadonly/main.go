// Loadonly loads packages as pluginvet does when it runs by itself, and checks nothing.
package main

import (
	"flag"
	"log"

	"golang.org/x/tools/go/packages"
)

func main() {
	flag.Parse()
	mode := packages.LoadSyntax | packages.NeedModule | packages.NeedForTest
	found, err := packages.Load(&packages.Config{Mode: mode, Tests: true}, flag.Args()...)
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(found) > 0 {
		log.Fatal("there are errors")
	}
}
