package main

import _ "tooearly/lib"

// When this runs, plugins have been linked.
func init() { manager.Names() }

var late = manager.Names() // want `Names is called too early`
