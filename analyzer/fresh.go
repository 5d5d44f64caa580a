package analyzer

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/invoke"
)

func init() {
	Analyzer.Flags.BoolVar(&checkFresh, "fresh", true, "report generated files that are missing or out of date")
}

var checkFresh bool

// again says how to run plugingen for a file of a package.
func (c *checker) again(at token.Pos) string {
	return "run " + invoke.Plugingen(filepath.Dir(position(c.Fset, at).Filename)) + " ./..."
}

// Expected returns the generated files that the package in a directory should have, by base
// name. known is false if that can't be told.
type Expected func(dir string) (files map[string][]byte, known bool)

// expected is what plugingen would write in a run for the package alone.
func expected(dir string) (map[string][]byte, bool) {
	files, known, err := gen.Expected(dir)
	return files, known && err == nil
}

// fresh compares the package's generated files with what they should be. Everything is
// reported in the source, since tools hide what is in generated files.
func (c *checker) fresh() {
	if !checkFresh || c.expected == nil || len(c.own.Diagnostics) > 0 || c.other.failed || c.source.Damaged() {
		return
	}
	files := slices.DeleteFunc(slices.Clone(c.generated()), func(f generatedFile) bool { return !f.built && !c.isFor(f.name) })
	if len(files)+len(c.own.Plugins)+len(c.own.Contracts)+len(c.own.Bases)+len(c.own.Hosts) == 0 {
		return
	}
	d, stale := c.spoilt(files)
	if !stale {
		d, stale = c.outdated(files)
	}
	if !stale {
		c.facts.broken = c.broken(files)
		return
	}
	c.facts.stale = new(problem(Stale, d.Span, d.Message))
}

// A generatedFile is one of the package's that plugingen wrote.
type generatedFile struct {
	*genfile.File
	src   []byte
	name  string
	built bool // part of the build that is checked
	err   error
}

// generated returns the package's generated files, of every build.
func (c *checker) generated() []generatedFile {
	if c.generatedFiles == nil {
		c.generatedFiles = c.readGenerated()
	}
	return *c.generatedFiles
}

func (c *checker) readGenerated() *[]generatedFile {
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
		files = append(files, generatedFile{f, src, base, built, err})
	}
	for _, f := range c.Files {
		read(c.Fset.PositionFor(f.Package, false).Filename, true)
	}
	for _, name := range c.leftOut {
		read(name, false)
	}
	slices.SortFunc(files, func(a, b generatedFile) int { return strings.Compare(a.name, b.name) })
	return &files
}

// generatedTypes returns the plugin types in the package's generated files.
func (c *checker) generatedTypes() (types []annotate.Generated) {
	for _, f := range c.generated() {
		if f.err != nil {
			continue
		}
		for _, s := range f.Specs {
			if s.Kind == annotate.Type {
				types = append(types, annotate.Generated{File: f.name, Symbol: s.Symbol, Namespace: s.Namespace, Name: s.Name})
			}
		}
	}
	return types
}

// spoilt says which generated file is not as plugingen left it.
func (c *checker) spoilt(files []generatedFile) (annotate.Diagnostic, bool) {
	known := c.codeVersion()
	for _, f := range files {
		why := ""
		switch {
		case f.err != nil:
			why = "can't be read: " + c.again(c.anchor().Pos)
		case f.Version != 0 && known != 0 && f.Version != known:
			why = "was written by a plugingen of another version than the registry package: " + c.again(c.anchor().Pos)
		default:
			continue
		}
		return annotate.Diagnostic{Span: c.anchor(), Message: f.name + " " + why}, true
	}
	return annotate.Diagnostic{}, false
}

// codeVersion returns the newest form of generated code that the registry package
// can run, or 0 if that is not known, as for a package that does not import it.
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
// files: its first declaration that they are made from, or the package clause.
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
	if !first.Pos.IsValid() {
		return c.importOf()
	}
	return first
}

func (c *checker) before(a, b token.Pos) bool {
	p, q := c.Fset.PositionFor(a, false), c.Fset.PositionFor(b, false)
	return p.Filename < q.Filename || p.Filename == q.Filename && p.Offset < q.Offset
}

// outdated returns what is not in the package's generated files as it should be. Where that
// is not known, it compares them with what the package declares.
func (c *checker) outdated(files []generatedFile) (annotate.Diagnostic, bool) {
	d, differs := c.differs(files)
	want, known := c.expected(c.dir())
	if !known {
		return d, differs
	}
	want = maps.Clone(want)
	maps.DeleteFunc(want, func(name string, _ []byte) bool {
		return !c.isFor(name) && !slices.ContainsFunc(files, func(f generatedFile) bool { return f.name == name })
	})
	name, part, links := compare(want, files)
	switch {
	case name == "":
		return annotate.Diagnostic{}, false
	case differs:
		return d, true
	case links: // what a host links also depends on packages that are not checked with it; see unlinked
		return annotate.Diagnostic{}, false
	}
	for _, p := range c.own.Plugins {
		if strings.HasSuffix(part, genfile.Identifier(p.Namespace, p.Name)) {
			return annotate.Diagnostic{Span: p.Decl, Message: fmt.Sprintf("plugin %s is not in %s as it is declared here: %s", p.ID(), name, c.again(p.Decl.Pos))}, true
		}
	}
	return annotate.Diagnostic{Span: c.anchor(), Message: fmt.Sprintf("%s is not what plugingen would write (%s): if it was edited, change what it is made from, and %s", name, part, c.again(c.anchor().Pos))}, true
}

