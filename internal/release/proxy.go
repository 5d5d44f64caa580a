package main

import (
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// addToProxy adds a module, as it is in the commit of tree, to the module proxy
// in the file system. https://go.dev/ref/mod#goproxy-protocol describes the files.
func (r *release) addToProxy(tree string, m *mod) error {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	dir := filepath.Join(r.proxy(), filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": r.version, "Time": r.date.UTC()})
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(tree, m.dir, "go.mod"))
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"list":              []byte(r.version + "\n"),
		r.version + ".info": info,
		r.version + ".mod":  mod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(dir, r.version+".zip"))
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := r.zip(archive, m, tree); err != nil {
		return err
	}
	return archive.Close()
}

// zip writes the zip file that the go command makes of the commit of tree.
func (r *release) zip(w io.Writer, m *mod, tree string) error {
	commit, err := git(tree, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	// Package zip knows no worktrees, so a clone that shares the objects of the
	// repository stands for it.
	clone := filepath.Join(r.tmp, "clone")
	if _, err := os.Stat(clone); err != nil {
		if _, err := git(r.repo, "clone", "--quiet", "--shared", "--no-checkout", r.repo, clone); err != nil {
			return err
		}
	}
	subdir := m.dir
	if subdir == "." {
		subdir = ""
	}
	return zip.CreateFromVCS(w, module.Version{Path: m.path, Version: r.version}, clone, commit, subdir)
}

func (r *release) proxy() string { return filepath.Join(r.tmp, "proxy") }

// goEnv returns the environment in which the go command gets the modules of the
// release from the proxy, and all others from this machine's module cache or
// from the proxy that is configured. Its own module cache is empty: what was
// there before and what this leaves can't be confused with the real release.
func (r *release) goEnv() ([]string, error) {
	configured, err := output(exec.Command("go", "env", "GOMODCACHE", "GOPROXY"))
	if err != nil {
		return nil, err
	}
	cache, others, _ := strings.Cut(configured, "\n")
	proxies := []string{fileURL(r.proxy()), fileURL(filepath.Join(cache, "cache", "download")), others}
	return []string{
		"GOMODCACHE=" + filepath.Join(r.tmp, "modcache"),
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
