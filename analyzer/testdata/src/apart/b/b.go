package b

//plugin:namespace=apart name=x requires=nowhere
func X() {}
