package b

import _ "requires/a"

//plugin:namespace=req name=two requires=one // want `the plugins require each other: req:two → req:one → req:two`
func Two() {}

//plugin:namespace=req name=three requires=for,elsewhere:x
func Three() {}
