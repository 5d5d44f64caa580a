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

func (*Bad) Load() error         { return nil }  // want `plugin life:bad: a manager does not call this method Load\n\thave Load\(\) error\n\twant Load\(context.Context\) error, or`
func (*Bad) Close()              {}              // want `a manager does not call this method Close`
func (*Bad) ShouldLoad(int) bool { return true } // want `a manager does not call this method ShouldLoad`

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
