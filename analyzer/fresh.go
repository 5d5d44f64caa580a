package analyzer

import (
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

func init() {
	Analyzer.Flags.BoolVar(&checkFresh, "fresh", true, "report generated files that are missing or out of date")
}

var checkFresh bool

// again is what to do about a stale file.
const again = "run plugingen again"

// fresh compares what the package declares with what its generated files say.
// Everything is reported in the source, since tools hide what is in generated files.
func (c *checker) fresh() {
	if !checkFresh || len(c.own.Diagnostics) > 0 || len(c.own.Plugins)+len(c.own.Contracts)+len(c.own.Bases)+len(c.own.Hosts) == 0 {
		return
	}
	files := c.generated()
	d, stale := c.spoilt(files)
	if !stale {
		d, stale = c.differs(files)
	}
	if !stale {
		c.facts.broken = c.broken(files)
		return
	}
	d.Category = Stale
	d.Message += ": " + again
	c.Report(converted(d))
	for i := range c.facts.Plugins {
		c.facts.Plugins[i].stale = c.facts.Plugins[i].Package == c.Pkg.Path()
	}
}

// A generatedFile is one of the package's that plugingen wrote.
type generatedFile struct {
	*genfile.File
	code   *code
	name   string
	built  bool // part of the build that is checked
	intact bool
	err    error
}

// generated returns the package's generated files, of every build.
func (c *checker) generated() []generatedFile {
	var files []generatedFile
	read := func(name string, built bool) {
		base := filepath.Base(name)
		if !genfile.IsName(base) {
			return
		}
		src, err := c.ReadFile(name)
		if err != nil || !genfile.Ours(src) {
			return
		}
		f, err := genfile.Read(name, src)
		_, intact := genfile.Open(src)
		files = append(files, generatedFile{f, readCode(name, src), base, built, intact, err})
	}
	for _, f := range c.Files {
		read(c.Fset.PositionFor(f.Package, false).Filename, true)
	}
	for _, name := range c.IgnoredFiles {
		read(name, false)
	}
	slices.SortFunc(files, func(a, b generatedFile) int { return strings.Compare(a.name, b.name) })
	return files
}

// spoilt says which generated file is not as plugingen left it.
func (c *checker) spoilt(files []generatedFile) (annotate.Diagnostic, bool) {
	for _, f := range files {
		why := ""
		switch {
		case f.err != nil:
			why = "can't be read"
		case !f.intact:
			why = "has been edited since plugingen wrote it: change what it is made from"
		case f.Version != 0 && f.Version != c.codeVersion():
			why = "was written by a plugingen of another version than the registry package"
		default:
			continue
		}
		return annotate.Diagnostic{Span: c.anchor(), Message: f.name + " " + why}, true
	}
	return annotate.Diagnostic{}, false
}

// codeVersion returns the newest form of generated code that the registry package
// can run, or 0 if it is not known.
func (c *checker) codeVersion() int {
	pkg := c.reach(annotate.RegistryPath)
	if pkg == nil {
		return 0
	}
	newest := 0
	for _, name := range pkg.Scope().Names() {
		if digits, ok := strings.CutPrefix(name, genfile.VersionPrefix); ok {
			n, _ := strconv.Atoi(digits)
			newest = max(newest, n)
		}
	}
	return newest
}

// anchor returns the place to report what is wrong with the package's generated
// files: its first declaration that they are made from.
func (c *checker) anchor() annotate.Span {
	var first annotate.Span
	add := func(s annotate.Span) {
		if !first.Pos.IsValid() || c.before(s.Pos, first.Pos) {
			first = s
		}
	}
	for _, p := range c.own.Plugins {
		add(p.Decl)
	}
	for _, k := range c.own.Contracts {
		add(k.Decl)
	}
	for _, b := range c.own.Bases {
		add(b.Decl)
	}
	for _, h := range c.own.Hosts {
		add(h.Directive)
	}
	return first
}

func (c *checker) before(a, b token.Pos) bool {
	p, q := c.Fset.PositionFor(a, false), c.Fset.PositionFor(b, false)
	return p.Filename < q.Filename || p.Filename == q.Filename && p.Offset < q.Offset
}

// differs returns the first difference between what the package declares and what
// its generated files say.
func (c *checker) differs(files []generatedFile) (annotate.Diagnostic, bool) {
	at := func(span annotate.Span, format string, args ...any) (annotate.Diagnostic, bool) {
		return annotate.Diagnostic{Span: span, Message: fmt.Sprintf(format, args...)}, true
	}
	rest := newWritten(files)
	for _, p := range c.own.Plugins {
		name := genfile.Name(p.File.Constraint.String())
		s, ok := rest.take(name, p)
		switch {
		case !ok && !slices.Contains(rest.names, name):
			return at(p.Decl, "there is no %s, which the plugin %s should be in", name, p.ID())
		case !ok:
			return at(p.Decl, "plugin %s is not in %s", p.ID(), name)
		case !same(p, s) || !rest.code[name].is(p, s.Identifier, c.Pkg):
			return at(p.Decl, "plugin %s is not in %s as it is declared here", p.ID(), name)
		}
	}
	for _, k := range c.own.Contracts {
		name := genfile.Name(k.File.Constraint.String())
		if !rest.mark(genfile.ContractMark, name, genfile.Mark{Namespace: k.Namespace, Symbol: k.Symbol}) {
			return at(k.Decl, "the contract of %s is not in %s", k.Namespace, name)
		}
	}
	for _, b := range c.own.Bases {
		name := genfile.Name("")
		if token.IsExported(b.Symbol) && !rest.mark(genfile.BaseMark, name, genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol}) {
			return at(b.Decl, "%s, from which structs inherit the namespace %s, is not in %s", b.Symbol, b.Namespace, name)
		}
	}
	if len(c.own.Hosts) > 0 && !slices.ContainsFunc(files, func(f generatedFile) bool { return len(f.Links) > 0 }) {
		return at(c.own.Hosts[0].Directive, "no generated file links plugins into this host")
	}
	if left := rest.left(); left != "" {
		return at(c.anchor(), "%s, which is not declared any more", left)
	}
	return annotate.Diagnostic{}, false
}

