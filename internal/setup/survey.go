package setup

import (
	"bytes"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A survey is what the Go files of a module say of its programs.
type survey struct {
	mains  []string // directories of the packages main that are built on this platform
	links  []place  // comments that link plugins
	runs   []run    // go:generate comments that run plugingen
	goDirs []string // directories with Go files
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// look reads the module's Go files.
func look(main *modules.Main) (*survey, error) {
	v := &survey{}
	root := main.Dir + string(filepath.Separator) // of a link, the directory that it leads to
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != root && foreign(main, name, d.Name()) {
				return filepath.SkipDir
			}
		case rules.IsGoFile(d.Name()):
			return v.read(name)
		}
		return nil
	})
	for _, dirs := range []*[]string{&v.mains, &v.goDirs} {
		slices.Sort(*dirs)
		*dirs = slices.Compact(*dirs)
	}
	return v, err
}

// foreign reports whether a directory is not of the module.
func foreign(main *modules.Main, dir, base string) bool {
	rel, err := filepath.Rel(main.Dir, dir)
	return err != nil || rules.IsIgnoredDir(base) || main.Ignored(filepath.ToSlash(rel)) || readfile.IsModule(dir)
}

var (
	linkComment     = lazyregexp.New(`(?m)^//plugin:(?:[^\n]* )?link\b`)
	generateComment = lazyregexp.New(`(?m)^//go:generate\s+([^\r\n]*plugingen[^\r\n]*)`)
)

func (v *survey) read(name string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil // a link to nowhere, or to a directory
	}
	src, err := readfile.Source(name)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	v.goDirs = append(v.goDirs, dir)
	if genfile.HasHeader(src) {
		return nil
	}
	for _, m := range generateComment().FindAllSubmatch(src, -1) {
		if r, ok := parseRun(dir, string(m[1])); ok {
			v.runs = append(v.runs, r)
		}
	}
	if rules.IsTestFile(name) {
		return nil
	}
	if at := linkComment().FindIndex(src); at != nil {
		v.links = append(v.links, place{name, 1 + bytes.Count(src[:at[0]], []byte("\n"))})
	}
	if bytes.Contains(src, []byte("package")) && bytes.Contains(src, []byte("main")) && isMain(name, src) {
		if built, err := build.Default.MatchFile(dir, filepath.Base(name)); err == nil && built {
			v.mains = append(v.mains, dir)
		}
	}
	return nil
}

func isMain(name string, src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly)
	return err == nil && f.Name.Name == "main"
}

// A run is what a go:generate comment has plugingen generate.
type run struct {
	dir      string // patterns are relative to it
	patterns []string
}

// valueFlags are the flags of generate that have a value, which may be the next word.
var valueFlags = []string{"-C", "-color", "-header"}

// parseRun returns what a command line generates, or false if it is another command's.
func parseRun(dir, command string) (run, bool) {
	words := strings.Fields(command)
	at := slices.IndexFunc(words, func(w string) bool {
		w, _, _ = strings.Cut(w, "@")
		return strings.TrimSuffix(path.Base(filepath.ToSlash(w)), ".exe") == "plugingen"
	})
	if at < 0 {
		return run{}, false
	}
	r := run{dir: dir}
	named := false
	for words = words[at+1:]; len(words) > 0; words = words[1:] {
		flag, value, hasValue := strings.Cut(strings.Replace(words[0], "--", "-", 1), "=")
		switch {
		case slices.Contains(valueFlags, flag):
			if !hasValue && len(words) > 1 {
				words = words[1:]
				value = words[0]
			}
			if flag == "-C" {
				r.dir = filepath.Join(r.dir, filepath.FromSlash(value))
			}
		case strings.HasPrefix(flag, "-"):
		case !named && len(r.patterns) == 0 && !strings.ContainsAny(words[0], `./\$`):
			if named = true; words[0] != "generate" {
				return run{}, false
			}
		default:
			r.patterns = append(r.patterns, words[0])
		}
	}
	return r, true
}

// covers reports whether the run generates for the package in a directory of the module.
func (r run) covers(main *modules.Main, dir string) bool {
	if len(r.patterns) == 0 {
		return r.dir == dir
	}
	return slices.ContainsFunc(r.patterns, func(p string) bool {
		p, below := strings.CutSuffix(p, "...")
		p = strings.TrimSuffix(p, "/")
		base := filepath.Join(r.dir, filepath.FromSlash(p))
		switch own := main.DirOf(p); {
		case own != "":
			base = own
		case strings.HasSuffix(p, ".go") || strings.HasPrefix(p, "$"):
			base = r.dir
		}
		return base == dir || below && isBelow(dir, base)
	})
}

// isBelow reports whether a directory is in another one, at any depth.
func isBelow(dir, other string) bool {
	rel, err := filepath.Rel(other, dir)
	return err == nil && filepath.IsLocal(rel)
}

// Runs is what the go:generate comments of a module have plugingen generate.
type Runs struct {
	main *modules.Main
	all  []run
}

// ReadRuns reads the module that a directory is in.
func ReadRuns(dir string) (*Runs, error) {
	main, err := modules.NewLoader().Find(dir)
	if err != nil {
		return nil, err
	}
	v, err := look(main)
	if err != nil {
		return nil, err
	}
	return &Runs{main, v.runs}, nil
}

// Clone returns a copy, to which comments are added independently.
func (r *Runs) Clone() *Runs { return &Runs{r.main, slices.Clone(r.all)} }

// Cover reports whether the package in a directory is generated.
func (r *Runs) Cover(dir string) bool {
	return slices.ContainsFunc(r.all, func(r2 run) bool { return r2.covers(r.main, dir) })
}

// Add returns the go:generate comment by which the package in a directory generates the whole
// module.
func (r *Runs) Add(dir string) string {
	line, added := generateLine(r.main.Dir, dir)
	r.all = append(r.all, added)
	return line
}

// generateLine returns a go:generate comment in a directory of a module for all of that.
func generateLine(root, dir string) (string, run) {
	pattern := "./..."
	if rel, err := filepath.Rel(dir, root); err == nil && rel != "." {
		pattern = filepath.ToSlash(rel) + "/..."
	}
	return "//go:generate go tool plugingen " + pattern, run{dir, []string{pattern}}
}
