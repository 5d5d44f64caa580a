// Bench measures this project beside what a user would pick instead, and writes what
// it finds into README.md and charts.
//
//	bench [-quick] [-only sections]
package main

import (
	"flag"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/bench/generation"
	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/running"
	"github.com/plugingen/plugingen/bench/starting"
	"github.com/plugingen/plugingen/bench/table"
)

// A section is a part of the README.
type section struct {
	name   string
	tables func(*lab.Lab) ([]table.Table, error)
}

var sections = []section{
	{"generation", generation.Tables},
	{"starting", starting.Tables},
	{"running", running.Tables},
}

func main() {
	log.SetFlags(log.Ltime)
	quick := flag.Bool("quick", false, "small trees and few runs: minutes instead of an hour")
	only := flag.String("only", "", "measure these `sections` alone, separated by commas")
	write := flag.Bool("write", true, "write README.md and charts")
	flag.Parse()
	if err := run(*quick, *write, strings.Split(*only, ",")); err != nil {
		log.Fatal(err)
	}
}

func run(quick, write bool, only []string) error {
	l, err := lab.New(".", quick, log.Printf)
	if err != nil {
		return err
	}
	defer l.Close()
	for _, s := range sections {
		if only[0] != "" && !slices.Contains(only, s.name) {
			continue
		}
		tables, err := s.tables(l)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if err := t.WriteText(os.Stdout); err != nil {
				return err
			}
		}
	}
	return nil
}
