package b

//plugin:namespace=duplicate name=x
func X() {}

//plugin:namespace=duplicate name=y
func Y() {}

//plugin:namespace=duplicate.contract
type Contract interface{ B() }
