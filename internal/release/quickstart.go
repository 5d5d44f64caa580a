package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/internal/command"
)

// hello are the files of a program with plugins and a configuration, and what
// it prints.
//
//go:embed testdata/hello.txtar
var hello []byte

// quickStart uses the release as its users will: in an empty directory, by the
// go command alone, from the module proxy.
func (r *release) quickStart() error {
	dir := filepath.Join(r.tmp, "hello")
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	if _, err := r.goCommand(dir, "mod", "init", "example.com/hello"); err != nil {
		return err
	}
	if err := r.installTools(dir); err != nil {
		return err
	}
	program := txtar.Parse(hello)
	for _, f := range program.Files {
		file := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, f.Data, 0o666); err != nil {
			return err
		}
	}
	if err := r.getLibraries(dir); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"generate"},
		{"tool", "plugingen", "check", "./..."},
		{"tool", "pluginvet", "./..."},
		{"mod", "verify"},
	} {
		if _, err := r.goCommand(dir, args...); err != nil {
			return err
		}
	}
	if err := r.checkWithAnotherVersion(dir); err != nil {
		return err
	}
	printed, err := r.goCommand(dir, "run", ".")
	if err != nil {
		return err
	}
	return r.want("go run .", printed, strings.TrimSpace(string(program.Comment)))
}

// checkWithAnotherVersion checks that what plugingen writes does not depend on
// its version: what the release has written is up to date for the plugingen of
// the repository, which has the same sources.
func (r *release) checkWithAnotherVersion(dir string) error {
	other := filepath.Join(r.tmp, "plugingen.exe")
	if _, err := r.goCommand(r.repo, "build", "-o", other, "./cmd/plugingen"); err != nil {
		return err
	}
	cmd := exec.Command(other, "check", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), r.env...)
	_, err := command.Output(cmd)
	return err
}

// installTools gets the tools of the release, which know its version, both as
// tools of a module and by themselves.
func (r *release) installTools(dir string) error {
	root := r.modules[0].Path
	cmds := []string{"get", "-tool"}
	for _, cmd := range []string{"plugingen", "pluginvet"} {
		cmds = append(cmds, root+"/cmd/"+cmd+"@"+r.version)
	}
	if _, err := r.goCommand(dir, cmds...); err != nil {
		return err
	}
	printed, err := r.goCommand(dir, "tool", "plugingen", "version")
	if err != nil {
		return err
	}
	if err := r.want("go tool plugingen version", printed, "plugingen "+r.version+" go"); err != nil {
		return err
	}
	_, err = r.goCommand(dir, "install", root+"/cmd/plugingen@"+r.version)
	return err
}

// getLibraries gets and builds every other module of the release.
func (r *release) getLibraries(dir string) error {
	for _, m := range r.modules[1:] {
		if !m.Released {
			continue
		}
		if _, err := r.goCommand(dir, "get", m.Path+"@"+r.version); err != nil {
			return err
		}
		if _, err := r.goCommand(dir, "build", m.Path+"/..."); err != nil {
			return err
		}
	}
	return nil
}

func (r *release) want(command, printed, want string) error {
	fmt.Fprintf(r.out, "%s: %s\n", command, printed)
	if !strings.HasPrefix(printed, want) {
		return fmt.Errorf("%s prints %q, want %q", command, printed, want)
	}
	return nil
}
