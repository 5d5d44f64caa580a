package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"
	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/internal/command"
	"github.com/plugingen/plugingen/internal/modproxy"
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

	t.Run("a document fails", failure)

	// What developers configure for modules of their own does not count.
	t.Setenv("GOPRIVATE", "*")
	t.Setenv("GONOPROXY", "*")
	t.Setenv("GOFLAGS", "-mod=mod -modfile=other.mod")
	t.Setenv("GOBIN", t.TempDir())
	printed, err = run("v0.1.0", func(r *release) { r.documents = followReadme })
	is.NoErr(err)
	bin, err := os.ReadDir(os.Getenv("GOBIN"))
	is.NoErr(err)
	is.Equal(len(bin), 0)
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

	// What the documents say stays.
	readme := mustGit(t, "show", "HEAD:README.md")
	is.True(strings.Contains(readme, "\ngo run github.com/plugingen/plugingen/cmd/plugingen@latest init -example\n"))

	// For development, everything else is as it was, but for the versions.
	changed := mustGit(t, "diff", "-U0", start, "HEAD", "--", "*go.mod", "*go.sum")
	for line := range strings.Lines(changed) {
		if strings.HasPrefix(line, "-\t") || strings.HasPrefix(line, "+\t") {
			is.True(strings.Contains(line, "github.com/plugingen/plugingen")) // another requirement has changed
		}
		is.True(!strings.HasPrefix(line, "-replace") && !strings.HasPrefix(line, "+github.com")) // replace, go.sum
	}

	refusals(t)
}

// followReadme does what README.md of the release says, and reads the other
// documents.
const followReadme = "export GOFLAGS=-trimpath GOWORK=off; go test -short ./docs && go test ./docs -run TestDocuments/README.md"

// failure tries a release of which a document fails, after all has been
// committed: nothing is left of it, in the repository or beside it.
func failure(t *testing.T) {
	is := is.New(t)
	before := mustGit(t, "show-ref")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	printed, err := run("v0.1.0", func(r *release) { r.documents = "cat README.md; exit 1" })
	is.True(err != nil)
	is.True(strings.Contains(printed, "\ncd hello\ngo mod init example.com/hello\n```\n")) // no replace
	is.Equal(mustGit(t, "show-ref"), before)
	is.Equal(mustGit(t, "status", "--porcelain"), "")
	is.Equal(len(strings.Split(mustGit(t, "worktree", "list"), "\n")), 1)
	left, err := os.ReadDir(tmp)
	is.NoErr(err)
	is.Equal(len(left), 0)
}

// What is found without building anything is found before the checks are run.
func TestErrorsAreFoundBeforeTheChecks(t *testing.T) {
	const (
		changes = "# Changelog\n\n## [Unreleased]\n\n- Everything.\n\n[Unreleased]: https://example.com\n"
		checked = "the checks are run"
	)
	for _, test := range []struct{ name, changelog, after, wantErr string }{
		{"nothing is wrong", changes, "", checked},
		{"no changes", strings.Replace(changes, "- Everything.", "", 1), "", "no unreleased changes"},
		{"a new file", changes, "touch new.go", "commit or remove these first:\n?? new.go"},
		{"git fails", changes, "git config status.showUntrackedFiles none", "status --porcelain"},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			asGopher(t)
			t.Chdir(t.TempDir())
			is.NoErr(os.WriteFile("go.mod", []byte("module example.com/m\n"), 0o666))
			is.NoErr(os.WriteFile("CHANGELOG.md", []byte(test.changelog), 0o666))
			r := &release{out: io.Discard}
			is.NoErr(r.shell(".", "git init --quiet; git add .; git commit --quiet -m start; "+test.after))
			_, err := run("v0.1.0", func(r *release) { r.checks = "exit 1 # " + checked })
			is.True(err != nil)
			if !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("got %q, want %q in it", err, test.wantErr)
			}
			is.Equal(strings.Contains(err.Error(), "commit or remove"), test.name == "a new file")
		})
	}
}

