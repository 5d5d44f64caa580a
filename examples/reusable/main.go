// Reusable shows one type of plugin with many instances: the plugins of a namespace
// that differ in little more than their name.
//
// There are two ways to say which instances there are: several directives on a
// factory, or a registry.Spec variable for each, which needs no directive.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry"
)

//go:generate go tool plugingen

//plugin:link

// ServicePlugin is the contract, and at once the only type that satisfies it.
//
//plugin:namespace=localstack.plugins.services
type ServicePlugin interface {
	registry.Plugin[*Config]
	Service() *Service
}

// Config is what the plugins are given when they are loaded.
type Config struct{ Region string }

// A Service is what a ServicePlugin provides.
type Service struct{ name, region string }

// Start starts the service.
func (s *Service) Start() { fmt.Printf("%s is running in %s\n", s.name, s.region) }

type servicePlugin struct {
	name    string
	service *Service
}

// NewService makes the plugin for the service of the name.
//
//plugin:namespace=localstack.plugins.services name=s3 factory
//plugin:namespace=localstack.plugins.services name=dynamodb factory
func NewService(name string) ServicePlugin {
	return &servicePlugin{name: name}
}

// Found, since it is a package-level registry.Spec with a constant namespace and name.
var sqs = registry.Spec{
	Namespace: "localstack.plugins.services",
	Name:      "sqs",
	New:       func(spec *registry.Spec) (any, error) { return NewService(spec.Name), nil },
}

// ShouldLoad is asked before Load. A plugin that says no is disabled.
func (p *servicePlugin) ShouldLoad() bool {
	services := os.Getenv("SERVICES")
	return services == "" || slices.Contains(strings.Split(services, ","), p.name)
}

// Load makes the service.
func (p *servicePlugin) Load(_ context.Context, config *Config) error {
	p.service = &Service{p.name, config.Region}
	return nil
}

// Service returns the service, once the plugin is loaded.
func (p *servicePlugin) Service() *Service { return p.service }

// A Supervisor starts services by name.
type Supervisor struct {
	manager *registry.Manager[ServicePlugin]
}

// Start loads the plugin, unless it is loaded already, and starts its service.
func (s *Supervisor) Start(ctx context.Context, name string) error {
	plugin, err := s.manager.Load(ctx, name)
	if err != nil {
		return err
	}
	plugin.Service().Start()
	return nil
}

func main() { run(context.Background(), os.Args[1:]) }

func run(ctx context.Context, services []string) {
	config := &Config{Region: "eu-central-1"}
	s := &Supervisor{registry.For[ServicePlugin]("localstack.plugins.services").With(config)}
	for _, name := range services {
		if err := s.Start(ctx, name); err != nil {
			fmt.Println("error:", err)
		}
	}
}
