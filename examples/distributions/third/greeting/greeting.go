// Package greeting declares the contract of greetings. Modules that provide some
// import it, and so does a host that wants them.
package greeting

//go:generate go tool plugingen

// Greeter greets somebody.
//
//plugin:namespace=example.greetings
type Greeter func(name string) string
