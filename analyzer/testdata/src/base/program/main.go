// A package main is imported by none, so that no other embeds its types.
package main

//plugin:namespace=base
type Exported struct{} // want `Exported has no name, so it is an abstract base of namespace base, but no struct embeds it: add name=exported to make it a plugin`

func main() {}
