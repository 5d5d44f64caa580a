// Package setup makes a module use plugingen: the lines of its go.mod, the comments in the
// program that links plugins, an example if one is wanted, and the configuration of continuous
// integration.
//
// [Config.Make] decides everything and writes nothing in the module. Files are edited by inserting
// text, so that all else in them stays as it is.
package setup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/write"
)

// ModulePath is the path of plugingen's module.
const ModulePath = modules.Plugingen

// A Config is what to set up.
type Config struct {
	Dir     string   // a directory of the module
	Hosts   []string // the packages that are to link plugins, if not the only package main
	Version string   // of plugingen, to be required if go.mod requires none
	Example bool     // write a contract, plugins and, if there is none, a program
	CI      string   // "", GitHub or GitLab
}

// A Plan is what is to be changed.
type Plan struct {
	Steps   []Step   // what is done, in this order
	Ready   []string // what had been done before
	Notes   []string // what is left to the reader, each a paragraph
	Program string   // the directory of the program that links plugins, "" if there is none
	Root    string   // the module's directory
}

// A Step changes one file.
type Step struct {
	write.Change
	What string // is done to it
}

// Changes returns what the steps change.
func (p *Plan) Changes() []write.Change {
	var changes []write.Change
	for _, s := range p.Steps {
		changes = append(changes, s.Change)
	}
	return changes
}

// Source reports whether a Go file is changed.
func (p *Plan) Source() bool {
	for _, s := range p.Steps {
		if filepath.Ext(s.Path) == ".go" {
			return true
		}
	}
	return false
}

// A SeveralError is that of a module with several programs of which none was named.
type SeveralError struct{ Dirs []string }

func (e *SeveralError) Error() string {
	return fmt.Sprintf("%d packages of this module are programs: name the one that links plugins", len(e.Dirs))
}

// Make decides what to change. It runs the go command, which may download the modules that
// plugingen needs into the module cache.
func (c Config) Make() (*Plan, error) {
	if c.CI != "" && c.CI != GitHub && c.CI != GitLab {
		return nil, fmt.Errorf("-ci=%s: want %s or %s", c.CI, GitHub, GitLab)
	}
	main, err := modules.NewLoader().Find(c.Dir)
	if err != nil {
		return nil, err
	}
	if main.Path == ModulePath {
		return nil, errors.New("this is plugingen's own module, which needs no tool lines: " +
			"run this in a module that uses it")
	}
	s := &setup{Config: c, main: main, Plan: &Plan{Root: main.Dir}}
	for _, step := range []func() error{s.checkGo, s.program, s.module, s.integration} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s.Plan, nil
}

// A setup is a plan in the making.
type setup struct {
	Config
	*Plan
	main *modules.Main
}

// change adds a step, unless the file has that content already.
func (s *setup) change(path string, from, to []byte, what string) {
	if from == nil || !bytes.Equal(from, to) {
		s.Steps = append(s.Steps, Step{write.Change{Path: path, Old: from, New: to}, what})
	}
}

// optional returns the contents of a file, nil if there is none.
func optional(name string) ([]byte, error) {
	src, err := readfile.Source(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return src, err
}