// same says whether a spec is as its declaration says.
func same(p *annotate.Plugin, s genfile.Spec) bool {
	return s.Symbol == p.Symbol && s.Kind == p.Kind.String() && s.Priority == p.Priority &&
		s.Deprecated == p.Deprecated && s.Doc == p.Doc &&
		slices.Equal(s.Requires, p.Requires) && slices.Equal(s.Aliases, p.Aliases)
}

// written is what generated files say, by file name.
type written struct {
	names []string
	code  map[string]*code
	specs map[string][]genfile.Spec
	marks map[string][]genfile.Mark // by kind and file name
}

func newWritten(files []generatedFile) *written {
	w := &written{code: map[string]*code{}, specs: map[string][]genfile.Spec{}, marks: map[string][]genfile.Mark{}}
	for _, f := range files {
		w.names = append(w.names, f.name)
		w.code[f.name] = f.code
		w.specs[f.name] = slices.Clone(f.Specs)
		w.marks[genfile.ContractMark+f.name] = slices.Clone(f.Contracts)
		w.marks[genfile.BaseMark+f.name] = slices.Clone(f.Bases)
	}
	return w
}

// take returns the spec of a plugin, and removes it.
func (w *written) take(file string, p *annotate.Plugin) (genfile.Spec, bool) {
	i := slices.IndexFunc(w.specs[file], func(s genfile.Spec) bool { return s.Namespace == p.Namespace && s.Name == p.Name })
	if i < 0 {
		return genfile.Spec{}, false
	}
	s := w.specs[file][i]
	w.specs[file] = slices.Delete(w.specs[file], i, i+1)
	return s, true
}

// mark removes a mark, and says whether it was there.
func (w *written) mark(kind, file string, m genfile.Mark) bool {
	i := slices.Index(w.marks[kind+file], m)
	if i < 0 {
		return false
	}
	w.marks[kind+file] = slices.Delete(w.marks[kind+file], i, i+1)
	return true
}

// left says what was not taken, "" if nothing is left.
func (w *written) left() string {
	for _, name := range w.names {
		for _, s := range w.specs[name] {
			return fmt.Sprintf("%s has the plugin %s:%s", name, s.Namespace, s.Name)
		}
		for _, m := range w.marks[genfile.ContractMark+name] {
			return fmt.Sprintf("%s has the contract %s of %s", name, m.Symbol, m.Namespace)
		}
		for _, m := range w.marks[genfile.BaseMark+name] {
			return fmt.Sprintf("%s has the base %s of %s", name, m.Symbol, m.Namespace)
		}
	}
	return ""
}

// broken returns a diagnostic for the first type error in generated files, nil if
// there is none. It is for when nothing else explains it: a contract that is not satisfied
// breaks the file that makes the compiler check it.
func (c *checker) broken(files []generatedFile) *analysis.Diagnostic {
	for _, e := range c.TypeErrors {
		name := filepath.Base(e.Fset.PositionFor(e.Pos, false).Filename)
		if slices.ContainsFunc(files, func(f generatedFile) bool { return f.name == name }) {
			d := problem(Stale, c.anchor(), fmt.Sprintf("%s does not compile any more (%s): %s", name, e.Msg, again))
			return &d
		}
	}
	return nil
}

// unexplained reports generated files that do not compile, of packages in which
// nothing is wrong, nor in those whose plugins they link.
func (c *checker) unexplained(packages []*Facts) {
	wrong := map[string]bool{}
	for _, f := range packages {
		wrong[f.path] = wrong[f.path] || f.wrong
	}
	for _, p := range c.facts.Plugins {
		wrong[p.Package] = wrong[p.Package] || p.unsatisfied
	}
	for _, f := range packages {
		linked := slices.ContainsFunc(f.Plugins, func(p Plugin) bool { return wrong[p.Package] })
		if f.broken != nil && !wrong[f.path] && !linked {
			c.Report(*f.broken)
		}
	}
}
