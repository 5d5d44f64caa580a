// Package gen turns a tree of Go source into the files that plugingen writes.
//
// Nothing is type-checked or compiled, so it works in a tree that does not build. [Make] only
// reads. It makes a [Plan], of what is to change and what is wrong, in phases. Each phase
// answers about a package, once, from what the phases before it know:
//
//	locate    which modules the patterns are about    []*locate.Module
//	load      what a package declares                 *pkg, in the *tree of its module
//	resolve   what its names refer to                 *resolved
//	describe  what it has in its files for itself     *described
//	link      what hosts link besides                 *content
//	decide    which packages are written              *decision
//	render    the files                               *rendered
//	plan      what changes, and what is wrong         *Plan
//
// [Plan.Apply] then writes (package write). What generated files look like is in packages
// genfile and render.
package gen

// The files of this package, in an order in which each uses only those before it:
//
//	load.go       modules and packages, what is wrong with them, and what other modules generated
//	contract.go   contracts, and what they ask of plugins
//	resolve.go    names, namespaces, contracts and options that are declared elsewhere
//	describe.go   what goes into a package's own files
//	select.go     the plugins that a host selects
//	linkcheck.go  what keeps plugins from being linked together
//	link.go       what goes into the files of hosts: plugins, assertions, sections
//	decide.go     which packages are written
//	render.go     their files
//	plan.go       the plan: what changes, is wrong, or may be meant otherwise; and carrying it out
//	list.go       the plugins of a plan, and what of a program can be configured
//	gen.go        Make

import (
	"errors"

	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/scan"
)

// A Config is what a plan is made for.
type Config struct {
	Dir      string      // what patterns are relative to
	Patterns []string    // packages; Dir itself if there are none
	Cache    *scan.Cache // of directories that need not be read again; may be nil
	Trace    *scan.Trace // of what is read; may be nil
	Download bool        // have the go command download modules that are needed and not in the module cache
	Preamble *string     // what stands above the header of files; nil keeps what is there

	// NoCommand is for a process that the go command has started: the plan is made without
	// running it. What only the go command can tell is an error.
	NoCommand bool
}

// Make makes the plan for the packages that match patterns, which are relative to dir. See
// [Config.Make] for errors.
func Make(dir string, patterns []string) (*Plan, error) {
	return Config{Dir: dir, Patterns: patterns}.Make()
}

// Make reads the packages that the patterns name, and plans what their generated files should be.
// Packages with errors are left as they are, and so are hosts that would link them; all
// diagnostics are in the plan. With a host, the packages of its module that it links are planned, too,
// and those that declare the contracts of what it links. The
// error is of something else: a pattern that names no directory, a module that can't be
// found or that is not in the module cache (a [*modules.MissingError]), a file that can't
// be read. Make only reads, and uses no network but to download.
func (c Config) Make() (*Plan, error) {
	loader := modules.NewLoader()
	loader.Network, loader.NoCommand = c.Download, c.NoCommand
	before := ""
	for {
		plan, err := c.make(loader)
		var missing *modules.MissingError
		if !c.Download || !errors.As(err, &missing) || err.Error() == before {
			return plan, err
		}
		before = err.Error()
		if err := missing.Download(); err != nil {
			return nil, err
		}
	}
}

// make makes a plan in phases. Each phase works on the results of the phase before it, and loads
// other packages as it needs them.
func (c Config) make(loader *modules.Loader) (*Plan, error) {
	found, err := locate.Find(loader, c.Dir, c.Patterns)
	if err != nil {
		return nil, err
	}
	work, err := load(found, c.Cache, c.Trace)
	if err != nil {
		return nil, err
	}
	run := newLinker(newDescriber(newResolver(work)))
	d, err := decide(run)
	if err != nil {
		return nil, err
	}
	if err := work.incomplete(); err != nil {
		return nil, err
	}
	outputs, err := renderAll(d.unbroken(), c.Preamble)
	if err != nil {
		return nil, err
	}
	return newPlan(d, outputs), nil
}

// Expected returns the generated files that the package in a directory should have, by
// base name: what generate would leave there, and check compares with. It is nil if the
// package should have none. It writes nothing.
//
// known is false, and the files are nil, if that is unknown: there is an error in the package or in
// one that it links, or it is in no module, or only the go command could tell, which Expected
// does not run.
func Expected(dir string) (files map[string][]byte, known bool, err error) {
	plan, err := Config{Dir: dir, NoCommand: true}.Make()
	if err != nil {
		return nil, false, err
	}
	files, known = plan.Expected(dir)
	return files, known, nil
}
