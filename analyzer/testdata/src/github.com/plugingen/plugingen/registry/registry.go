// Package registry has as much of the real one as the analyzer looks at.
package registry

import (
	"context"
	"errors"
	"iter"
)

var (
	ErrNotFound  = errors.New("not found")
	ErrNotLinked = errors.New("not linked")
)

type Plugin[A any] interface {
	Load(ctx context.Context, arg A) error
}

type Spec struct {
	Namespace, Name string
	New             func(*Spec) (any, error)
	Var             *Spec
}

type FunctionPlugin[F any] struct{ Func F }

type Registry struct{}

var Default = &Registry{}

func (*Registry) Add(...*Spec) error       { return nil }
func (*Registry) Link(*Links)              {}
func (*Registry) Filter(func(*Spec) error) {}

type Links struct{}

type Option func()

func WithConcurrency(int) Option { return nil }

func WithSpecs(...*Spec) Option { return nil }

func WithFinder(*Registry) Option { return nil }

func WithConfig(any) Option { return nil }

func WithOverlap() Option { return nil }

func WithFailFast() Option { return nil }

func WithManagers(...AnyManager) Option { return nil }

func WithListener(func()) Option { return nil }

func WithFilter(func(*Spec) error) Option { return nil }

type AnyManager interface{ Namespace() string }

type Manager[P any] struct{}

func (*Manager[P]) Load(ctx context.Context, name string) (p P, err error) { return }
func (*Manager[P]) LoadAll(ctx context.Context) (all []P, err error)       { return }
func (*Manager[P]) Exists(name string) bool                                { return false }
func (*Manager[P]) Names() []string                                        { return nil }
func (*Manager[P]) Specs() []*Spec                                         { return nil }
func (*Manager[P]) Namespace() string                                      { return "" }
func (*Manager[P]) All(context.Context) iter.Seq2[P, error]                { return nil }

func Map[P, R any](ctx context.Context, m *Manager[P], f func(P) (R, error)) (all []R, err error) {
	return
}

type ManagerFor[P Plugin[A], A any] struct{}

func (ManagerFor[P, A]) With(arg A) *Manager[P] { return nil }

func NewManager[P any](namespace string, opts ...Option) *Manager[P] { return nil }

func For[P Plugin[A], A any](namespace string, opts ...Option) (u ManagerFor[P, A]) { return }

func NewManagerFunc[P any](namespace string, load func(context.Context, P) error, opts ...Option) *Manager[P] {
	return nil
}

func Forward[P any](namespace string, register func(name string, plugin P)) {}

type Set[P any] struct{}

func (*Set[P]) Apply(ctx context.Context, section any) error { return nil }
func (*Set[P]) Get(id string) (p P, ok bool)                 { return }
func (*Set[P]) Names() []string                              { return nil }
func (*Set[P]) Specs() []*Spec                               { return nil }

func NewSet[P any](namespace string, opts ...Option) *Set[P] { return nil }

func NewSetFunc[P any](namespace string, load func(context.Context, P) error, opts ...Option) *Set[P] {
	return nil
}

func (ManagerFor[P, A]) Set(arg A) *Set[P] { return nil }
