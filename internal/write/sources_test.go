package write_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/write"
)

// If one file can't be changed, none is, and no directory remains.
func TestSourcesAllOrNone(t *testing.T) {
	for name, spoil := range map[string]func(file string) error{
		"read-only": func(file string) error { return os.Chmod(file, 0o444) },
		"changed":   func(file string) error { return os.WriteFile(file, []byte("other"), 0o666) },
		"removed":   os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
			for _, file := range []string{a, b} {
				is.NoErr(os.WriteFile(file, []byte("old"), 0o666))
			}
			changes := []write.Change{
				{Path: a, Old: []byte("old"), New: []byte("new")},
				{Path: filepath.Join(dir, "x", "y", "c"), New: []byte("new")},
				{Path: b, Old: []byte("old"), New: []byte("new")},
			}
			is.NoErr(spoil(b))
			err := write.Sources(changes)
			is.True(err != nil && strings.Contains(err.Error(), b))
			src, err := os.ReadFile(a)
			is.NoErr(err)
			is.Equal(string(src), "old")
			entries, err := os.ReadDir(dir)
			is.NoErr(err)
			for _, e := range entries {
				is.True(e.Name() == "a" || e.Name() == "b")
			}
		})
	}
}

// If a file can't be put into its place, those before it become what they were.
func TestSourcesUndone(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	is.NoErr(os.WriteFile(a, []byte("old"), 0o666))
	err := write.Sources([]write.Change{
		{Path: a, Old: []byte("old"), New: []byte("new")},
		{Path: filepath.Join(dir, "added"), New: []byte("new")},
		{Path: b, New: []byte("new")}, // where the next one makes a directory
		{Path: filepath.Join(b, "c"), New: []byte("new")},
	})
	is.True(err != nil && strings.Contains(err.Error(), b))
	src, err := os.ReadFile(a)
	is.NoErr(err)
	is.Equal(string(src), "old")
	entries, err := os.ReadDir(dir)
	is.NoErr(err)
	is.Equal(len(entries), 1) // a
}

func TestSources(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	edited, added := filepath.Join(dir, "edited"), filepath.Join(dir, "x", "y", "added")
	is.NoErr(os.WriteFile(edited, []byte("old"), 0o600))
	is.NoErr(write.Sources([]write.Change{
		{Path: edited, Old: []byte("old"), New: []byte("new")},
		{Path: added, New: []byte("new")},
	}))
	for _, file := range []string{edited, added} {
		src, err := os.ReadFile(file)
		is.NoErr(err)
		is.Equal(string(src), "new")
	}
	info, err := os.Stat(edited)
	is.NoErr(err)
	is.Equal(info.Mode().Perm(), os.FileMode(0o600))
}
