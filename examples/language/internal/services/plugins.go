// Package services has plugins of several namespaces.
package services

import (
	"context"
	"os"

	"github.com/plugingen/plugingen/registry"
)

// Service is the contract of my.services: all plugins of the namespace have its methods.
//
//plugin:namespace=my.services
type Service interface{ Run() string }

// Hook is the contract of my.hooks, whose plugins are functions.
//
//plugin:namespace=my.hooks
type Hook func() string

// named is what the services here have in common.
type named struct{ name string }

func (n *named) Run() string { return n.name }

// S3 is the plugin s3, made by new(S3). This sentence is its documentation.
//
//plugin:namespace=my.services name=s3
type S3 struct{ named }

const diskName = "disk"

//plugin:namespace=my.services name_from=diskName
type Disk struct{ named }

// Cloud is the contract of my.clouds: every plugin is a *Cloud.
//
//plugin:namespace=my.clouds contract
type Cloud struct{ Region string }

//plugin:namespace=my.clouds name=north
var north = &Cloud{Region: "north-1"}

// NewService makes two plugins. It is given the name of the one that it makes.
//
//plugin:namespace=my.services name=fast factory
//plugin:namespace=my.services name=slow factory
func NewService(name string) Service { return &named{name} }

//plugin:namespace=my.services name=cached factory=NewCached
type Cached struct{ named }

func NewCached() (*Cached, error) { return &Cached{named{"from the cache"}}, nil }

//plugin:namespace=my.services name=cloud should_load=inCloud
type InCloud struct{ named }

func inCloud() bool { return os.Getenv("CLOUD") != "" }

//plugin:namespace=my.hooks load=openLog
func Audit() string { return log }

var log = "closed"

func openLog(context.Context) error {
	log = "open"
	return nil
}

//plugin:namespace=my.services name=site requires=s3,my.hooks:audit
type Site struct{ named }

//plugin:namespace=my.services name=backup after=s3,my.services:tape
type Backup struct{ named }

//plugin:namespace=my.services name=cleanup before=s3
type Cleanup struct{ named }

//plugin:namespace=my.services name=gcs aliases=google,google_storage
type GCS struct{ named }

//plugin:namespace=my.services name=urgent priority=10
type Urgent struct{ named }

//plugin:namespace=my.services name=trial stability=beta
type Trial struct{ named }

//plugin:namespace=my.services name=ftp deprecated="use s3" deprecated_since=v1.4 removal_in=v2.0
type FTP struct{ named }

//plugin:namespace=my.services name=azure doc="Keeps blobs, in Azure"
type Azure struct{ named }

//plugin:namespace=my.services name=numbers type_args=int
type Store[T any] struct {
	named
	items []T
}

// This spec is for a test, which passes it to a manager itself.
//
//plugin:ignore
var fake = registry.Spec{Namespace: "my.services", Name: "fake", New: newFake}

func newFake(spec *registry.Spec) (any, error) { return &named{spec.Name}, nil }

//plugin:namespace=my.services name=web x_port=4566 x_public
type Web struct{ named }

//plugin:namespace=my.tests name=slow_disk
type SlowDisk struct{ Disk }
