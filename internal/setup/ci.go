package setup

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/internal/terminal"
)

// Systems of continuous integration.
const (
	GitHub = "github"
	GitLab = "gitlab"
)

//go:embed files/github.yml
var githubFile string

//go:embed files/gitlab.yml
var gitlabFile string

// integration plans the file by which continuous integration checks plugins. It leaves alone a
// file that is there, and has the reader add the lines.
func (s *setup) integration() error {
	root := s.repository()
	dir, err := filepath.Rel(root, s.main.Dir)
	if err != nil {
		return err
	}
	var name, text string
	switch s.CI {
	case "":
		return nil
	case GitHub:
		name, text = filepath.Join(root, ".github", "workflows", "plugins.yml"), githubFile
	case GitLab:
		name, text = filepath.Join(root, ".gitlab-ci.yml"), gitlabFile
	}
	text = s.inDirectory(text, filepath.ToSlash(dir))
	old, err := optional(name)
	switch {
	case err != nil:
		return err
	case old == nil:
		s.change(name, nil, []byte(text), "wrote the checks of the plugins")
	case bytes.Contains(old, []byte("plugingen check")):
		s.Ready = append(s.Ready, short(name)+" checks plugins")
	default:
		s.Notes = append(s.Notes, fmt.Sprintf("%s is there already, and is left as it is; add to it:\n\n%s",
			short(name), text))
	}
	s.localReplacement()
	return nil
}

// inDirectory returns a configuration for a module in a directory of the repository.
func (s *setup) inDirectory(text, dir string) string {
	text = strings.ReplaceAll(text, "GO", majorMinor(s.main.File.Go.Version))
	if dir != "." {
		return strings.ReplaceAll(strings.ReplaceAll(text, "cd DIR", "cd "+shellWord(dir)), "DIR", dir)
	}
	// At the root of the repository, no directory has to be named.
	for _, lines := range []string{
		"    defaults:\n      run:\n        working-directory: DIR\n",
		"          cache-dependency-path: DIR/go.sum\n",
		"    - cd DIR\n",
	} {
		text = strings.Replace(text, lines, "", 1)
	}
	return strings.ReplaceAll(text, "DIR/", "")
}

// shellWord returns text as a word of a shell's command.
func shellWord(text string) string {
	if strings.ContainsAny(text, " '\"`$&();<>|*?[]#~!\\") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// majorMinor returns 1.26 of 1.26.3 or 1.26rc1.
func majorMinor(goVersion string) string {
	minor := strings.TrimPrefix(goVersion, "1.")
	if i := strings.IndexFunc(minor, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		minor = minor[:i]
	}
	return "1." + minor
}

// localReplacement notes that go.mod names a directory that no other machine has.
func (s *setup) localReplacement() {
	for _, r := range s.main.File.Replace {
		if r.Old.Path != ModulePath || r.New.Version != "" {
			continue
		}
		dir := filepath.FromSlash(r.New.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(s.main.Dir, dir)
		}
		if !isBelow(dir, s.repository()) {
			s.Notes = append(s.Notes, fmt.Sprintf("%s replaces %s by %s, which is not in the repository: "+
				"the checks need a version that can be downloaded.",
				short(s.main.Files()[0]), ModulePath, terminal.Line(r.New.Path)))
		}
	}
}

// repository returns the directory of the repository that the module is in, or else the module's.
func (s *setup) repository() string {
	for dir := s.main.Dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); !errors.Is(err, fs.ErrNotExist) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return s.main.Dir
		}
	}
}

// short returns a file's name as it is printed.
func short(file string) string { return terminal.Line(terminal.Path(file)) }
