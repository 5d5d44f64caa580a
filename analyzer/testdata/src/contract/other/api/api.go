// Package api has types with the names of those of contract/api.
package api

type Info struct{}

type CLI struct{}
