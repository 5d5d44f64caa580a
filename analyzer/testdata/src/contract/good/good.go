package good

import (
	"context"
	"io"

	"contract/api"

	"github.com/plugingen/plugingen/registry"
)

// T declares all methods itself.
//
//plugin:namespace=my.cli name=t
type T struct{}

func (*T) Load(context.Context, *api.CLI) error { return nil }
func (*T) Attach(*api.CLI, int)                 {}
func (*T) Close() error                         { return nil }
func (*T) ShouldLoad() bool                     { return true }

type inherited struct {
	api.Base `plugin:"name=inherited"`
}

func (inherited) Attach(*api.CLI, int) {}

type CLI = api.CLI

type promoted struct{ *T }

//plugin:namespace=my.cli name=promoted factory
func newPromoted() (promoted, error) { return promoted{}, nil }

//plugin:namespace=my.cli name=iface factory
func newInterface() api.Plugin { return new(T) }

//plugin:namespace=my.cli name=any factory
func newAny(name string) any { return new(T) }

// Generic is a plugin for each of its type arguments.
//
//plugin:namespace=my.cli name=generic type_args=*CLI
type Generic[A any] struct{}

func (*Generic[A]) Load(context.Context, A) error { return nil }
func (*Generic[A]) Attach(A, int)                 {}

type local interface{ api.Plugin }

//plugin:namespace=my.cli name=var
var V local = new(T)

//plugin:namespace=my.cli name=struct
var S T

//plugin:namespace=my.conf
func Logging(c *CLI) error { return nil }

//plugin:namespace=my.conf name=made factory
func made() api.Configure { return Logging }

//plugin:namespace=my.conf name=var
var W = func(*api.CLI) error { return nil }

//plugin:namespace=my.handlers
func Adapted(w io.Writer, args ...interface{}) error { return nil }

//plugin:namespace=no.contract name=t
type Free struct{}

//plugin:namespace=no.contract
func Anything(int) string { return "" }

//plugin:namespace=my.info name=by_variable
var info = api.Info{}

//plugin:namespace=my.info name=by_pointer
var infoPointer = &api.Info{}

//plugin:namespace=my.info name=made factory
func newInfo() (*api.Info, error) { return &api.Info{}, nil }

var (
	_ = registry.NewManager[*api.Info]("my.info")
	_ = registry.NewManager[interface{ Describe() string }]("my.info")
)
