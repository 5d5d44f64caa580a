// Package plug does not know the contract.
package plug

//plugin:namespace=late name=good
type Good struct{}

func (*Good) Do(int) {}

//plugin:namespace=late name=bad
type Bad struct{}
