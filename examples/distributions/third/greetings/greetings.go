// Package greetings has plugins. Whoever imports it gets none of them: only a host
// that links them does.
package greetings

import "example.com/third/greeting"

//go:generate go tool plugingen

// Here the contract's package is imported, so that the compiler checks the plugins.
var _ greeting.Greeter = Hello

// Hello greets in English.
//
//plugin:namespace=example.greetings
func Hello(name string) string { return "Hello, " + name }

// Hallo greets in German.
//
//plugin:namespace=example.greetings
func Hallo(name string) string { return "Hallo " + name }
