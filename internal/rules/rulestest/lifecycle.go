// Package rulestest has cases of rules that generator, checker and run time have to
// decide alike. A test runs each case through all three.
package rulestest

import (
	"context"
	"testing"
)

// A Method is a plugin that has one method with the name of a lifecycle method.
type Method struct {
	Plugin    any    // its type is declared below; its source is what generator and checker read
	Signature string // by which a manager calls the method, "" if it does not call it

	// Hidden is set if syntax alone can't tell that the signature is another one. The
	// generator then accepts it.
	Hidden bool
}

// Methods returns the cases for lifecycle methods.
func Methods() []Method {
	const (
		load         = "Load(context.Context) error"
		loadArgument = "Load(context.Context, A) error"
		shouldLoad   = "ShouldLoad() bool"
		closeAlone   = "Close() error"
		closeContext = "Close(context.Context) error"
	)
	return []Method{
		{Plugin: Load{}, Signature: load},
		{Plugin: LoadNamed{}, Signature: load},
		{Plugin: LoadAlias{}, Signature: load},
		{Plugin: LoadArgument{}, Signature: loadArgument},
		{Plugin: LoadNothing{}},
		{Plugin: LoadNoContext{}},
		{Plugin: LoadLateContext{}},
		{Plugin: LoadThree{}},
		{Plugin: LoadVariadic{}},
		{Plugin: LoadVariadicContext{}},
		{Plugin: LoadNoError{}},
		{Plugin: LoadOtherResult{}},
		{Plugin: LoadTwoResults{}},
		{Plugin: LoadCancel{}},
		{Plugin: LoadPointer{}},
		{Plugin: LoadOwnContext{}},
		{Plugin: LoadOwnError{}},
		{Plugin: LoadForeignContext{}, Hidden: true},
		{Plugin: ShouldLoad{}, Signature: shouldLoad},
		{Plugin: ShouldLoadNamed{}, Signature: shouldLoad},
		{Plugin: ShouldLoadContext{}},
		{Plugin: ShouldLoadVariadic{}},
		{Plugin: ShouldLoadError{}},
		{Plugin: ShouldLoadNothing{}},
		{Plugin: ShouldLoadReason{}},
		{Plugin: ShouldLoadOwnBool{}},
		{Plugin: Close{}, Signature: closeAlone},
		{Plugin: CloseContext{}, Signature: closeContext},
		{Plugin: CloseNothing{}},
		{Plugin: CloseForce{}},
		{Plugin: CloseTwo{}},
		{Plugin: CloseVariadic{}},
		{Plugin: CloseOtherResult{}},
	}
}

// Types that look like others.
type (
	AliasContext = context.Context
	AliasError   = error
	OwnContext   interface{ context.Context }
	OwnError     interface{ error }
	OwnBool      bool
)

// Plugins with a Load.
type (
	Load                struct{}
	LoadNamed           struct{}
	LoadAlias           struct{}
	LoadArgument        struct{}
	LoadNothing         struct{}
	LoadNoContext       struct{}
	LoadLateContext     struct{}
	LoadThree           struct{}
	LoadVariadic        struct{}
	LoadVariadicContext struct{}
	LoadNoError         struct{}
	LoadOtherResult     struct{}
	LoadTwoResults      struct{}
	LoadCancel          struct{}
	LoadPointer         struct{}
	LoadOwnContext      struct{}
	LoadOwnError        struct{}
	LoadForeignContext  struct{}
)

func (Load) Load(context.Context) error                      { return nil }
func (LoadNamed) Load(_ context.Context) (err error)         { return nil }
func (LoadAlias) Load(AliasContext) AliasError               { return nil }
func (LoadArgument) Load(context.Context, int) error         { return nil }
func (LoadNothing) Load() error                              { return nil }
func (LoadNoContext) Load(int) error                         { return nil }
func (LoadLateContext) Load(int, context.Context) error      { return nil }
func (LoadThree) Load(_ context.Context, _, _ int) error     { return nil }
func (LoadVariadic) Load(context.Context, ...string) error   { return nil }
func (LoadVariadicContext) Load(...context.Context) error    { return nil }
func (LoadNoError) Load(context.Context)                     {}
func (LoadOtherResult) Load(context.Context) bool            { return true }
func (LoadTwoResults) Load(context.Context) (int, error)     { return 0, nil }
func (LoadCancel) Load(context.CancelFunc) error             { return nil }
func (LoadPointer) Load(*context.Context) error              { return nil }
func (LoadOwnContext) Load(OwnContext) error                 { return nil }
func (LoadOwnError) Load(context.Context) OwnError           { return nil }
func (LoadForeignContext) Load(testing.TB) error             { return nil }
func (ShouldLoad) ShouldLoad() bool                          { return true }
func (ShouldLoadNamed) ShouldLoad() (yes bool)               { return true }
func (ShouldLoadContext) ShouldLoad(context.Context) bool    { return true }
func (ShouldLoadVariadic) ShouldLoad(...string) bool         { return true }
func (ShouldLoadError) ShouldLoad() error                    { return nil }
func (ShouldLoadNothing) ShouldLoad()                        {}
func (ShouldLoadReason) ShouldLoad() (bool, string)          { return true, "" }
func (ShouldLoadOwnBool) ShouldLoad() OwnBool                { return true }
func (Close) Close() error                                   { return nil }
func (CloseContext) Close(context.Context) error             { return nil }
func (CloseNothing) Close()                                  {}
func (CloseForce) Close(bool) error                          { return nil }
func (CloseTwo) Close(context.Context, bool) error           { return nil }
func (CloseVariadic) Close(...context.Context) error         { return nil }
func (CloseOtherResult) Close(context.Context) (bool, error) { return true, nil }

// Plugins with a ShouldLoad.
type (
	ShouldLoad         struct{}
	ShouldLoadNamed    struct{}
	ShouldLoadContext  struct{}
	ShouldLoadVariadic struct{}
	ShouldLoadError    struct{}
	ShouldLoadNothing  struct{}
	ShouldLoadReason   struct{}
	ShouldLoadOwnBool  struct{}
)

// Plugins with a Close.
type (
	Close            struct{}
	CloseContext     struct{}
	CloseNothing     struct{}
	CloseForce       struct{}
	CloseTwo         struct{}
	CloseVariadic    struct{}
	CloseOtherResult struct{}
)
