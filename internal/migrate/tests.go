package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file has tests that read what is registered link or register it.

// tests has the tests register or link what they had by importing packages, if they read it.
func (w *rewriter) tests(l *linking) {
	for _, pkg := range w.m.all {
		if !isTestMain(pkg) {
			continue
		}
		tested := strings.TrimSuffix(pkg.PkgPath, ".test")
		missing := w.missing(l, w.m.deps(pkg))
		if len(missing) == 0 || w.m.byPath[tested] == nil || !w.reads(pkg, missing) {
			continue
		}
		dir := w.dirOf(tested)
		others := maps.Clone(missing)
		delete(others, tested)
		linkedBy := ""
		if len(others) > 0 {
			linkedBy = w.testHost(l, tested, others)
			w.created[w.newFile(dir, "plugins_test.go")] = fmt.Sprintf("package %s_test\n\n"+
				"// The tests need the plugins that this links.\nimport _ %q\n", w.m.byPath[tested].Name, linkedBy)
		}
		if missing[tested] && !l.links(host{path: linkedBy}, tested) {
			w.registerInTests(tested, dir)
		}
	}
}

func (w *rewriter) dirOf(importPath string) string {
	return filepath.Join(w.m.dir, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(importPath,
		w.m.module), "/")))
}

// testHost returns a package that links the targets and nothing else: a host that is no program, or
// a new one.
func (w *rewriter) testHost(l *linking, tested string, targets set) string {
	var linking []string
	for h, linked := range l.hosts {
		if pkg := w.m.byPath[h.path]; pkg != nil && pkg.Name != "main" && h.constraint == "" &&
			rules.CanImport(tested, h.path) && maps.Equal(linked, targets) {
			linking = append(linking, h.path)
		}
	}
	if len(linking) > 0 {
		return slices.Min(linking)
	}
	importPath := path.Join(w.m.module, "internal", "testplugins", w.testHostName(targets))
	for target := range targets {
		if !rules.CanImport(importPath, target) {
			importPath = path.Join(tested, "internal", "testplugins")
		}
	}
	dir := w.dirOf(importPath)
	l.addHost(host{path: importPath}, targets)
	w.created[filepath.Join(dir, "plugins.go")] = fmt.Sprintf(
		"// Package %[1]s links the plugins that tests need.\npackage %[1]s\n\n%[2]s\n",
		path.Base(importPath), w.linkDirective(l, importPath, targets))
	return importPath
}

// testHostName returns a name for a package that links the targets: their names, if they are few.
func (w *rewriter) testHostName(targets set) string {
	var name strings.Builder
	for _, target := range slices.Sorted(maps.Keys(targets)) {
		for _, r := range path.Base(target) {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' && name.Len() > 0 {
				name.WriteRune(r)
			}
		}
	}
	base := name.String()
	if base == "" || len(base) > 24 {
		base = "plugins"
	}
	for i := 1; ; i++ {
		candidate := base
		if i > 1 {
			candidate += "v" + strconv.Itoa(i)
		}
		if token.IsKeyword(candidate) || candidate == "internal" || candidate == "vendor" || candidate == "testdata" {
			continue
		}
		importPath := path.Join(w.m.module, "internal", "testplugins", candidate)
		if w.m.byPath[importPath] == nil && w.created[filepath.Join(w.dirOf(importPath), "plugins.go")] == "" {
			return candidate
		}
	}
}

// testsRegister is before what registerInTests writes.
const testsRegister = "// A program links the plugins of this package. Its tests register them."

// registerInTests has the tests of a package register what the package declares.
func (w *rewriter) registerInTests(tested, dir string) {
	byBuild := map[string][]*move{}
	for _, mv := range w.plan.moves {
		if mv.file.path == tested && mv.target == tested && !w.m.linksItself(mv) {
			c := constraintOf(mv.file)
			byBuild[c] = append(byBuild[c], mv)
		}
	}
	for i, constraint := range slices.Sorted(maps.Keys(byBuild)) {
		name, head := "plugins_test.go", ""
		if constraint != "" {
			name, head = "plugins_build"+strconv.Itoa(i)+"_test.go", "//go:build "+constraint+"\n\n"
		}
		imports, calls := map[string]string{}, ""
		for _, mv := range byBuild[constraint] {
			qualifier := ""
			if r := mv.registrar; r.pkg.Path() != tested {
				imports[r.pkg.Path()] = r.pkg.Name()
				qualifier = r.pkg.Name() + "."
			}
			calls += "\t" + mv.call(qualifier) + "\n"
		}
		text := head + "package " + w.m.byPath[tested].Name + "\n"
		for _, importPath := range slices.Sorted(maps.Keys(imports)) {
			text += "\nimport " + strconv.Quote(importPath) + "\n"
		}
		text += "\n" + testsRegister + "\nfunc init() {\n" +
			calls + "}\n"
		w.created[w.newFile(dir, name)] = text
	}
}

