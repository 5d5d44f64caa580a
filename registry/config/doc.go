// Package config reads the configuration of a program with plugins: from files, the
// environment and the command line, with the position of each value.
package config