// isOf reports whether generated files are checked for what is declared in a place. When a
// package is checked by itself, those of other builds are not: go vet keeps its results as long as
// the files of the build are the same, so that it would go on to report what has been mended.
func (c *checker) isOf(pos token.Pos) bool { return c.whole || c.inBuild(pos) }

// isFor reports whether the generated file of a name is checked: if it is not of the build
// itself, since it does not compile or is not there, then for the files that it is made from.
func (c *checker) isFor(name string) bool {
	return c.whole || name == genfile.Name("") ||
		slices.ContainsFunc(c.own.Files, func(f *annotate.File) bool { return c.built(f) && genfile.Name(f.Constraint.String()) == name })
}

// dir returns the directory that the package is in.
func (c *checker) dir() string {
	dir := ""
	for _, f := range c.Files {
		if dir == "" || !ast.IsGenerated(f) { // what a generator wrote may be elsewhere
			dir = filepath.Dir(position(c.Fset, f.Package).Filename)
		}
	}
	return dir
}

// compare returns the name of the first file that is not as wanted, "" if there is none, the
// part of it in which it differs, and whether it links other plugins.
func compare(want map[string][]byte, have []generatedFile) (name, part string, links bool) {
	all := maps.Clone(want)
	for _, f := range have {
		if all[f.name] == nil {
			return f.name, "nothing", len(f.Links) > 0
		}
		delete(all, f.name)
		if !bytes.Equal(want[f.name], f.src) {
			part = firstDifference(want[f.name], f.src)
		}
		if part != "" {
			w, err := genfile.Read(f.name, want[f.name])
			return f.name, part, err == nil && !slices.Equal(w.Links, f.Links)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := genfile.Read(name, want[name])
		return name, "it is missing", err == nil && len(w.Links) > 0
	}
	return "", "", false
}

// differs returns the first difference between what the package declares and what
// its generated files say.
func (c *checker) differs(files []generatedFile) (annotate.Diagnostic, bool) {
	at := func(span annotate.Span, format string, args ...any) (annotate.Diagnostic, bool) {
		return annotate.Diagnostic{Span: span, Message: fmt.Sprintf(format, args...) + ": " + c.again(span.Pos)}, true
	}
	rest := newWritten(files)
	for _, p := range c.own.Plugins {
		if !c.isOf(p.Decl.Pos) {
			continue
		}
		name := genfile.Name(p.File.Constraint.String())
		s, ok := rest.take(name, p)
		switch {
		case !ok && !slices.Contains(rest.names, name) && c.hasFile(name):
			return at(p.Decl, "plugin %s should be in %s, but plugingen did not write the file of that name, and leaves it alone: give it another name", p.ID(), name)
		case !ok && !slices.Contains(rest.names, name):
			return at(p.Decl, "there is no %s, which the plugin %s should be in", name, p.ID())
		case !ok:
			return at(p.Decl, "plugin %s is not in %s", p.ID(), name)
		case !s.Proved && c.built(p.File) && c.provable(p):
			return at(p.Decl, "%s does not prove that plugin %s satisfies the contract, which the package knows", name, p.ID())
		case !same(p, s):
			return at(p.Decl, "plugin %s is not in %s as it is declared here", p.ID(), name)
		}
	}
	for _, k := range c.own.Contracts {
		if !c.isOf(k.Decl.Pos) {
			continue
		}
		name := genfile.Name(k.File.Constraint.String())
		if !rest.mark(genfile.ContractMark, name, genfile.Mark{Namespace: k.Namespace, Symbol: k.Symbol, Pointer: k.Pointer}) {
			return at(k.Decl, "the contract of %s is not in %s", k.Namespace, name)
		}
	}
	marked := map[genfile.Mark]bool{} // a base that each platform declares for itself has one mark
	for _, b := range c.own.Bases {
		name, m := genfile.Name(""), genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol}
		if token.IsExported(b.Symbol) && !marked[m] && !rest.mark(genfile.BaseMark, name, m) {
			return at(b.Decl, "%s, from which structs inherit the namespace %s, is not in %s", b.Symbol, b.Namespace, name)
		}
		marked[m] = true
	}
	if len(c.own.Hosts) > 0 && !slices.ContainsFunc(c.generated(), func(f generatedFile) bool { return len(f.Links) > 0 }) {
		return at(c.own.Hosts[0].Directive, "no generated file links plugins into this host")
	}
	for _, h := range c.facts.Hosts {
		if p, ok := h.linksAmiss(); ok && h.Package == c.Pkg.Path() {
			return at(h.span, "a generated file links the plugin %s of %s, which this directive does not take", p.ID(), p.Package)
		}
	}
	if left := rest.left(); left != "" {
		return at(c.anchor(), "%s, which is not declared any more", left)
	}
	for _, f := range files {
		switch {
		case len(c.own.Hosts) == 0 && len(f.Links) > 0:
			return at(c.anchor(), "%s links plugins, but there is no //plugin:link any more", f.name)
		case len(f.Specs)+len(f.Contracts)+len(f.Bases)+len(f.Links) == 0:
			return at(c.anchor(), "there is nothing any more that %s is for", f.name)
		}
	}
	return annotate.Diagnostic{}, false
}

