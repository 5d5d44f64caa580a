// Functions shows functions as plugins. A directive on a function is all it takes:
// the function is wrapped as a plugin, and what a manager returns is the function.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/plugingen/plugingen/registry"
)

//go:generate go tool plugingen

//plugin:link

// Runtime is what the functions configure.
type Runtime struct {
	LogLevel string
	Region   string
}

// Configurator is the contract: functions of the namespace have this type.
//
//plugin:namespace=localstack.configurators
type Configurator func(*Runtime) error

// ConfigureLogging is the plugin configure_logging.
//
//plugin:namespace=localstack.configurators
func ConfigureLogging(rt *Runtime) error {
	rt.LogLevel = "debug"
	return nil
}

// The names of plugins can be given, and that they load at all can depend on
// something: a constant, a variable or a function.
//
//plugin:namespace=localstack.configurators name=region should_load=inCloud requires=configure_logging
func setRegion(rt *Runtime) error {
	rt.Region = os.Getenv("REGION")
	return nil
}

func inCloud() bool { return os.Getenv("REGION") != "" }

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rt := &Runtime{}
	configurators, err := registry.NewManager[Configurator]("localstack.configurators").LoadAll(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, configure := range configurators {
		errs = append(errs, configure(rt))
	}
	fmt.Printf("%d configured: %+v\n", len(configurators), *rt)
	return errors.Join(errs...)
}
