package b

//plugin:namespace=twice name=x
func X() {}

//plugin:namespace=twice name=y
func Y() {}

//plugin:namespace=twice.contract
type Contract interface{ B() }
