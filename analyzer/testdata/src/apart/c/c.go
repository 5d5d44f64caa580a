package c

//plugin:namespace=apart name=short
func Short() {}
