package a

//plugin:namespace=duplicate name=x aliases=y
func X() {}

//plugin:namespace=duplicate name=z
func Z() {}

//plugin:namespace=duplicate.contract
type Contract interface{ A() }
