// Bench measures this project beside what a user would pick instead, and writes what
// it finds into README.md and charts.
//
//	bench [-quick] [-only sections] [-write=false]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/bench/chart"
	"github.com/plugingen/plugingen/bench/configuring"
	"github.com/plugingen/plugingen/bench/generation"
	"github.com/plugingen/plugingen/bench/generators"
	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/readme"
	"github.com/plugingen/plugingen/bench/real"
	"github.com/plugingen/plugingen/bench/running"
	"github.com/plugingen/plugingen/bench/starting"
	"github.com/plugingen/plugingen/bench/table"
	"github.com/plugingen/plugingen/bench/vetting"
)

// A section is a part of the README.
type section struct {
	name   string
	tables func(*lab.Lab) ([]table.Table, error)
}

var sections = []section{
	{"generation", generation.Tables},
	{"generators", generators.Tables},
	{"vetting", vetting.Tables},
	{"starting", starting.Tables},
	{"running", running.Tables},
	{"configuring", configuring.Tables},
	{"real", real.Tables},
	{"structs", real.Structs},
	{"migrating", real.Migrating},
}

func main() {
	log.SetFlags(log.Ltime)
	quick := flag.Bool("quick", false, "small trees and few runs: minutes instead of an hour")
	write := flag.Bool("write", true, "write README.md and charts, in the current directory")
	only := flag.String("only", "", "measure these `sections` alone, separated by commas")
	flag.Parse()
	if err := run(*quick, *write, *only); err != nil {
		log.Fatal(err)
	}
}

// run measures section by section, and goes on with the next after an error.
func run(quick, write bool, only string) (err error) {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	l, err := lab.New(".", quick, log.Printf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var errs []error
	for _, s := range chosen {
		if err := measure(l, s, write); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	if write {
		errs = append(errs, chart.Prune("charts", "README.md"))
	}
	return errors.Join(errs...)
}

// choose returns the sections of the names, separated by commas; all if there is no name.
func choose(names string) ([]section, error) {
	if names == "" {
		return sections, nil
	}
	var chosen []section
	for _, name := range strings.Split(names, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no section %q", name)
		}
		chosen = append(chosen, sections[i])
	}
	return chosen, nil
}

// measure measures a section.
func measure(l *lab.Lab, s section, write bool) error {
	machine := l.Machine()
	tables, err := s.tables(l)
	if err != nil {
		return err
	}
	fmt.Println(machine)
	text := bytes.NewBufferString("\n" + machine + "\n\n")
	for _, t := range tables {
		if err := t.WriteText(os.Stdout); err != nil {
			return err
		}
		if err := t.WriteMarkdown(text, "charts"); err != nil {
			return err
		}
		if !write {
			continue
		}
		if err := chart.Write(t, "charts"); err != nil {
			return err
		}
	}
	if !write {
		return nil
	}
	return readme.Replace("README.md", s.name, text.Bytes())
}
