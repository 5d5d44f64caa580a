// Mktree writes a module tree to measure tools on; see package tree.
package main

import (
	"flag"
	"log"
	"strings"

	"github.com/plugingen/plugingen/bench/tree"
)

func main() {
	t := tree.Standard(100, "plugingen")
	out := flag.String("out", "", "the `directory` to write into")
	flag.IntVar(&t.Packages, "packages", t.Packages, "packages in all")
	flag.IntVar(&t.PluginPackages, "plugin-packages", t.PluginPackages, "packages with plugins")
	flag.IntVar(&t.Plugins, "plugins", t.Plugins, "plugins in each of those")
	flag.IntVar(&t.Lines, "lines", t.Lines, "lines of plain code in each package")
	flag.IntVar(&t.Deps, "deps", t.Deps, "packages of the tree that each imports, at most")
	flag.Uint64Var(&t.Seed, "seed", t.Seed, "seed of the choice of imports and of the plain code")
	flag.StringVar(&t.Style, "style", t.Style, "how plugins are declared: "+strings.Join(tree.Styles(), ", "))
	flag.StringVar(&t.Project, "project", "..", "the `directory` of plugingen's module")
	flag.StringVar(&t.Requirements, "requirements", "", "a `directory` whose go.mod and go.sum the tree takes over")
	flag.Parse()
	if *out == "" {
		log.Fatal("-out is missing")
	}
	if err := t.Write(*out); err != nil {
		log.Fatal(err)
	}
}
