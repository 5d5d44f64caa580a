package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
)

const twoHosts = `
-- go.mod --
module example.com/app

go 1.26.0

require github.com/plugingen/plugingen v1.0.0
-- a/a.go --
package a

// One is the first. There is more to say.
//
//plugin:namespace=my.plugins
func One() {}

//plugin:namespace=my.plugins
func OldOne() {}

//plugin:namespace=others
func Other() {}
-- a/a_linux.go --
package a

//plugin:namespace=my.plugins
func Penguin() {}
-- b/internal/b.go --
package internal

//plugin:namespace=my.plugins
func Hidden() {}
-- cmd/large/main.go --
package main

//plugin:link

//plugin:namespace=my.plugins
func Own() {}

func main() {}
-- cmd/small/main.go --
package main

//plugin:link packages=example.com/app/a/... namespaces=my.* exclude=my.plugins:old*

func main() {}
`

func TestList(t *testing.T) {
	is := is.New(t)
	status, stdout, _ := runIn(t, writeTree(t, twoHosts), "list", "-json", "./...")
	is.Equal(status, done) // what is internal elsewhere is only left out
	var plugins []gen.Plugin
	is.NoErr(json.Unmarshal([]byte(stdout), &plugins))
	found := map[string]gen.Plugin{}
	for _, p := range plugins {
		found[p.Namespace+":"+p.Name] = p
	}
	is.Equal(len(found), 6)

	const large, small = "example.com/app/cmd/large", "example.com/app/cmd/small"
	one := found["my.plugins:one"]
	is.Equal(one.Doc, "One is the first.")
	is.Equal(one.File, "a/a.go")
	is.Equal(one.Line, 6)
	is.Equal(one.LinkedBy, []string{large, small})
	is.Equal(found["my.plugins:penguin"].Build, "linux")

	// Each host has a reason of its own.
	is.Equal(found["my.plugins:old_one"].LinkedBy, []string{large})
	is.Equal(found["my.plugins:old_one"].LeftOut,
		[]gen.Omission{{Host: small, Why: "it matches exclude=my.plugins:old*"}})
	is.Equal(found["others:other"].LeftOut,
		[]gen.Omission{{Host: small, Why: "its namespace is not among namespaces=my.*"}})
	is.Equal(found["my.plugins:hidden"].LeftOut, []gen.Omission{
		{Host: large, Why: "it is internal to example.com/app/b"},
		{Host: small, Why: "its package is not among packages=example.com/app/a/..."},
	})

	// Nobody expects a program to link what is declared in another.
	is.Equal(found["my.plugins:own"].LinkedBy, []string{large})
	is.Equal(found["my.plugins:own"].LeftOut, nil)
}

func TestListOfHostHasAllItCouldLink(t *testing.T) {
	is := is.New(t)
	status, stdout, _ := runIn(t, writeTree(t, twoHosts), "list", "./cmd/small")
	is.Equal(status, done)
	is.Equal(stdout, `my.plugins:hidden   func  example.com/app/b/internal.Hidden  b/internal/b.go:4  not linked
my.plugins:old_one  func  example.com/app/a.OldOne           a/a.go:9           not linked
my.plugins:one      func  example.com/app/a.One              a/a.go:6           linked      One is the first.
my.plugins:penguin  func  example.com/app/a.Penguin          a/a_linux.go:4     linked      [linux]
others:other        func  example.com/app/a.Other            a/a.go:12          not linked

Not linked by example.com/app/cmd/small:
my.plugins:hidden   its package is not among packages=example.com/app/a/...
my.plugins:old_one  it matches exclude=my.plugins:old*
others:other        its namespace is not among namespaces=my.*
`)
}

// What is selected is separated by commas, around which there may be spaces.
func TestListOnly(t *testing.T) {
	is := is.New(t)
	status, stdout, _ := runIn(t, writeTree(t, twoHosts), "list", "-only=others, *:one", "./a")
	is.Equal(status, done)
	is.Equal(strings.Count(stdout, "\n"), 2)
	is.True(strings.Contains(stdout, "my.plugins:one "))
	is.True(strings.Contains(stdout, "others:other "))
}

func TestListOfNothing(t *testing.T) {
	is := is.New(t)
	_, stdout, _ := runIn(t, writeTree(t, "-- go.mod --\nmodule example.com/none\n"), "list", "-json")
	is.Equal(stdout, "[]\n")
}

// Completion answers while somebody waits, so that it makes one write of all values.
func TestCompletionWritesOnce(t *testing.T) {
	is := is.New(t)
	t.Chdir(writeTree(t, twoHosts))
	var out writes
	is.Equal(run([]string{"__complete", "list", "-only="}, &out, io.Discard), done)
	is.Equal(len(out), 1)
	is.True(strings.Contains(out[0], "-only=others:other\t"))
}

// writes are what has been written.
type writes []string

func (w *writes) Write(text []byte) (int, error) {
	*w = append(*w, string(text))
	return len(text), nil
}
