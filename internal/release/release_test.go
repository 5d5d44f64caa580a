package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"
	"golang.org/x/mod/modfile"
)

// A release of the modules as they are here, changes that are not committed
// included, and what refuses the one after it.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds every module with an empty module cache")
	}
	is := is.New(t)
	repo := scratchRepository(t)
	t.Chdir(repo)

	start := mustGit(t, "rev-parse", "HEAD")
	printed, err := run("v0.1.0", func(r *release) { r.checks = "echo a test fails; exit 1" })
	is.True(err != nil)
	is.True(strings.Contains(printed, "a test fails"))
	is.Equal(mustGit(t, "rev-parse", "HEAD"), start)

	printed, err = run("v0.1.0", nil)
	is.NoErr(err)
	is.True(strings.Contains(printed, "go tool plugingen version: plugingen v0.1.0 go"))
	is.True(strings.Contains(printed, "git push --atomic origin HEAD v0.1.0 analyzer/golangci/v0.1.0"))

	tags := []string{
		"analyzer/golangci/v0.1.0", "registry/config/configtoml/v0.1.0", "registry/config/configyaml/v0.1.0", "v0.1.0",
	}
	is.Equal(strings.Fields(mustGit(t, "tag", "--list")), tags)
	for _, tag := range tags {
		is.Equal(mustGit(t, "rev-parse", tag+"^{commit}"), mustGit(t, "rev-parse", "HEAD~"))
		mod := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(tag))+"/go.mod", "./")
		f, err := modfile.Parse(mod, []byte(mustGit(t, "show", tag+":"+mod)), nil)
		is.NoErr(err)
		is.Equal(len(f.Replace), 0)
	}
	is.Equal(mustGit(t, "rev-parse", "HEAD~2"), start)
	is.Equal(mustGit(t, "status", "--porcelain"), "")
	is.Equal(len(strings.Split(mustGit(t, "worktree", "list"), "\n")), 1)

	// For development, everything is as it was, but for the versions.
	changed := mustGit(t, "diff", "-U0", start, "HEAD", "--", "*go.mod", "*go.sum")
	for line := range strings.Lines(changed) {
		if strings.HasPrefix(line, "-\t") || strings.HasPrefix(line, "+\t") {
			is.True(strings.Contains(line, "github.com/plugingen/plugingen")) // another requirement has changed
		}
		is.True(!strings.HasPrefix(line, "-replace") && !strings.HasPrefix(line, "+github.com")) // replace, go.sum
	}

	refusals(t)
}

// refusals tries releases after v0.1.0 that are refused.
func refusals(t *testing.T) {
	for _, test := range []struct {
		name, version, change, wantErr string
	}{
		{name: "not a version", version: "0.2.0", wantErr: "not a semantic version"},
		{name: "not canonical", version: "v0.2", wantErr: "not canonical"},
		{name: "another module path", version: "v2.0.0", wantErr: "should be v0 or v1"},
		{name: "the tag exists", version: "v0.1.0", wantErr: "the tag v0.1.0 exists"},
		{name: "earlier", version: "v0.0.9", wantErr: "not later than v0.1.0"},
		{name: "incompatible", version: "v0.1.1", wantErr: "promises compatibility with v0.1.0"},
		{name: "nothing to tell", version: "v0.2.0", wantErr: "no unreleased changes"},
		{name: "a changed file", version: "v0.2.0", change: "README.md", wantErr: "README.md"},
		{name: "a new file", version: "v0.2.0", change: "new.go", wantErr: "new.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			before := mustGit(t, "show-ref")
			if test.change != "" {
				is.NoErr(os.WriteFile(test.change, nil, 0o666))
			}
			_, err := run(test.version, func(r *release) { r.apidiff = `test "$BASE" != v0.1.0` })
			is.True(err != nil)
			if !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("got %q, want %q", err, test.wantErr)
			}
			is.Equal(mustGit(t, "show-ref"), before)
			mustGit(t, "checkout", "--quiet", ".")
			mustGit(t, "clean", "--quiet", "--force")
		})
	}
}