// Tags and the branch appear together, or not at all.
func TestTagsAndBranchAppearTogether(t *testing.T) {
	for _, test := range []struct {
		name, before, wantErr string
	}{
		{name: "success", before: "true"},
		{name: "the branch moves", before: "git commit --quiet --allow-empty -m more", wantErr: "fast-forward"},
		{name: "a tag appears", before: "git tag b/v1.0.0", wantErr: "already exists"},
		{name: "tags need a key", before: "git config tag.gpgSign true; git config gpg.program false", wantErr: "gpg failed"},
		{name: "a changed file", before: "echo changed >a; git update-index --assume-unchanged a", wantErr: "overwritten"},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			asGopher(t)
			t.Chdir(t.TempDir())
			r := &release{repo: ".", out: io.Discard}
			is.NoErr(r.shell(".", `git init --quiet; echo a >a; git add .; git commit --quiet -m start
				echo b >a; git commit --quiet -a -m release; git tag release; git reset --quiet --hard HEAD~`))
			c := commits{release: mustGit(t, "rev-parse", "release"), development: mustGit(t, "rev-parse", "release")}
			mustGit(t, "tag", "--delete", "release")
			is.NoErr(r.shell(".", test.before))
			before := mustGit(t, "show-ref")

			err := r.publish(c, []string{"a/v1.0.0", "b/v1.0.0"})
			if test.wantErr == "" {
				is.NoErr(err)
				is.Equal(mustGit(t, "rev-parse", "HEAD"), c.development)
				is.Equal(strings.Fields(mustGit(t, "tag", "--list")), []string{"a/v1.0.0", "b/v1.0.0"})
				return
			}
			is.True(err != nil)
			if !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("got %q, want %q", err, test.wantErr)
			}
			is.Equal(mustGit(t, "show-ref"), before)
		})
	}
}

// TestDocumentsAfterTheFirstRelease has every document with what it says from the first release on.
func TestDocumentsAfterTheFirstRelease(t *testing.T) {
	is := is.New(t)
	repo, err := filepath.Abs("../..")
	is.NoErr(err)
	names, err := documents(repo)
	if err != nil {
		t.Skipf("this is no git repository: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(repo, name))
		is.NoErr(err)
		for i, line := range strings.Split(released(string(data)), "\n") {
			if beforeRelease.MatchString(line) {
				t.Errorf("%s: after the first release, line %d still says: %s", name, i+1, line)
			}
		}
	}

	const guide = `Start in an empty directory. There is no release yet, so begin with a clone:

git clone https://github.com/plugingen/plugingen
mkdir hello
go mod edit -replace=github.com/plugingen/plugingen=../plugingen
go mod edit -replace=github.com/plugingen/plugingen/registry/config/configtoml=../plugingen/registry/config/configtoml
go mod edit -replace=example.com/greet=../greet
go mod edit -tool=github.com/plugingen/plugingen/cmd/plugingen -tool=github.com/plugingen/plugingen/cmd/pluginvet
go mod tidy
go run -mod=mod github.com/plugingen/plugingen/cmd/plugingen init

<!-- until the first release -->
Name the clone.
<!-- end -->

The end.
`
	const want = `Start in an empty directory:

mkdir hello
go mod edit -replace=example.com/greet=../greet
go get -tool github.com/plugingen/plugingen/cmd/plugingen@latest github.com/plugingen/plugingen/cmd/pluginvet@latest
go run github.com/plugingen/plugingen/cmd/plugingen@latest init

The end.
`
	is.Equal(released(guide), want)
	is.Equal(released(want), want)
}

// beforeRelease matches what makes no sense once there is a release.
var beforeRelease = regexp.MustCompile(`(?i)no release|until (there is a|the first) release|^git clone|[= ]\.\.?/plugingen|-mod=mod|edit -tool`)

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
	modules, err := modproxy.Find(repo)
	if err != nil {
		t.Skipf("this is no git repository: %v", err)
	}
	for _, m := range modules {
		line := "      - " + path.Join("/", m.Dir) + "\n"
		if !strings.Contains(string(config), line) {
			t.Errorf("dependabot.yml has no directory %s", m.Dir)
		}
	}
}

func run(version string, change func(*release)) (printed string, err error) {
	var out strings.Builder
	r := release{version: version, checks: "true", documents: "true", apidiff: "true", date: time.Now(), out: &out}
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
	files, err := command.Output(exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"))
	if err != nil {
		t.Skipf("this is no git repository: %v", err)
	}
	asGopher(t)
	repo := t.TempDir()
	for file := range strings.SplitSeq(strings.TrimSuffix(files, "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted, but not yet in the index
		}
		is.NoErr(err)
		data, err := os.ReadFile(filepath.Join(root, file))
		is.NoErr(err)
		is.NoErr(os.MkdirAll(filepath.Join(repo, filepath.Dir(file)), 0o777))
		is.NoErr(os.WriteFile(filepath.Join(repo, file), data, info.Mode().Perm()))
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Start"},
	} {
		_, err := command.Git(repo, args...)
		is.NoErr(err)
	}
	return repo
}

// asGopher has git commit as somebody who has configured nothing.
func asGopher(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+who+"_NAME", "Gopher")
		t.Setenv("GIT_"+who+"_EMAIL", "gopher@example.com")
	}
}

func mustGit(t *testing.T, args ...string) string {
	t.Helper()
	printed, err := command.Git(".", args...)
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
