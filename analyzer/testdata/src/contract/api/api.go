package api

import (
	"context"
	"io"

	"github.com/plugingen/plugingen/registry"
)

type CLI struct{}

//plugin:namespace=my.cli
type Plugin interface {
	registry.Plugin[*CLI]
	Attach(c *CLI, byte int)
}

//plugin:namespace=my.conf
type Configure func(*CLI) error

// Handler is satisfied by a function, too.
//
//plugin:namespace=my.handlers
type Handler interface {
	Handle(w io.Writer, args ...any) error
}

//plugin:namespace=my.pair
type Pair interface {
	Left() string
	Right() string
}

//plugin:namespace=my.sealed
type Sealed interface{ sealed() }

// Base is embedded by plugins of my.cli.
//
//plugin:namespace=my.cli
type Base struct{}

func (*Base) Load(context.Context, *CLI) error { return nil }

// Info describes a plugin: plugins are pointers to it.
//
//plugin:namespace=my.info contract
type Info struct{ Text string }

func (*Info) Describe() string { return "" }