// Dependabot watches every module of the repository.
func TestDependabot(t *testing.T) {
	is := is.New(t)
	repo, err := filepath.Abs("../..")
	is.NoErr(err)
	config, err := os.ReadFile(filepath.Join(repo, ".github", "dependabot.yml"))
	is.NoErr(err)
	modules, err := findModules(repo)
	if err != nil {
		t.Skipf("this is no git repository: %v", err)
	}
	for _, m := range modules {
		line := "      - " + path.Join("/", m.dir) + "\n"
		if !strings.Contains(string(config), line) {
			t.Errorf("dependabot.yml has no directory %s", m.dir)
		}
	}
}

func run(version string, change func(*release)) (printed string, err error) {
	var out strings.Builder
	r := release{version: version, checks: "true", apidiff: "true", date: time.Now(), out: &out}
	if change != nil {
		change(&r)
	}
	err = r.run()
	return out.String(), err
}

// scratchRepository returns a git repository with the files of this one, as
// they are now.
func scratchRepository(t *testing.T) string {
	is := is.New(t)
	root, err := filepath.Abs("../..")
	is.NoErr(err)
	files, err := output(exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"))
	if err != nil {
		t.Skipf("this is no git repository: %v", err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+who+"_NAME", "Gopher")
		t.Setenv("GIT_"+who+"_EMAIL", "gopher@example.com")
	}
	repo := t.TempDir()
	for file := range strings.SplitSeq(strings.TrimSuffix(files, "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted, but not yet in the index
		}
		is.NoErr(err)
		is.NoErr(os.MkdirAll(filepath.Join(repo, filepath.Dir(file)), 0o777))
		is.NoErr(os.WriteFile(filepath.Join(repo, file), data, 0o666))
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Start"},
	} {
		_, err := git(repo, args...)
		is.NoErr(err)
	}
	return repo
}

func mustGit(t *testing.T, args ...string) string {
	t.Helper()
	printed, err := git(".", args...)
	if err != nil {
		t.Fatal(err)
	}
	return printed
}

func TestMayBreak(t *testing.T) {
	for _, test := range []struct {
		last, version string
		want          bool
	}{
		{"v0.1.0", "v0.1.1", false},
		{"v0.1.0", "v0.2.0", true},
		{"v0.1.0-rc.1", "v0.1.0", false},
		{"v0.9.0", "v1.0.0", true},
		{"v1.0.0", "v1.1.0", false},
		{"v1.0.0", "v1.0.1", false},
	} {
		t.Run(fmt.Sprint(test.last, " ", test.version), func(t *testing.T) {
			is.New(t).Equal(mayBreak(test.last, test.version), test.want)
		})
	}
}

func TestCutChangelog(t *testing.T) {
	is := is.New(t)
	date := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	first, err := cutChangelog(`# Changelog

## [Unreleased]

### Added

- Everything.

[Unreleased]: https://github.com/plugingen/plugingen/commits/main
`, "v0.1.0", date)
	is.NoErr(err)
	is.Equal(first, `# Changelog

## [Unreleased]

## [0.1.0] - 2026-11-27

### Added

- Everything.

[Unreleased]: https://github.com/plugingen/plugingen/compare/v0.1.0...HEAD
[0.1.0]: https://github.com/plugingen/plugingen/releases/tag/v0.1.0
`)

	_, err = cutChangelog(first, "v0.2.0", date)
	is.True(err != nil) // no changes since

	more := strings.Replace(first, "## [Unreleased]\n", "## [Unreleased]\n\n- More.\n", 1)
	second, err := cutChangelog(more, "v0.2.0", date)
	is.NoErr(err)
	is.Equal(second, `# Changelog

## [Unreleased]

## [0.2.0] - 2026-11-27

- More.

## [0.1.0] - 2026-11-27

### Added

- Everything.

[Unreleased]: https://github.com/plugingen/plugingen/compare/v0.2.0...HEAD
[0.2.0]: https://github.com/plugingen/plugingen/releases/tag/v0.2.0
[0.1.0]: https://github.com/plugingen/plugingen/releases/tag/v0.1.0
`)
}
