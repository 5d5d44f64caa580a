package gen

import (
	"bytes"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/internal/importgraph"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// Notes are warnings: what they report may be intended, and nothing is left unwritten because of
// them.

// noteUnreachable notes plugins in internal directories that a host of the module selects and
// that none may import, if a host is written. It is no error: a test can use such plugins.
func (run *linker) noteUnreachable(t *tree, written []*candidate) (notes []annotate.Diagnostic) {
	if !slices.ContainsFunc(written, func(c *candidate) bool { return c.tree == t && len(c.Hosts) > 0 }) {
		return nil
	}
	var hosts []*rules.Host
	for _, q := range t.sorted() {
		for _, h := range q.Hosts {
			if run.resolve(q).broken() {
				return nil // its words may be wrong
			}
			hosts = append(hosts, hostRule(q, h))
		}
	}
	for _, q := range t.sorted() {
		if q.Name == "main" || rules.InternalTo(q.Path) == "" || run.resolve(q).broken() {
			continue
		}
		for _, x := range q.Plugins {
			plugin := rules.Plugin{Package: q.Path, Namespace: x.Namespace, Name: x.Name}
			if rules.Unreachable(hosts, t.main.Path, plugin) {
				notes = append(notes, annotate.Diagnostic{
					Span: x.Decl, Category: annotate.Linking, Message: rules.UnreachableMessage(plugin),
				})
				break // the others are in the same place
			}
		}
	}
	return notes
}

// noteFakes notes that a program links a plugin which an internal host of its module declares,
// though nothing but what plugingen writes imports that package: such a host is often for tests, and
// its plugins are fakes. A host that names the package means it.
func (run *linker) noteFakes(c *candidate) (notes []annotate.Diagnostic) {
	if c.Name != "main" || c.broken() {
		return nil
	}
	imports := func(path string) []string { return run.importsOf(c.tree, path) }
	for _, h := range c.hosts {
		noted := map[string]bool{} // import paths
		for _, l := range h.linked {
			q := l.of
			if q == nil || q == c.pkg || len(q.Hosts) == 0 || noted[q.Path] || rules.InternalTo(q.Path) == "" ||
				slices.ContainsFunc(h.Packages, func(w annotate.Word) bool { return w.Text == q.Path }) ||
				importgraph.Chain(c.Path, q.Path, imports, map[string]bool{}) != nil {
				continue
			}
			noted[q.Path] = true
			notes = append(notes, annotate.Diagnostic{
				Span: h.Directive, Category: annotate.Linking,
				Message: fmt.Sprintf("this program links %s of %s, which is a host itself: if that is for tests, "+
					"write exclude=%s; if not, import it here", l.id(), q.Path, rules.SelectorOf(q.Path)),
			})
		}
	}
	return notes
}

// noteHostless notes that the programs of a module without a host do not have its plugins, at one of
// them. In a module of plugins for others, whose programs are tools, that is as it should be: so it is
// no error, and is noted only when something is written.
func (run *linker) noteHostless(t *tree) []annotate.Diagnostic {
	if !t.whole || !t.hostless() {
		return nil
	}
	if slices.ContainsFunc(t.sorted(), func(q *pkg) bool { return q.broken() }) {
		return nil // what is wrong may be a //plugin:link
	}
	var at *annotate.Span
	for _, dir := range t.programs() {
		loads := importgraph.Chain(t.main.ImportPath(dir), annotate.RegistryPath, run.next(t), map[string]bool{}) != nil
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

// programs returns the directories of the module's programs in this build.
func (t *tree) programs() (dirs []string) {
	c := build.Default
	// A pipe with the name of a Go file is not opened, as that would wait for a writer.
	c.OpenFile = func(name string) (io.ReadCloser, error) {
		src, err := readfile.Source(name)
		return io.NopCloser(bytes.NewReader(src)), err
	}
	_ = filepath.WalkDir(t.main.Dir, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what can't be read has been reported
		}
		if dir != t.main.Dir && (t.scan.Skips(dir) || readfile.IsModule(dir)) {
			return fs.SkipDir
		}
		if found, err := c.ImportDir(dir, 0); err == nil && found.Name == "main" && len(found.GoFiles) > 0 {
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
		if !rules.IsTestFile(f.Name) && f.Syntax.Name.Name == "main" {
			return &annotate.Span{Pos: f.Syntax.Name.Pos(), End: f.Syntax.Name.End()}
		}
	}
	return nil
}