// reads reports whether a test program reads what is registered of some packages.
func (w *rewriter) reads(test *packages.Package, targets set) bool {
	var registrars []*registrar
	for _, mv := range w.plan.moves {
		if targets[mv.target] && !slices.Contains(registrars, mv.registrar) {
			registrars = append(registrars, mv.registrar)
		}
	}
	found := false
	seen := map[*packages.Package]bool{}
	var visit func(pkg *packages.Package)
	visit = func(pkg *packages.Package) {
		if seen[pkg] || found {
			return
		}
		seen[pkg] = true
		if w.m.inModule(pkg.Types) || pkg.ForTest != "" {
			found = found || slices.ContainsFunc(registrars, func(r *registrar) bool { return w.m.readsOf(pkg, r) })
		}
		for _, imp := range pkg.Imports {
			visit(imp)
		}
	}
	visit(test)
	return found
}

// readsOf reports whether a package uses the variables that have what is registered, or
// functions that do.
func (m *migration) readsOf(pkg *packages.Package, r *registrar) bool {
	if len(r.stores) == 0 {
		return true
	}
	lookups := m.lookups(r)
	for id, obj := range pkg.TypesInfo.Uses {
		if !lookups[objectID(obj)] {
			continue
		}
		if pkg.PkgPath != r.pkg.Path() || rules.IsTestFile(m.fset.PositionFor(id.Pos(), false).Filename) {
			return true
		}
	}
	return false
}

// objectID identifies an object in all variants of its package.
func objectID(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin().FullName()
	case *types.Var:
		if obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
			return obj.Pkg().Path() + "." + obj.Name()
		}
	}
	return ""
}

// lookups returns what reads what is registered: see ownLookups. If one of these is in
// something that is registered with another registrar, what reads that reads this, too.
func (m *migration) lookups(r *registrar) map[string]bool {
	if found, ok := m.lookupsOf[r]; ok {
		return found
	}
	found := m.ownLookups(r)
	with := map[*registrar]bool{r: true}
	for changed := true; changed; {
		changed = false
		for _, reg := range m.found {
			if !with[reg.registrar] && m.mentions(reg, found) {
				with[reg.registrar], changed = true, true
				maps.Copy(found, m.ownLookups(reg.registrar))
			}
		}
	}
	if m.lookupsOf == nil {
		m.lookupsOf = map[*registrar]map[string]bool{}
	}
	m.lookupsOf[r] = found
	return found
}

// mentions reports whether something that is registered refers to an object.
func (m *migration) mentions(reg *registration, objects map[string]bool) (found bool) {
	if reg.value == nil {
		return false
	}
	ast.Inspect(reg.value, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && objects[objectID(reg.file.pkg.TypesInfo.Uses[id])] {
			found = true
		}
		return !found
	})
	return found
}

// ownLookups returns the variables that have what is registered, and the functions of their
// packages that use them, but for those that register.
func (m *migration) ownLookups(r *registrar) map[string]bool {
	found := map[string]bool{}
	for v := range r.stores {
		found[objectID(v)] = true
	}
	if r.sw != nil {
		found[objectID(r.sw.fn)] = true
	}
	for changed := true; changed; {
		changed = false
		for name, d := range m.funcs {
			if found[name] || d.file.path != r.pkg.Path() || r.fn != nil && name == r.fn.FullName() ||
				registering().MatchString(d.node.Name.Name) || d.node.Body == nil || writes(d, r) {
				continue
			}
			ast.Inspect(d.node.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && !found[name] && found[objectID(d.file.pkg.TypesInfo.Uses[id])] {
					found[name], changed = true, true
				}
				return true
			})
		}
	}
	delete(found, "")
	return found
}

// writes reports whether a function assigns to what a registrar stores in, so that it
// registers, too.
func writes(d *declared[*ast.FuncDecl], r *registrar) (found bool) {
	ast.Inspect(d.node.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok {
			return !found
		}
		for _, lhs := range a.Lhs {
			if index, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
				lhs = index.X
			}
			found = found || r.stores[packageVar(d.file.pkg.TypesInfo, lhs)]
		}
		return !found
	})
	return found
}
