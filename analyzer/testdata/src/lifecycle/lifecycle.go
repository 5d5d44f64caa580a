package lifecycle

import "context"

//plugin:namespace=life name=good
type Good struct{}

func (*Good) Load(context.Context) error  { return nil }
func (*Good) Close(context.Context) error { return nil }
func (*Good) ShouldLoad() bool            { return true }

//plugin:namespace=life name=argument
type Argument struct{}

func (*Argument) Load(ctx context.Context, n int) error { return nil }
func (*Argument) Close() error                          { return nil }

//plugin:namespace=life name=bad
type Bad struct{}

func (*Bad) Load() error         { return nil }  // want `plugin life:bad: a manager calls a method Load, but this one has another signature\n\thave Load\(\) error\n\twant Load\(context.Context\) error, or`
func (*Bad) Close()              {}              // want `a manager calls a method Close, but this one has another signature`
func (*Bad) ShouldLoad(int) bool { return true } // want `a manager calls a method ShouldLoad, but this one has another signature`

// Unrelated is no plugin.
type Unrelated struct{}

func (*Unrelated) Close() {}

//plugin:namespace=life.own
type Contract interface {
	Close() // want `the contract of life.own asks for a Close that a manager can't call\n\thave Close\(\)\n\twant Close\(context.Context\) error, or Close\(\) error`
}

//plugin:namespace=life.fine
type Fine interface {
	Load(context.Context, string) error
	ShouldLoad() bool
	Close() error
}
