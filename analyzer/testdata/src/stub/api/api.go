package api

import "context"

type App struct{}

//plugin:namespace=stub
type Contract interface {
	Load(ctx context.Context, app *App) error
	Do(n int, more ...string) (ok bool, err error)
}
