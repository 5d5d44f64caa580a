package rulestest

import (
	"context"
	"reflect"
	"testing"

	"github.com/plugingen/plugingen/registry/generated"
)

// A Reload is a plugin that is its own options, and has a method Reload.
type Reload struct {
	Name   string                      // of its type, which is declared below
	Give   func(context.Context) error // gives it options as generated code does
	Called bool                        // the manager calls the method with changed options

	// Hidden is set if syntax alone can't tell that the method is not called. Generator and
	// checker accept it.
	Hidden bool
}

const (
	called = iota
	refused
	hidden
)

func reload[T any](is int) Reload {
	plugin := new(T)
	return Reload{reflect.TypeFor[T]().Name(), func(ctx context.Context) error {
		return generated.Reload[T](ctx, plugin, plugin)
	}, is == called, is == hidden}
}

// Reloads returns the cases for the method Reload.
func Reloads() []Reload {
	return []Reload{
		reload[ReloadPointer](called),
		reload[ReloadValue](called),
		reload[ReloadAliases](called),
		reload[ReloadNothing](refused),
		reload[ReloadNoContext](refused),
		reload[ReloadLateContext](refused),
		reload[ReloadOnlyContext](refused),
		reload[ReloadThree](refused),
		reload[ReloadVariadic](refused),
		reload[ReloadOther](refused),
		reload[ReloadNoError](refused),
		reload[ReloadBool](refused),
		reload[ReloadTwoResults](refused),
		reload[ReloadOwnContext](refused),
		reload[ReloadOwnError](refused),
		reload[ReloadForeignContext](hidden),
	}
}

// Plugins with a Reload. Their fields are options.
type (
	ReloadPointer        struct{ X int }
	ReloadValue          struct{ X int }
	ReloadAliases        struct{ X int }
	ReloadNothing        struct{ X int }
	ReloadNoContext      struct{ X int }
	ReloadLateContext    struct{ X int }
	ReloadOnlyContext    struct{ X int }
	ReloadThree          struct{ X int }
	ReloadVariadic       struct{ X int }
	ReloadOther          struct{ X int }
	ReloadNoError        struct{ X int }
	ReloadBool           struct{ X int }
	ReloadTwoResults     struct{ X int }
	ReloadOwnContext     struct{ X int }
	ReloadOwnError       struct{ X int }
	ReloadForeignContext struct{ X int }
)

func (*ReloadPointer) Reload(context.Context, *ReloadPointer) error               { return nil }
func (*ReloadValue) Reload(_ context.Context, _ ReloadValue) (err error)          { return nil }
func (*ReloadAliases) Reload(AliasContext, *ReloadAliases) AliasError             { return nil }
func (*ReloadNothing) Reload() error                                              { return nil }
func (*ReloadNoContext) Reload(*ReloadNoContext) error                            { return nil }
func (*ReloadLateContext) Reload(*ReloadLateContext, context.Context) error       { return nil }
func (*ReloadOnlyContext) Reload(context.Context) error                           { return nil }
func (*ReloadThree) Reload(_ context.Context, _, _ *ReloadThree) error            { return nil }
func (*ReloadVariadic) Reload(context.Context, ...*ReloadVariadic) error          { return nil }
func (*ReloadOther) Reload(context.Context, *ReloadValue) error                   { return nil }
func (*ReloadNoError) Reload(context.Context, *ReloadNoError)                     {}
func (*ReloadBool) Reload(context.Context, *ReloadBool) bool                      { return true }
func (*ReloadTwoResults) Reload(context.Context, *ReloadTwoResults) (bool, error) { return true, nil }
func (*ReloadOwnContext) Reload(OwnContext, *ReloadOwnContext) error              { return nil }
func (*ReloadOwnError) Reload(context.Context, *ReloadOwnError) OwnError          { return nil }
func (*ReloadForeignContext) Reload(testing.TB, *ReloadForeignContext) error      { return nil }
