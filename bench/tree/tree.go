// Package tree writes module trees to measure tools on: packages of plain code that
// import each other, and plugin packages among them, whose plugins are declared in
// the way of one tool or another. The same Tree gives the same bytes on every machine,
// and trees that differ only in style have the same plain code.
package tree

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the path of the module of every tree.
const Module = "example.com/bench"

// A Tree says what a module tree is to be like.
type Tree struct {
	Packages       int    // in all, the plugin packages included
	PluginPackages int    // spread evenly among them
	Plugins        int    // in each plugin package
	Lines          int    // of plain code in each package
	Deps           int    // how many other packages of the tree each imports, at most
	Seed           uint64 // of the choice of imports and of the plain code
	Style          string // how plugins are declared, one of Styles

	// Project is the directory of plugingen's own module, for styles that need it.
	Project string
	// Requirements is a directory whose go.mod and go.sum the tree takes over, for
	// styles that need modules of others.
	Requirements string
}

// Standard returns a tree of so many packages of the shape that all comparisons are
// made on: one in ten is a plugin package, with five plugins.
func Standard(packages int, style string) Tree {
	return Tree{
		Packages: packages, PluginPackages: packages / 10, Plugins: 5, Lines: 200, Deps: 2, Seed: 1,
		Style: style,
	}
}

// Plugins returns a tree of plugin packages alone, for programs with n plugins.
func Plugins(n int, style string) Tree {
	each := max(1, min(n, 50))
	return Tree{Packages: n / each, PluginPackages: n / each, Plugins: each, Lines: 10, Seed: 1, Style: style}
}

// A Package is a package of a tree.
type Package struct {
	Name    string
	Path    string // import path
	Plugins []Plugin
}

// Dotted returns the package's directory as Python has it: g000.p00000.
func (p Package) Dotted() string {
	return strings.ReplaceAll(strings.TrimPrefix(p.Path, Module+"/"), "/", ".")
}

// A Plugin is a plugin of a package.
type Plugin struct {
	Type string // identifier, also in the names of whatever else a style declares
	Name string // unique in the tree
}

// Write writes the tree into a directory.
func (t Tree) Write(dir string) error {
	style, err := parseStyle(t.Style)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(t.Seed, 0))
	for i := range t.Packages {
		p := t.pkg(i)
		at := filepath.Join(dir, p.dir(i))
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		if err := t.writePlain(at, p, t.imports(random, i), random); err != nil {
			return err
		}
		if len(p.Plugins) > 0 {
			if err := style.writePackage(at, p); err != nil {
				return err
			}
		}
	}
	if err := style.writeRoot(dir, t); err != nil {
		return err
	}
	return t.writeRequirements(dir)
}

// WithPlugins returns the packages that have plugins.
func (t Tree) WithPlugins() []Package {
	var all []Package
	for i := range t.Packages {
		if p := t.pkg(i); len(p.Plugins) > 0 {
			all = append(all, p)
		}
	}
	return all
}

func (t Tree) pkg(i int) Package {
	p := Package{Name: fmt.Sprintf("p%05d", i)}
	p.Path = Module + "/" + filepath.ToSlash(p.dir(i))
	if t.hasPlugins(i) {
		for k := range t.Plugins {
			p.Plugins = append(p.Plugins,
				Plugin{Type: fmt.Sprintf("Plugin%d", k), Name: fmt.Sprintf("%s_%d", p.Name, k)})
		}
	}
	return p
}

// dir returns the directory of package i, relative to the tree. No directory has more than
// a hundred in it.
func (p Package) dir(i int) string {
	return filepath.Join(fmt.Sprintf("g%03d", i/100), p.Name)
}

// hasPlugins spreads the plugin packages evenly.
func (t Tree) hasPlugins(i int) bool {
	return (i+1)*t.PluginPackages/t.Packages > i*t.PluginPackages/t.Packages
}

// imports chooses packages before i to import, half of them from the first twenty:
// there are a few that everybody imports.
func (t Tree) imports(random *rand.Rand, i int) []int {
	var chosen []int
	for d := range t.Deps {
		below := i
		if d%2 == 0 {
			below = min(i, 20)
		}
		if below == 0 {
			continue
		}
		if k := random.IntN(below); len(chosen) == 0 || chosen[0] != k {
			chosen = append(chosen, k)
		}
	}
	slices.Sort(chosen)
	return chosen
}