// hasFile says whether the package has a file of the name.
func (c *checker) hasFile(name string) bool {
	return slices.ContainsFunc(c.Files, func(f *ast.File) bool { return fileName(c.Pass, f) == name }) ||
		slices.ContainsFunc(c.leftOut, func(f string) bool { return filepath.Base(f) == name })
}

// provable says whether plugingen has the compiler prove that the plugin satisfies
// its contract: where hand-written code of every build has the contract in sight.
func (c *checker) provable(p *annotate.Plugin) bool {
	k, t := c.facts.contract(p.Namespace), c.fact(p).Type
	if k == nil || k.Constrained || p.Kind == annotate.Spec || t == nil || t.Name == "any" {
		return false
	}
	return k.Package == c.Pkg.Path() || token.IsExported(k.Symbol) && slices.ContainsFunc(c.own.Files, func(f *annotate.File) bool {
		return f.Constraint.String() == "" && slices.ContainsFunc(f.Syntax.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == `"`+k.Package+`"` })
	})
}

// same says whether a spec is as its declaration says.
func same(p *annotate.Plugin, s genfile.Spec) bool {
	return s.Symbol == p.Symbol && s.Kind == p.Kind && s.Priority == p.Priority && s.Doc == p.Doc &&
		s.Stability == p.Stability && s.Deprecated == p.Deprecated && s.DeprecatedSince == p.DeprecatedSince && s.RemovalIn == p.RemovalIn &&
		slices.Equal(s.Requires, p.Requires) && slices.Equal(s.After, p.After) && slices.Equal(s.Before, p.Before) &&
		slices.Equal(s.Aliases, p.Aliases)
}

// written is what generated files say, by file name.
type written struct {
	names []string
	specs map[string][]genfile.Spec
	marks map[string][]genfile.Mark // by kind and file name
}

func newWritten(files []generatedFile) *written {
	w := &written{specs: map[string][]genfile.Spec{}, marks: map[string][]genfile.Mark{}}
	for _, f := range files {
		w.names = append(w.names, f.name)
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
		missing := strings.HasPrefix(e.Msg, "could not import ") // which plugingen can't mend
		if !missing && slices.ContainsFunc(files, func(f generatedFile) bool { return f.name == name }) {
			if c.awaited(e.Msg) {
				continue
			}
			return new(problem(Stale, c.anchor(), fmt.Sprintf("%s does not compile any more (%s): %s", name, firstLine(e.Msg), c.again(c.anchor().Pos))))
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// awaited reports whether a type error is about the spec of an imported plugin that is
// declared: that package's generated file is stale, which is reported there.
func (c *checker) awaited(message string) bool {
	if c.specsOfImports == nil {
		c.specsOfImports = map[string]bool{}
		for _, p := range c.facts.Plugins {
			if p.Package != c.Pkg.Path() {
				c.specsOfImports[genfile.Identifier(p.Namespace, p.Name)] = true
			}
		}
	}
	return c.specsOfImports[message[strings.LastIndexByte(message, '.')+1:]]
}

// regenerate reports generated files that plugingen is to write again, where no
// mistake keeps it from that: files of packages in which nothing else is wrong, and if they
// do not compile, nor in those whose plugins they link.
func (c *checker) regenerate(packages []*Facts) {
	wrong := map[string]bool{}
	for _, f := range packages {
		wrong[f.path] = wrong[f.path] || f.wrong
	}
	for _, p := range c.facts.Plugins {
		impossible := slices.ContainsFunc(withKey(c.facts.Contracts, p.Namespace, Contract.namespace), func(k Contract) bool { return k.Impossible })
		wrong[p.Package] = wrong[p.Package] || p.unsatisfied || impossible
	}
	for _, h := range c.facts.Hosts {
		wrong[h.Package] = wrong[h.Package] || h.halted(packages)
	}
	isHost := func(f *Facts) bool {
		return slices.ContainsFunc(f.Hosts, func(h Host) bool { return h.Package == f.path })
	}
	linksWrong := func(f *Facts) bool {
		return slices.ContainsFunc(f.Plugins, func(p Plugin) bool { return p.Package != f.path && wrong[p.Package] })
	}
	for _, hosts := range []bool{false, true} { // which are written again together with what they link
		for _, f := range packages {
			if f.stale != nil && !wrong[f.path] && isHost(f) == hosts && !(hosts && linksWrong(f)) {
				c.Report(*f.stale)
				wrong[f.path] = true
			}
		}
	}
	for _, f := range packages {
		if f.broken != nil && !wrong[f.path] && !linksWrong(f) {
			c.Report(*f.broken)
		}
	}
}
