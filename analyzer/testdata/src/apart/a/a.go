package a

//plugin:namespace=apart name=x
func X() {}

//plugin:namespace=apart name=long aliases=short
func Long() {}
