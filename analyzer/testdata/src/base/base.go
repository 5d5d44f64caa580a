// Package base has structs with a namespace and no name.
package base

//plugin:namespace=base
type used struct{}

//plugin:namespace=base
type forgotten struct{} // want `forgotten has no name, so it is an abstract base of namespace base, but no struct embeds it: add name=forgotten to make it a plugin`

//plugin:namespace=base
type ForOthers struct{}

type plugin struct {
	used `plugin:"name=plugin"`
}

//plugin:namespace=base
type aliased struct{}

type Alias = aliased

// What a file of another build embeds is not forgotten.
//
//plugin:namespace=base
type elsewhere struct{}

//plugin:namespace=base
type pair[A, B any] struct{}

type pairs struct {
	pair[int, string] `plugin:"name=pairs"`
}
