package a

//plugin:namespace=selection name=x
func X() {}

//plugin:namespace=selection name=long aliases=short
func Long() {}
