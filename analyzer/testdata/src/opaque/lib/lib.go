// Package lib makes managers with options that it is given.
package lib

import "github.com/plugingen/plugingen/registry"

//plugin:namespace=opaque
type Contract interface{ Do() }

//plugin:namespace=opaque.first
//plugin:namespace=opaque.second
type Two interface{ Do() }

//plugin:namespace=opaque.loaded
type Loaded interface{ registry.Plugin[int] }

//plugin:namespace=opaque.bare name=bare
type Bare struct{}

func Right(opts ...registry.Option) *registry.Manager[Contract] {
	return registry.NewManager[Contract]("opaque", opts...)
}

func Wrong(opts ...registry.Option) *registry.Manager[Contract] {
	return registry.NewManager[Contract]("opaqe", opts...)
}

// Free has plugins without a contract: which namespaces they have, only the options say.
func Free(opts ...registry.Option) *registry.Manager[any] {
	return registry.NewManager[any]("opaque.bre", opts...)
}

// Another namespace, with the contract of one, is declared by its plugins.
func Another(opts ...registry.Option) *registry.Manager[Contract] {
	return registry.NewManager[Contract]("opaque.bare", opts...)
}

func Configured(v any) *registry.Manager[Contract] {
	return registry.NewManager[Contract]("opaque.elsewhere", registry.WithConfig(v))
}
