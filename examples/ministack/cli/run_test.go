package cli

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/matryer/is"
	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"
)

// greet attaches a command that reports whether it was run.
type greet struct{ greeted *bool }

func (g greet) Load(_ context.Context, c *CLI) error {
	c.Add(&cobra.Command{Use: "greet", Run: func(*cobra.Command, []string) { *g.greeted = true }})
	return nil
}

type broken struct{}

func (broken) Load(context.Context, *CLI) error { return errors.New("no luck") }

func TestABrokenPluginTakesNoOtherWithIt(t *testing.T) {
	is := is.New(t)
	var greeted bool
	plugins := registry.WithSpecs(
		&registry.Spec{
			Namespace: Namespace, Name: "broken",
			New: func(*registry.Spec) (any, error) { return broken{}, nil },
		},
		&registry.Spec{
			Namespace: Namespace, Name: "greet",
			New: func(*registry.Spec) (any, error) { return greet{&greeted}, nil },
		},
	)
	err := Run(t.Context(), []string{"greet"}, plugins)
	is.True(greeted)
	is.True(err != nil && strings.Contains(err.Error(), "no luck"))
}
