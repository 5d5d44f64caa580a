// Package invoke tells how a user runs plugingen, for messages that say to run it.
package invoke

import (
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/internal/readfile"
)

const (
	module  = "github.com/plugingen/plugingen"
	command = module + "/cmd/plugingen"
)

// Plugingen returns the command line that runs plugingen in a directory: as a tool of its
// module or workspace, if it is one, or else in the version that the module requires. It
// returns plain plugingen if the module does not require any.
func Plugingen(dir string) string {
	mod := readMod(findUp(dir, "go.mod"))
	if mod == nil {
		return "plugingen"
	}
	if isTool(mod) || slices.ContainsFunc(workspace(dir), isTool) {
		return "go tool plugingen"
	}
	if mod.Module != nil && mod.Module.Mod.Path == module || replaced(mod) {
		return "go run " + command
	}
	for _, r := range mod.Require {
		if r.Mod.Path == module {
			return "go run " + command + "@" + r.Mod.Version
		}
	}
	return "plugingen"
}

func isTool(mod *modfile.File) bool {
	return slices.ContainsFunc(mod.Tool, func(t *modfile.Tool) bool { return t.Path == command })
}

func replaced(mod *modfile.File) bool {
	return slices.ContainsFunc(mod.Replace, func(r *modfile.Replace) bool { return r.Old.Path == module })
}

// workspace returns the go.mod files of the workspace that a directory is in.
func workspace(dir string) (mods []*modfile.File) {
	name := os.Getenv("GOWORK")
	if name == "" {
		name = findUp(dir, "go.work")
	}
	src, err := readfile.GoMod(name)
	if err != nil {
		return nil // there is none, or GOWORK=off
	}
	work, err := modfile.ParseWork(name, src, nil)
	if err != nil {
		return nil
	}
	for _, use := range work.Use {
		member := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(member) {
			member = filepath.Join(filepath.Dir(name), member)
		}
		if mod := readMod(filepath.Join(member, "go.mod")); mod != nil {
			mods = append(mods, mod)
		}
	}
	return mods
}

// readMod reads a go.mod file, and returns nil if it can't be read.
func readMod(name string) *modfile.File {
	src, err := readfile.GoMod(name)
	if err != nil {
		return nil
	}
	mod, err := modfile.Parse(name, src, nil)
	if err != nil {
		return nil
	}
	return mod
}

// findUp returns the file of the name in a directory or the nearest above it, or "".
func findUp(dir, name string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
