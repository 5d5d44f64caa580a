// Package nearlifecycle has methods that are nearly those of the lifecycle.
package nearlifecycle

import "context"

//plugin:namespace=nearlifecycle
type Contract interface{ Do() }

//plugin:namespace=nearlifecycle name=one
//plugin:namespace=nearlifecycle name=again
type One struct{}

func (*One) Do()                            {}
func (*One) Shouldload() bool               { return false } // want `plugin nearlifecycle:one: a manager does not call a method Shouldload \(did you mean "ShouldLoad"\?\)`
func (*One) Laod(ctx context.Context) error { return nil }   // want `a manager does not call a method Laod \(did you mean "Load"\?\)`
func (*One) close() error                   { return nil }   // want `a manager does not call a method close \(did you mean "Close"\?\)`

// Innocent has methods of its own.
//
//plugin:namespace=nearlifecycle name=innocent
type Innocent struct{}

func (i *Innocent) Do()                        { _ = i.load(context.Background()) }
func (*Innocent) Close() error                 { return nil }
func (*Innocent) close() error                 { return nil } // there is a Close
func (*Innocent) Clone() error                 { return nil }
func (*Innocent) Closed() bool                 { return false }
func (*Innocent) shouldload(int)               {}
func (*Innocent) Reload() error                { return nil }
func (*Innocent) Loaded() bool                 { return false }
func (*Innocent) should() bool                 { return false }
func (i *Innocent) load(context.Context) error { return nil } // it is called

//plugin:namespace=nearlifecycle.own
type Own interface{ Cloze() error }

//plugin:namespace=nearlifecycle.own name=asked
type Asked struct{}

func (*Asked) Cloze() error { return nil } // the contract asks for it

//plugin:namespace=nearlifecycle name=configured
type Configured struct {
	Size int `plugin:"option"`
}

func (*Configured) Relaod(context.Context, *Configured) error   { return nil } // want `plugin nearlifecycle:configured: a manager does not call a method Relaod \(did you mean "Reload"\?\)`
func (*Configured) Do()                                         {}
func (*Configured) Preload(context.Context, *Configured) error  { return nil }
func (*Configured) Reloaded(context.Context, *Configured) error { return nil }
func (*Configured) Re_load(int) error                           { return nil } // another signature

func (*Innocent) Relaod(context.Context, *Configured) error { return nil } // it has no options
