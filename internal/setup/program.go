package setup

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/module"
)

const linkText = `// Links the plugins of this module into the program.
//
//plugin:link
`

//go:embed files/greetings.go.txt
var greetingsFile string

//go:embed files/main.go.txt
var mainFile string

// program plans what the package that links plugins needs.
func (s *setup) program() error {
	v, err := look(s.main)
	if err != nil {
		return err
	}
	dirs, err := s.hosts(v)
	if err != nil {
		return err
	}
	written := false
	if s.Example {
		if written, err = s.example(v); err != nil {
			return err
		}
		if len(dirs) == 0 {
			dirs = []string{s.newProgram(v)}
		}
	}
	for _, dir := range dirs {
		if err := s.host(v, dir, written); err != nil {
			return err
		}
	}
	if len(dirs) == 0 {
		return s.withoutProgram(v)
	}
	s.Program = dirs[0]
	return nil
}

// hosts returns the directories of the packages that link plugins or are to do so.
func (s *setup) hosts(v *survey) ([]string, error) {
	if len(s.Hosts) > 0 {
		return s.named(v)
	}
	var linking []string
	for _, l := range v.links {
		linking = append(linking, filepath.Dir(l.file))
	}
	here, err := filepath.Abs(s.Dir)
	switch {
	case err != nil:
		return nil, err
	case len(linking) > 0:
		return slices.Compact(linking), nil
	case slices.Contains(v.mains, here):
		return []string{here}, nil
	case len(v.mains) > 1:
		return nil, &SeveralError{v.mains}
	}
	return v.mains, nil
}

// named returns the directories of the packages that the caller has named.
func (s *setup) named(v *survey) ([]string, error) {
	var dirs []string
	for _, name := range s.Hosts {
		dir := s.main.DirOf(name)
		if dir == "" {
			abs, err := filepath.Abs(filepath.Join(s.Dir, filepath.FromSlash(name)))
			if err != nil {
				return nil, err
			}
			dir = abs
		}
		if strings.HasSuffix(dir, ".go") {
			dir = filepath.Dir(dir)
		}
		switch {
		case strings.Contains(name, "..."):
			return nil, fmt.Errorf("%s: name one package, such as ./cmd/app, and no pattern", name)
		case !isBelow(dir, s.main.Dir):
			return nil, fmt.Errorf("%s is not in the module %s, which is in %s", name, s.main.Path, short(s.main.Dir))
		case !slices.Contains(v.goDirs, dir) && !s.Example:
			return nil, fmt.Errorf("there are no Go files in %s: with -example, a program is written there", short(dir))
		}
		dirs = append(dirs, dir)
	}
	return dirs, nil
}

// newProgram returns the directory for a program in a module that has none.
func (s *setup) newProgram(v *survey) string {
	if !slices.Contains(v.goDirs, s.main.Dir) {
		return s.main.Dir
	}
	return filepath.Join(s.main.Dir, "cmd", s.baseName())
}

// host plans the comments of a package that links plugins. greetings reports whether plugins
// have been written that the program does not load.
func (s *setup) host(v *survey, dir string, greetings bool) error {
	if !slices.Contains(v.goDirs, dir) {
		s.writeMain(v, dir)
		return nil
	}
	if greetings {
		s.Notes = append(s.Notes, "To load the plugins, write into a function of the program:\n\n"+
			"\tgreeters, err := registry.NewManager[greetings.Greeter](\""+s.namespace()+"\").LoadAll(ctx)")
	}
	link := slices.IndexFunc(v.links, func(l place) bool { return filepath.Dir(l.file) == dir })
	linked := link >= 0
	generated := slices.ContainsFunc(v.runs, func(r run) bool { return r.covers(s.main, dir) })
	var text []string
	var what []string
	if !generated {
		line := s.generateLine(v, dir)
		text, what = append(text, line+"\n"), append(what, line)
	}
	if !linked {
		text, what = append(text, linkText), append(what, "//plugin:link")
	} else {
		s.Ready = append(s.Ready, fmt.Sprintf("%s:%d links plugins", short(v.links[link].file), v.links[link].line))
	}
	if len(text) == 0 {
		return nil
	}
	return s.comment(dir, strings.Join(text, "\n"), "added "+strings.Join(what, " and "))
}

// generateLine returns a go:generate comment by which the package in the directory generates the
// whole module.
func (s *setup) generateLine(v *survey, dir string) string {
	line, added := generateLine(s.main.Dir, dir)
	v.runs = append(v.runs, added)
	return line
}

// withoutProgram plans what a module without a program needs.
func (s *setup) withoutProgram(v *survey) error {
	s.Notes = append(s.Notes, "There is no package main here. A program in another module can link what this "+
		"one declares; to write one here, run init -example, or write main.go and run init again.")
	if len(v.runs) > 0 || !slices.Contains(v.goDirs, s.main.Dir) {
		return nil
	}
	line := s.generateLine(v, s.main.Dir)
	return s.comment(s.main.Dir, line+"\n", "added "+line)
}

// example plans a contract and two plugins, and reports whether there are none yet.
func (s *setup) example(v *survey) (written bool, err error) {
	dir := filepath.Join(s.main.Dir, "greetings")
	if slices.Contains(v.goDirs, dir) {
		s.Ready = append(s.Ready, short(dir)+" is there, and is left as it is")
		return false, nil
	}
	text := strings.ReplaceAll(greetingsFile, "hello.greetings", s.namespace())
	s.change(filepath.Join(dir, "greetings.go"), nil, []byte(text),
		"wrote a contract, and the plugins english and german")
	return true, nil
}

// writeMain plans a program that loads the example's plugins.
func (s *setup) writeMain(v *survey, dir string) {
	text := strings.NewReplacer(
		"//go:generate go tool plugingen ./...", s.generateLine(v, dir),
		"example.com/hello", s.main.Path,
		"hello.greetings", s.namespace(),
	).Replace(mainFile)
	s.change(filepath.Join(dir, "main.go"), nil, []byte(text), "wrote a program that loads them")
}

// namespace returns that of the example's plugins.
func (s *setup) namespace() string { return s.baseName() + ".greetings" }

// baseName returns the last word of the module's path, without its version.
func (s *setup) baseName() string {
	prefix, _, _ := module.SplitPathVersion(s.main.Path)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' {
			return r
		}
		return '_'
	}, path.Base(cmp.Or(prefix, s.main.Path)))
}

// comment plans comments in the package in a directory: in the file with func main if possible,
// else in another one that is written by hand and for all builds, else in a new one.
func (s *setup) comment(dir, text, what string) error {
	files, err := readPackage(dir)
	if err != nil {
		return err
	}
	if f := choose(files); f != nil {
		edited, err := f.insert(text)
		if err != nil {
			return err
		}
		s.change(f.name, f.src, edited, what)
		return nil
	}
	name := filepath.Join(dir, "plugins.go")
	if len(files) == 0 || slices.ContainsFunc(files, func(f file) bool { return f.constrained || f.name == name }) {
		return errors.New("every hand-written file in " + short(dir) + " has build constraints: write this " +
			"into those that shall link plugins, below the imports, and run this again\n\n" + text)
	}
	s.change(name, nil, []byte("package "+files[0].ast.Name.Name+"\n\n"+text), what)
	return nil
}
