package a

//plugin:namespace=twice name=x aliases=y
func X() {}

//plugin:namespace=twice name=z
func Z() {}

//plugin:namespace=twice.contract
type Contract interface{ A() }
