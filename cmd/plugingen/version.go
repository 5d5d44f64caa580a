package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// versionCommand returns the command that prints the version.
func versionCommand() *command {
	return &command{
		name: "version", run: version,
		short: "print the version",
		long:  `Version prints the version of plugingen, and of the Go that it was built with.`,
	}
}

func version(c *invocation) int {
	if len(c.args) > 0 {
		return c.fail(fmt.Errorf("version takes no arguments, but there is %q", c.args[0]))
	}
	words := []string{"plugingen", moduleVersion()}
	if revision := revision(); !strings.Contains(words[1], revision) { // as a pseudo-version does
		words = append(words, revision)
	}
	fmt.Fprintln(c.out, strings.Join(words, " "), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return done
}

// moduleVersion returns the version that the go command built plugingen as.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// revision returns the commit that plugingen was built from, "" if that is not
// known, as for a module from a proxy.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	setting := map[string]string{}
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	revision := setting["vcs.revision"]
	revision = revision[:min(len(revision), 12)]
	if revision != "" && setting["vcs.modified"] == "true" {
		revision += "+dirty"
	}
	return revision
}
