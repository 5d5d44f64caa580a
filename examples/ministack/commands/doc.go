// Package commands has ministack's own commands: one plugin type for each.
package commands
