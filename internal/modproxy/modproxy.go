// Package modproxy makes a module proxy in the file system, which has the
// modules of this repository as a release would publish them.
package modproxy

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/plugingen/plugingen/internal/command"
)

// A Proxy is a module proxy below a directory.
type Proxy struct {
	Repository string // the git repository or worktree that has the commits
	Dir        string // absolute
	Time       time.Time
}

// Add adds a version of a module, as it is in a commit of the repository.
// https://go.dev/ref/mod#goproxy-protocol describes the files.
func (p *Proxy) Add(m *Module, version, commit string) error {
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	dir := filepath.Join(p.files(), filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": p.Time.UTC()})
	if err != nil {
		return err
	}
	mod, err := command.Git(p.Repository, "show", commit+":"+path.Join(m.Dir, "go.mod"))
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": info,
		version + ".mod":  []byte(mod + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := p.zip(archive, m, version, commit); err != nil {
		return err
	}
	return archive.Close()
}

// zip writes the zip file that the go command makes of the commit.
func (p *Proxy) zip(w io.Writer, m *Module, version, commit string) error {
	// Package zip knows no worktrees, so a clone that shares the objects of the
	// repository stands for it.
	clone := filepath.Join(p.Dir, "clone")
	if _, err := os.Stat(clone); err != nil {
		_, err := command.Git(p.Repository, "clone", "--quiet", "--shared", "--no-checkout", p.Repository, clone)
		if err != nil {
			return err
		}
	}
	subdir := m.Dir
	if subdir == "." {
		subdir = ""
	}
	return zip.CreateFromVCS(w, module.Version{Path: m.Path, Version: version}, clone, commit, subdir)
}

func (p *Proxy) files() string { return filepath.Join(p.Dir, "proxy") }

// Env returns the environment in which the go command gets the modules of this
// repository from the proxy, and all others from this machine's module cache or
// from the proxy that is configured. No other setting of the user counts. Its
// own module cache and GOBIN are below the proxy's directory and empty: what
// was there before and what this leaves can't be confused with a real release.
func (p *Proxy) Env(ctx context.Context) ([]string, error) {
	configured, err := command.Output(exec.CommandContext(ctx, "go", "env", "GOMODCACHE", "GOPROXY"))
	if err != nil {
		return nil, err
	}
	cache, others, _ := strings.Cut(configured, "\n")
	proxies := []string{fileURL(p.files()), fileURL(filepath.Join(cache, "cache", "download")), others}
	return []string{
		"GOMODCACHE=" + filepath.Join(p.Dir, "modcache"),
		"GOBIN=" + filepath.Join(p.Dir, "bin"),
		"GOPROXY=" + strings.Join(proxies, ","),
		"GOENV=off", "GOPRIVATE=", "GONOPROXY=", // no module is private
		"GOSUMDB=off", // it can't know the release; the rest is in the go.sum files here
		"GOFLAGS=-modcacherw",
		"GOWORK=off",
	}, nil
}

func fileURL(file string) string {
	slashed := filepath.ToSlash(file)
	if !strings.HasPrefix(slashed, "/") { // C:/...
		slashed = "/" + slashed
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}
