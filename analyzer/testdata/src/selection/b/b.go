package b

//plugin:namespace=selection name=x requires=nowhere
func X() {}
