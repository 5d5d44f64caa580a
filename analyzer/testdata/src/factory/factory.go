// Package main has functions whose directives lack the key factory.
package main

import (
	"context"
	"errors"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

//plugin:namespace=greeters
type Greeter interface{ Greet(string) string }

//plugin:namespace=steps
type Step func(int) error

type English struct{}

func (*English) Greet(string) string { return "" }

//plugin:namespace=greeters
func NewEnglish() *English { return &English{} } // want `plugin greeters:new_english: NewEnglish has type func\(\) \*main.English, and its result satisfies main.Greeter, the contract of its namespace; to use its result as the plugin, add factory`

//plugin:namespace=greeters name=named // a comment
func Named(name string) (*English, error) { return &English{}, nil } // want `to use its result as the plugin, add factory`

//plugin:namespace=greeters requires=named
func BySpec(*registry.Spec) (Greeter, error) { return nil, errors.New("none") } // want `to use its result as the plugin, add factory`

//plugin:namespace=greeters
func Adapted(string) string { return "" }

//plugin:namespace=greeters
func Value() English { return English{} } // want `plugin greeters:value: func\(\) main.English does not satisfy main.Greeter, the contract of its namespace: the function's signature is not that of method Greet`

//plugin:namespace=greeters
func Any() any { return nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=greeters
func Other(int) *English { return nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=steps
func NewStep() Step { return func(int) error { return nil } } // want `NewStep has type func\(\) main.Step, and its result satisfies main.Step`

// Functions that can't be factories.

//plugin:namespace=greeters
func Several(names ...string) *English { return nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=greeters
func Two(first, second string) *English { return nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=greeters
func Both() (*English, *English) { return nil, nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=greeters
func Three() (*English, error, error) { return nil, nil, nil } // want `the function's signature is not that of method Greet`

//plugin:namespace=faults
type Fault interface{ Error() string }

//plugin:namespace=faults
func Check() error { return nil } // want `the function's signature is not that of method Error`

// There is no contract, so the managers tell.

//plugin:namespace=free
func NewFree() (*English, error) { return &English{}, nil } // want `plugin free:new_free: NewFree has type func\(\) \(\*main.English, error\), and a manager asks for main.Greeter, which is its result; to use its result as the plugin, add factory`

//plugin:namespace=free.functions
func NewCalled() *English { return &English{} }

func main() {
	ctx := context.Background()
	registry.NewManager[Greeter]("free").LoadAll(ctx)
	registry.NewManager[func() *English]("free.functions").LoadAll(ctx)
	registry.NewManager[any]("free.functions").LoadAll(ctx)
}
