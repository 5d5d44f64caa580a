// Package lib asks before any package main that imports it links plugins.
package lib

import "github.com/plugingen/plugingen/registry"

//plugin:namespace=tooearly.lib
type Contract func() error

//plugin:namespace=tooearly.lib name=one
func One() error { return nil }

var manager = registry.NewManager[Contract]("tooearly.lib")

// Names may be called by others, too.
func Names() []string { return manager.Names() }

var tooearly = Names()

func init() {
	func() { _ = len(manager.Names()) }()
}

// The instances of a set are those that the program has applied, whatever is linked.
var set = registry.NewSet[Contract]("tooearly.lib")

var running = set.Names()
