package cli

import (
	"context"
	"errors"

	"github.com/plugingen/plugingen/registry"
)

// Run builds the command line from the plugins of the program, and runs the command
// in the arguments. A plugin that fails takes no other with it: its error comes
// along with that of the command, if it has one. With options, a test can have
// plugins of its own.
func Run(ctx context.Context, args []string, opts ...registry.Option) error {
	c := New()
	manager := registry.For[Plugin](Namespace, opts...).With(c)
	_, loadErr := manager.LoadAll(ctx)
	c.root.SetArgs(args)
	runErr := c.root.ExecuteContext(ctx)
	return errors.Join(loadErr, runErr, manager.Close(context.WithoutCancel(ctx)))
}
