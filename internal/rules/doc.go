// Package rules has the rules that generator, checker and run time must agree on: what
// a package pattern and a glob match, what a package may import, what a host selects,
// when names are unique, which plugin a requirement means, which requirements form a
// cycle, which methods a manager calls, and which name a misspelt one was meant to be.
//
// Rules take plain data and return answers. Packages gen and analyzer translate what
// they know, syntax and types, and turn the answers into diagnostics. Package registry
// depends on the standard library alone and has its own code for the rules that a
// running program needs; package rulestest has the table of cases that all three must
// decide alike.
package rules
