package c

//plugin:namespace=selection name=short
func Short() {}
