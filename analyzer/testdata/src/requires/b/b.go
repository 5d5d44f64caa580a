package b

import _ "requires/a"

//plugin:namespace=req name=two requires=one // want `the plugins require each other: req:two → req:one → req:two`
func Two() {}

//plugin:namespace=req name=three requires=for,elsewhere:x,nope/x
func Three() {}

// A set may be configured to have an instance of a plugin.
//
//plugin:namespace=req name=four requires=one/x,req:one/x/y
func Four() {}

//plugin:namespace=req name=five requires=old/x // want `plugin req:five: it requires req:old, which is deprecated: use one`
func Five() {}
