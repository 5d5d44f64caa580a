package gen

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/scan"
)

// Hostless returns the paths of the modules that declare plugins and have no host, so that no
// program of theirs has the plugins.
func (p *Plan) Hostless() (paths []string, err error) {
	for _, t := range p.run.trees {
		if err := t.readWhole(); err != nil {
			return nil, err
		}
		if t.hostless() {
			paths = append(paths, t.main.Path)
		}
	}
	return paths, nil
}

// hostless reports whether there are plugins among the packages of the module that were read, and
// no host.
func (t *tree) hostless() bool {
	plugins := false
	for _, q := range t.sorted() {
		if len(q.Hosts) > 0 {
			return false
		}
		plugins = plugins || len(q.Plugins) > 0
	}
	return plugins
}

// noteHostless notes that the programs of a module without a host do not have its plugins, at one of
// them. It does when something is written, since it may be as it should: in a module of plugins for
// others, whose programs are tools. That is also why it is no error.
func (p *Plan) noteHostless(t *tree) []annotate.Diagnostic {
	if len(p.Changes) == 0 || !t.whole || !t.hostless() {
		return nil
	}
	if slices.ContainsFunc(t.sorted(), func(q *pkg) bool { return q.broken() }) {
		return nil // what is wrong may be a //plugin:link
	}
	var at *annotate.Span
	for _, dir := range t.programs() {
		loads := p.run.importChain(t, t.main.ImportPath(dir), annotate.RegistryPath, map[string]bool{}) != nil
		if at == nil || loads {
			at = t.packageClause(dir)
		}
		if loads {
			break
		}
	}
	if at == nil {
		return nil
	}
	return []annotate.Diagnostic{{
		Span:     *at,
		Category: annotate.Linking,
		Message: "this program has none of the module's plugins: to link them, write //plugin:link above this " +
			"package clause",
	}}
}

// programs returns the directories of the module's programs in this build.
func (t *tree) programs() (dirs []string) {
	_ = filepath.WalkDir(t.main.Dir, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what can't be read has been reported
		}
		_, err = os.Stat(filepath.Join(dir, "go.mod"))
		if dir != t.main.Dir && (scan.Skip(d.Name()) || err == nil) {
			return fs.SkipDir
		}
		if found, err := build.ImportDir(dir, 0); err == nil && found.Name == "main" && len(found.GoFiles) > 0 {
			dirs = append(dirs, dir)
		}
		return nil
	})
	return dirs
}

// packageClause returns the name in the first package clause of a program, nil if it can't be read.
func (t *tree) packageClause(dir string) *annotate.Span {
	program := t.syntaxAt(t.main.ImportPath(dir))
	if program == nil {
		return nil
	}
	for _, f := range program.Files {
		if !strings.HasSuffix(f.Name, "_test.go") && f.Syntax.Name.Name == "main" {
			return &annotate.Span{Pos: f.Syntax.Name.Pos(), End: f.Syntax.Name.End()}
		}
	}
	return nil
}
