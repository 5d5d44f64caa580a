// Package peers measures, in one process, what this project and its peers do at run time.
// It is a module of its own, so that nothing else needs their dependencies; the
// trees that bench writes for them take over its go.mod.
package peers
