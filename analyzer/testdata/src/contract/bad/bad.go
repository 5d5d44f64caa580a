package bad

import (
	"context"

	"contract/api"
	other "contract/other/api"

	"github.com/plugingen/plugingen/registry"
)

//plugin:namespace=my.cli name=nothing
type Nothing struct{} // want `plugin my.cli:nothing: \*bad.Nothing does not satisfy api.Plugin, the contract of its namespace: it has no method Attach; it has no method Load\n\twant Attach\(\*api.CLI, int\)\n\twant Load\(context.Context, \*api.CLI\) error`

//plugin:namespace=my.cli name=wrong
type Wrong struct{ api.Base } // want `\*bad.Wrong does not satisfy api.Plugin, the contract of its namespace: method Attach has another signature\n\thave Attach\(string\)\n\twant Attach\(\*api.CLI, int\)$`

func (*Wrong) Attach(string) {}

type local struct { // want `method attach should be Attach\n\thave attach\(\*api.CLI, int\)`
	api.Base `plugin:"name=local"`
}

func (local) attach(*api.CLI, int) {}

type CLI struct{}

//plugin:namespace=my.cli name=argument
type Argument struct{} // want `method Load has another signature\n\thave Load\(context.Context, \*bad.CLI\) error\n\twant Load\(context.Context, \*api.CLI\) error`

func (*Argument) Load(context.Context, *CLI) error { return nil }
func (*Argument) Attach(*api.CLI, int)             {}

type value struct{ api.Base }

func (*value) Attach(*api.CLI, int) {}

//plugin:namespace=my.cli name=value factory
func newValue() value { return value{} } // want `method Attach has a pointer receiver, so only \*bad.value has it: return a pointer; method Load has a pointer receiver`

//plugin:namespace=my.cli name=iface factory
func newInterface() interface{ Attach(string) } { return &Wrong{} } // want `method Attach has another signature.*; it has no method Load`

type attacher interface{ Attach(*api.CLI, int) }

// Both are one error.
//
//plugin:namespace=my.cli name=attacher1 factory
//plugin:namespace=my.cli name=attacher2 factory
func newAttacher() attacher { return nil } // want `plugin my.cli:attacher1: bad.attacher does not satisfy api.Plugin, the contract of its namespace: it has no method Load` `newAttacher always returns nil`

//plugin:namespace=my.cli name=instance type_args=[]int // want `plugin my.cli:instance: Comparable can't have these type arguments: \[\]int does not satisfy comparable`
type Comparable[A comparable] struct{ api.Base }

func (*Comparable[A]) Attach(*api.CLI, int) {}

//plugin:namespace=my.sealed name=open
type Open struct{} // want `its method sealed is not the contract's, which only the contract's package can declare`

func (*Open) sealed() {}

//plugin:namespace=my.cli name=generic type_args=string
type Generic[A any] struct{ api.Base } // want `\*bad.Generic\[string\] does not satisfy api.Plugin.*\n\thave Attach\(string, int\)`

func (*Generic[A]) Attach(A, int) {}

//plugin:namespace=my.cli name=var
var V = &Wrong{} // want `plugin my.cli:var: \*bad.Wrong does not satisfy`

//plugin:namespace=my.conf
func Logging(c *api.CLI) {} // want `plugin my.conf:logging: func\(\*api.CLI\) does not satisfy api.Configure, the contract of its namespace: the function has another signature\n\thave func\(\*api.CLI\)\n\twant func\(\*api.CLI\) error`

//plugin:namespace=my.conf name=t
type NoFunc struct{} // want `\*bad.NoFunc does not satisfy api.Configure, the contract of its namespace: the contract is a func type\n\twant func\(\*api.CLI\) error`

//plugin:namespace=my.handlers
func Handle(args ...any) error { return nil } // want `the function's signature is not that of method Handle\n\thave Handle\(...any\) error\n\twant Handle\(io.Writer, ...any\) error`

//plugin:namespace=my.pair
func Left() string { return "" } // want `a function can implement one method, and the contract has Left, Right`

//plugin:namespace=my.info name=by_value factory
func newInfo() api.Info { return api.Info{} } // want `plugin my.info:by_value: api.Info does not satisfy \*api.Info, the contract of its namespace: plugins must have exactly that type\n\thave api.Info\n\twant \*api.Info`

//plugin:namespace=my.info name=nothing_of_it
type notInfo struct{ api.Info } // want `\*bad.notInfo does not satisfy \*api.Info`

var (
	_ = registry.NewManager[api.Info]("my.info")             // want `the contract of my.info is \*api.Info, but this is a manager of api.Info: write \*api.Info`
	_ = registry.NewManager[*CLI]("my.info")                 // want `write \*api.Info`
	_ = registry.NewManager[interface{ Other() }]("my.info") // want `the contract does not promise the method Other\(\)`
)

// Types of two packages of one name are told apart by their import paths.

//plugin:namespace=my.info name=of_other
var OfOther = &other.Info{} // want `plugin my.info:of_other: \*api.Info does not satisfy \*api.Info, the contract of its namespace: plugins must have exactly that type\n\thave \*contract/other/api.Info\n\twant \*contract/api.Info`

//plugin:namespace=my.conf name=with_other
func WithOther(c *other.CLI) error { return nil } // want `plugin my.conf:with_other: func\(\*api.CLI\) error does not satisfy api.Configure, the contract of its namespace: the function has another signature\n\thave func\(\*contract/other/api.CLI\) error\n\twant func\(\*contract/api.CLI\) error`
