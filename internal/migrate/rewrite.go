package migrate

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/write"
)

const registryPath = annotate.RegistryPath

// A plan is what is to be changed.
type plan struct {
	moves    []*move
	left     []left
	changes  []write.Change
	hostDirs []string
	notes    []string
	// owners has the moves that a file was changed for, by its name; none for those of hosts.
	owners map[string][]*move
}

// A place is a declaration that gets directives.
type place struct {
	file   *file
	before token.Pos
	doc    *ast.CommentGroup
	more   []string // comments, of the registrations
	lines  []string // directives
}

// A rewriter makes the edits of a plan.
type rewriter struct {
	*editor
	plan   *plan
	places map[token.Pos]*place
	names  map[string]map[string]bool // identifiers that are taken, by import path
}

// plan decides what is moved, and makes the edits.
func (m *migration) plan() (*plan, error) {
	p := &plan{owners: map[string][]*move{}}
	p.moves, p.left = m.moves()
	m.unserved(p)
	m.tooEarly(p)
	w := &rewriter{newEditor(m), p, map[token.Pos]*place{}, map[string]map[string]bool{}}
	used := w.registrars()
	if err := w.chooseNamespaces(used); err != nil {
		return nil, err
	}
	w.rewriteMoves()
	for _, r := range used {
		w.forward(r)
	}
	w.hosts()
	w.writePlaces()
	var err error
	p.changes, err = w.changes()
	return p, err
}

// registrars returns those that something is moved from, plain functions first.
func (w *rewriter) registrars() (used []*registrar) {
	for _, mv := range w.plan.moves {
		if !slices.Contains(used, mv.registrar) {
			used = append(used, mv.registrar)
		}
	}
	slices.SortFunc(used, func(a, b *registrar) int {
		return cmp.Or(cmp.Compare(strings.Count(a.id, " "), strings.Count(b.id, " ")), cmp.Compare(a.id, b.id))
	})
	return used
}

// touch notes that a file changes for a move.
func (w *rewriter) touch(f *file, mv *move) {
	if !slices.Contains(w.plan.owners[f.name], mv) {
		w.plan.owners[f.name] = append(w.plan.owners[f.name], mv)
	}
}

// annotate puts a directive before a declaration.
func (w *rewriter) annotate(f *file, before token.Pos, doc *ast.CommentGroup, directive string) *place {
	p := w.places[before]
	if p == nil {
		p = &place{file: f, before: before, doc: doc}
		w.places[before] = p
	}
	p.lines = append(p.lines, directive)
	return p
}

var directiveLine = regexp.MustCompile(`^//[a-z0-9]+:[a-z0-9]`)

func (w *rewriter) writePlaces() {
	for _, pos := range slices.Sorted(maps.Keys(w.places)) {
		p := w.places[pos]
		at := p.file.offset(w.m.fset, p.before)
		from, _ := lines(p.file.src, at, at)
		indent := string(p.file.src[from:at])
		text, open := "", p.doc != nil && !directiveLine.MatchString(p.doc.List[len(p.doc.List)-1].Text)
		add := func(line string) { text += line + "\n" + indent }
		if open && len(p.more) > 0 {
			add("//")
		}
		for _, line := range p.more {
			add(line)
			open = true
		}
		if open {
			add("//")
		}
		for _, line := range p.lines {
			add(line)
		}
		w.replace(p.file, at, at, text)
	}
}

// chooseNamespaces gives each registrar its namespace: that which an earlier run gave it, or else one
// of the names of module and package.
func (w *rewriter) chooseNamespaces(used []*registrar) error {
	taken := map[string]*registrar{}
	for _, r := range used {
		r.namespace = w.m.forwarded(r)
		if r.namespace != "" {
			taken[r.namespace] = r
		}
	}
	for _, r := range used {
		if r.namespace != "" {
			continue
		}
		candidates := w.m.namespaces(r)
		if w.m.namespace != "" {
			candidates = []string{w.m.namespace}
			if len(used) > 1 { // one namespace for each function that registers
				candidates = append(candidates, w.m.namespace+"."+last(w.m.namespaces(r)[0]))
			}
		}
		for _, c := range candidates {
			if taken[c] == nil && rules.ValidNamespace(c) {
				r.namespace, taken[c] = c, r
				break
			}
		}
		if r.namespace == "" {
			for i := 2; ; i++ {
				if c := candidates[0] + strconv.Itoa(i); taken[c] == nil && rules.ValidNamespace(c) {
					r.namespace, taken[c] = c, r
					break
				} else if !rules.ValidNamespace(c) {
					return fmt.Errorf("%q can't be a namespace: dot-separated words of letters, digits, _ and -",
						candidates[0])
				}
			}
		}
	}
	return nil
}

func last(namespace string) string { return namespace[strings.LastIndexByte(namespace, '.')+1:] }

// namespaces returns names for the namespace of what is registered, the best first.
func (m *migration) namespaces(r *registrar) []string {
	root := namespaceWord(majorless(m.module))
	pkg := namespaceWord(r.pkg.Name())
	if r.pkg.Name() == "main" {
		pkg = ""
	}
	what := ""
	switch {
	case r.sw != nil:
		what = plural(snake(types.Unalias(r.sw.sig.Results().At(0).Type()).(*types.Named).Obj().Name()))
	case r.fn == nil:
		what = snake(r.on.Name())
	default:
		if verb := verbs.ReplaceAllString(r.fn.Name(), ""); verb != "" {
			what = plural(snake(verb))
		}
	}
	var all []string
	add := func(words ...string) {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
		words = slices.Compact(words)
		if len(words) == 1 {
			words = append(words, "plugins")
		}
		all = append(all, strings.Join(words, "."))
	}
	onVar := r.on != nil && r.fn != nil
	if onVar && !anonymousVar[strings.ToLower(r.on.Name())] {
		add(root, pkg, snake(r.on.Name()))
	}
	if what == "" {
		add(root, pkg)
	}
	if pkg == root || pkg == "" {
		add(root, what)
	}
	if onVar {
		add(root, pkg, snake(r.on.Name()))
	}
	add(root, pkg, what)
	add(root, pkg, what, "plugins")
	return all
}

// anonymousVar has the names of variables that do not tell what is registered in them.
var anonymousVar = map[string]bool{
	"default": true, "registry": true, "global": true,
	"defaultregistry": true, "instance": true,
}

var verbs = regexp.MustCompile(`^([Mm]ust)?([Rr]egister|[Aa]dd|[Pp]rovide|[Ss]et|[Ii]nstall|[Dd]eclare|[Pp]ublish)`)

// majorless returns the last element of a module's path that is no version.
func majorless(modulePath string) string {
	base := path.Base(modulePath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(modulePath))
	}
	base, _, _ = strings.Cut(base, ".v")
	return base
}

// namespaceWord makes a word of a namespace out of a name.
func namespaceWord(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' {
			return unicode.ToLower(r)
		}
		return '-'
	}, s)
}

func snake(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) &&
			unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func plural(s string) string {
	switch {
	case strings.HasSuffix(s, "s"):
		return s
	case strings.HasSuffix(s, "y") && len(s) > 1 && !strings.ContainsRune("aeiou", rune(s[len(s)-2])):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// forwarded returns the namespace that is forwarded to a registrar already.
func (m *migration) forwarded(r *registrar) (namespace string) {
	name := r.on
	for _, f := range m.sortedFiles() {
		if r.sw != nil || f.pkg == nil || isTest(f) || f.path != r.pkg.Path() && m.declaredHere(r) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			lit, isLit := call.Args[0].(*ast.BasicLit)
			if !ok || !isLit || !strings.HasPrefix(sel.Sel.Name, "Forward") {
				return true
			}
			ast.Inspect(call.Args[1], func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if ok && (r.fn != nil && f.pkg.TypesInfo.Uses[id] == types.Object(r.fn) ||
					r.fn == nil && f.pkg.TypesInfo.Uses[id] == types.Object(name)) {
					namespace, _ = strconv.Unquote(lit.Value)
				}
				return true
			})
			return true
		})
	}
	return namespace
}

// rewriteMoves makes declarations of what is moved, and takes the registrations out.
func (w *rewriter) rewriteMoves() {
	type group struct {
		file  *file
		init  *ast.FuncDecl
		decl  *ast.GenDecl
		moves []*move
	}
	var groups []*group
	byDecl := map[ast.Node]*group{}
	for _, mv := range w.plan.moves {
		w.touch(mv.file, mv)
		w.name(mv)
		if mv.on != nil {
			w.touch(mv.on, mv)
			mv.place = w.annotate(mv.on, mv.before, mv.doc, mv.directive())
		}
		var d ast.Node
		switch {
		case mv.clause != nil:
			d = mv.registrar.sw.stmt
		case mv.init != nil:
			d = mv.init
		default:
			d = mv.decl
		}
		g := byDecl[d]
		if g == nil {
			g = &group{mv.file, mv.init, mv.decl, nil}
			byDecl[d] = g
			groups = append(groups, g)
		}
		g.moves = append(g.moves, mv)
	}
	for _, g := range groups {
		switch {
		case g.moves[0].clause != nil:
			w.rewriteSwitch(g.file, g.moves[0].registrar, g.moves)
		case g.init != nil:
			w.rewriteInit(g.file, g.init, g.moves)
		case g.moves[0].entry != nil:
			w.rewriteMap(g.file, g.decl, g.moves)
		default:
			w.rewriteVar(g.file, g.decl, g.moves)
		}
	}
}

// name gives the declaration that is to be written for a move its name.
func (w *rewriter) name(mv *move) {
	switch {
	case mv.also != nil:
		mv.symbol = mv.also.symbol
	case mv.on == nil:
		mv.symbol = w.fresh(mv.target, "new"+camel(mv.name))
	}
}

// fresh returns an identifier that no file of a package has at package level or imports a package by.
func (w *rewriter) fresh(importPath, name string) string {
	taken := w.names[importPath]
	if taken == nil {
		taken = map[string]bool{}
		w.names[importPath] = taken
		for _, f := range w.m.files {
			if f.path != importPath {
				continue
			}
			for _, spec := range f.syntax.Imports {
				taken[w.m.importName(f, spec)] = true
			}
			for _, d := range f.syntax.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					taken[d.Name.Name] = taken[d.Name.Name] || d.Recv == nil
				case *ast.GenDecl:
					for _, spec := range d.Specs {
						switch s := spec.(type) {
						case *ast.TypeSpec:
							taken[s.Name.Name] = true
						case *ast.ValueSpec:
							for _, id := range s.Names {
								taken[id.Name] = true
							}
						}
					}
				}
			}
		}
	}
	for i := 1; ; i++ {
		candidate := name
		switch {
		case i == 2:
			candidate += "Plugin"
		case i > 2:
			candidate += "Plugin" + strconv.Itoa(i)
		}
		if !taken[candidate] && !token.IsKeyword(candidate) && types.Universe.Lookup(candidate) == nil {
			taken[candidate] = true
			return candidate
		}
	}
}

// camel makes an identifier of a plugin's name.
func camel(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}

func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToLower(r[0])
	}
	if len(r) == 0 || !unicode.IsLetter(r[0]) {
		return "x" + string(r)
	}
	return string(r)
}

// code returns the declaration of a move, nil if it has none of its own.
func (w *rewriter) code(mv *move) *piece {
	if mv.on != nil || mv.also != nil {
		return nil
	}
	p := &piece{notes: []string{mv.directive()}}
	for _, other := range w.plan.moves {
		if other.also == mv {
			p.notes = append(p.notes, other.directive())
		}
	}
	f := mv.file
	if mv.clause != nil {
		p.code = w.caseCode(mv)
		return p
	}
	if mv.form == newFunc {
		lit := w.m.bare(f.pkg.TypesInfo, mv).(*ast.FuncLit)
		p.code = "func " + mv.symbol + f.text(w.m.fset, lit.Type.Params.Pos(), lit.End())
		return p
	}
	t := w.typeText(f, mv.registrar.valueType)
	body := "{\n"
	for _, need := range mv.needs {
		from, to := w.m.extent(f, need)
		body += string(f.src[from:to])
	}
	body += "return " + w.m.source(f, mv.value) + "\n}"
	if mv.form == newShared {
		shared := w.fresh(mv.target, lowerFirst(camel(mv.name))+"Shared")
		p.code = "func " + mv.symbol + "() " + t + " { return " + shared + " }\n\n" +
			"var " + shared + " = func() " + t + " " + body + "()"
	} else {
		p.code = "func " + mv.symbol + "() " + t + " " + body
	}
	return p
}

// typeText returns a type as it is written in a file.
func (w *rewriter) typeText(f *file, t types.Type) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && !named.Obj().Exported() && named.Obj().Pkg() != nil &&
		named.Obj().Pkg().Path() != f.path {
		t = t.Underlying()
	}
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == f.path {
			return ""
		}
		return w.use(f, pkg.Path(), pkg.Name())
	})
}

// rewriteInit takes registrations out of an init function, and writes what they become behind it.
// If nothing remains of it, it goes; its comments stay.
func (w *rewriter) rewriteInit(f *file, init *ast.FuncDecl, moves []*move) {
	taken := map[ast.Stmt]*move{}
	for _, mv := range moves {
		taken[mv.stmt] = mv
		for _, need := range mv.needs {
			taken[need] = mv
		}
	}
	gone := true
	for _, stmt := range init.Body.List {
		gone = gone && taken[stmt] != nil
	}
	var pieces, loose []string
	covered := map[*ast.CommentGroup]bool{}
	for _, mv := range moves {
		comments := w.m.comments(f, mv, covered)
		if p := w.code(mv); p != nil {
			p.comments = comments
			pieces = append(pieces, p.String())
		} else if mv.place != nil {
			mv.place.more = append(mv.place.more, comments...)
		} else if len(comments) > 0 {
			loose = append(loose, strings.Join(comments, "\n"))
		}
	}
	if !gone {
		for _, stmt := range init.Body.List {
			if taken[stmt] != nil {
				from, to := w.m.extent(f, stmt)
				w.replace(f, from, to, "")
			}
		}
		text := ""
		for _, p := range slices.Concat(loose, pieces) {
			text += "\n\n" + p
		}
		w.insert(f, init.End(), text)
		return
	}
	for stmt := range taken {
		for _, g := range f.syntax.Comments {
			if within(g.Pos(), stmt) {
				covered[g] = true
			}
		}
	}
	for _, g := range f.syntax.Comments {
		if within(g.Pos(), init.Body) && !covered[g] {
			loose = append(loose, strings.Join(commentLines(g), "\n"))
		}
	}
	from := f.offset(w.m.fset, init.Pos())
	if init.Doc != nil {
		from = f.offset(w.m.fset, init.Doc.Pos())
		if doc := keptDoc(init.Doc); doc != "" {
			if len(pieces) == 1 && !strings.HasPrefix(pieces[0], "// ") && len(loose) == 0 {
				pieces[0] = doc + "\n//\n" + pieces[0]
			} else {
				loose = slices.Insert(loose, 0, doc)
			}
		}
	}
	text := strings.Join(slices.Concat(loose, pieces), "\n\n")
	end := f.offset(w.m.fset, init.End())
	if text == "" {
		from, end = w.wholeDecl(f, from, end)
	}
	w.replace(f, from, end, text)
}

// wholeDecl extends the range of a declaration that goes to the empty lines behind it.
func (w *rewriter) wholeDecl(f *file, from, to int) (int, int) {
	from, to = lines(f.src, from, to)
	for to < len(f.src) && f.src[to] == '\n' {
		to++
	}
	if to == len(f.src) { // the last one: the line before it goes, too
		for from > 1 && f.src[from-1] == '\n' && f.src[from-2] == '\n' {
			from--
		}
	}
	return from, to
}

var aboutInit = regexp.MustCompile(`(?i)^//\s*init\b|^//\s*nolint|^//[a-z]+:|^//\s*(this )?registers?\b`)

// keptDoc returns the doc comment of an init function that goes, unless it is about that.
func keptDoc(doc *ast.CommentGroup) string {
	var kept []string
	for i, line := range commentLines(doc) {
		if aboutInit.MatchString(line) {
			if i == 0 && !directiveLine.MatchString(line) && !strings.Contains(line, "nolint") {
				return ""
			}
			continue
		}
		kept = append(kept, line)
	}
	return strings.Trim(strings.Join(kept, "\n"), "\n")
}

func commentLines(g *ast.CommentGroup) (all []string) {
	for _, c := range g.List {
		all = append(all, c.Text)
	}
	return all
}

// extent returns the bytes of a statement: whole lines, with the comments directly above it
// and behind it.
func (m *migration) extent(f *file, n ast.Node) (from, to int) {
	before, _ := m.attached(f, n)
	start := n.Pos()
	if len(before) > 0 {
		start = before[0].Pos()
	}
	return lines(f.src, f.offset(m.fset, start), f.offset(m.fset, n.End()))
}

// attached returns the comments directly above a statement, and those behind it on its line.
func (m *migration) attached(f *file, n ast.Node) (before, behind []*ast.CommentGroup) {
	line := func(pos token.Pos) int { return m.fset.PositionFor(pos, false).Line }
	for _, g := range f.syntax.Comments {
		if g.Pos() >= n.End() && line(g.Pos()) == line(n.End()) {
			behind = append(behind, g)
		}
		if g.End() <= n.Pos() && line(g.End()) == line(n.Pos())-1 {
			from, _ := lines(f.src, f.offset(m.fset, g.Pos()), f.offset(m.fset, g.End()))
			if strings.TrimSpace(string(f.src[from:f.offset(m.fset, g.Pos())])) == "" { // not behind something else
				before = append(before, g)
			}
		}
	}
	return before, behind
}

// comments returns the comments of a registration that are not in what is moved as it is.
func (m *migration) comments(f *file, mv *move, covered map[*ast.CommentGroup]bool) (all []string) {
	node := mv.node()
	before, behind := m.attached(f, node)
	var inner []*ast.CommentGroup
	for _, g := range f.syntax.Comments {
		if within(g.Pos(), node) {
			covered[g] = true
			if !within(g.Pos(), mv.value) || mv.on != nil {
				inner = append(inner, g)
			}
		}
	}
	for _, need := range mv.needs {
		before, behind := m.attached(f, need)
		for _, g := range slices.Concat(before, behind) {
			covered[g] = true
		}
	}
	for _, g := range slices.Concat(before, inner, behind) {
		covered[g] = true
		all = append(all, commentLines(g)...)
	}
	return all
}

// rewriteVar replaces var _ = Register(...).
func (w *rewriter) rewriteVar(f *file, d *ast.GenDecl, moves []*move) {
	var text []string
	from := f.offset(w.m.fset, d.Pos())
	if d.Doc != nil {
		from = f.offset(w.m.fset, d.Doc.Pos())
	}
	for _, mv := range moves {
		p := w.code(mv)
		if p == nil {
			if d.Doc != nil {
				text = append(text, strings.Join(commentLines(d.Doc), "\n"))
			}
			continue
		}
		if d.Doc != nil {
			p.comments = commentLines(d.Doc)
		}
		text = append(text, p.String())
	}
	to := f.offset(w.m.fset, d.End())
	if len(text) == 0 {
		from, to = w.wholeDecl(f, from, to)
	}
	w.replace(f, from, to, strings.Join(text, "\n\n"))
}

// forward makes the type of what is registered the contract of the namespace, and has what hosts link
// registered.
func (w *rewriter) forward(r *registrar) {
	if r.sw != nil {
		w.forwardSwitch(r)
		return
	}
	if !w.m.declaredHere(r) || w.m.forwarded(r) != "" {
		return
	}
	at := w.declOf(r)
	if at == nil {
		return
	}
	text := ""
	if note := w.contract(r); note != "" {
		text += "\n\n" + note
	}
	text += "\n\n" + w.forwarding(at.file, r, "")
	w.insert(at.file, at.decl.End(), text)
	for _, mv := range w.plan.moves {
		if mv.registrar == r {
			w.touch(at.file, mv)
		}
	}
}

// declOf returns the declaration that the forwarding of a registrar follows.
func (w *rewriter) declOf(r *registrar) *declared[ast.Decl] {
	if r.fn != nil && r.fn.Pkg() == r.pkg {
		if d := w.m.funcs[r.fn.FullName()]; d != nil {
			return &declared[ast.Decl]{d.decl, d.decl, d.file}
		}
	}
	if r.on != nil {
		if d := w.m.vars[r.pkg.Path()+"."+r.on.Name()]; d != nil {
			return &declared[ast.Decl]{d.decl, d.decl, d.file}
		}
	}
	return nil
}

// contract puts the directive of the contract on the type of what is registered. If it has no
// name, the declaration of one is returned.
func (w *rewriter) contract(r *registrar) string {
	t := types.Unalias(r.valueType)
	directive := "//plugin:namespace=" + r.namespace
	if r.makers {
		result := types.NewTuple(types.NewVar(token.NoPos, nil, "", t))
		t = types.NewSignatureType(nil, nil, nil, nil, result, false)
	}
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
		directive += " contract"
	}
	switch t := t.(type) {
	case *types.Named:
		_, isStruct := t.Underlying().(*types.Struct)
		if t.TypeArgs().Len() > 0 || t.Obj().Pkg() == nil || isStruct && !strings.HasSuffix(directive, " contract") {
			return ""
		}
		d := w.m.typeDecl[t.Obj().Pkg().Path()+"."+t.Obj().Name()]
		if d == nil || d.file.skipped != "" || d.node.TypeParams != nil {
			return ""
		}
		before, doc := placeOf(d.decl.(*ast.GenDecl), d.node, d.node.Doc)
		if w.places[before] != nil || doc != nil && strings.Contains(w.m.source(d.file, doc), "//plugin:namespace=") {
			return "" // it is that of another namespace
		}
		w.annotate(d.file, before, doc, directive)
		for _, mv := range w.plan.moves {
			if mv.registrar == r {
				w.touch(d.file, mv)
			}
		}
	case *types.Signature:
		at := w.declOf(r)
		name := w.fresh(r.pkg.Path(), "Factory")
		r.factory = name
		return piece{
			comments: []string{fmt.Sprintf("// A %s is the contract of the namespace %s.", name, r.namespace)},
			notes:    []string{directive},
			code:     "type " + name + " " + w.typeText(at.file, t),
		}.String()
	}
	return ""
}

// forwarding returns the init function that has what is linked registered. The qualifier is
// that of the registrar's package in the file.
func (w *rewriter) forwarding(f *file, r *registrar, qualifier string) string {
	pkg := w.use(f, registryPath, "registry")
	fn := qualifier
	if r.on != nil {
		fn += r.on.Name()
	}
	if r.fn != nil {
		if r.on != nil {
			fn += "."
		}
		fn += r.fn.Name()
	}
	comment := "// What a host links is registered, too.\n"
	head := "func init() {\n\t" + pkg + ".Forward(" + strconv.Quote(r.namespace) + ", "
	if r.fn != nil {
		sig := r.fn.Signature()
		if sig.Params().Len() == 2 && len(r.extras) == 0 && r.name == 0 &&
			sig.Results().Len() == 0 && !sig.Variadic() &&
			types.Identical(r.nameType, types.Typ[types.String]) && !r.makers {
			return piece{code: comment + head + fn + ")\n}"}.String()
		}
	}
	if len(r.extras) > 0 {
		return w.forwardingSpecs(f, r, pkg, fn, comment)
	}
	plugin, value := r.plugin(w.typeText(f, r.valueType))
	args, body := value, ""
	name := "name"
	switch {
	case r.name < 0:
		name = "_"
	default:
		key := "name"
		if !types.Identical(r.nameType, types.Typ[types.String]) {
			key = w.typeText(f, r.nameType) + "(name)"
		}
		if r.fn == nil {
			body = fn + "[" + key + "] = " + value
			break
		}
		args = key + ", " + value
		if r.name > r.value {
			args = value + ", " + key
		}
	}
	if body == "" {
		body = r.checked(fn + "(" + args + ")")
	}
	return piece{code: comment + head + "func(" + name + " string, plugin " + plugin + ") {\n" +
		body + "\n})\n}"}.String()
}

// plugin returns the type of what is forwarded, and the value that is registered for it.
func (r *registrar) plugin(valueType string) (plugin, value string) {
	switch {
	case r.makers && r.factory != "":
		return r.factory, "plugin()"
	case r.makers:
		return "func() " + valueType, "plugin()"
	case r.factory != "":
		return r.factory, "plugin"
	}
	return valueType, "plugin"
}

// checked returns a call of the registrar as a statement that does with its error what callers did.
func (r *registrar) checked(call string) string {
	n := r.fn.Signature().Results().Len()
	if n == 0 || !isError(r.fn.Signature().Results().At(n-1).Type()) {
		return call
	}
	blank := strings.Repeat("_, ", n-1)
	if r.ignored {
		return blank + "_ = " + call
	}
	return "if " + blank + "err := " + call + "; err != nil {\npanic(err)\n}"
}

// forwardingSpecs is forwarding for a registrar with other parameters, which are keys of the plugins.
func (w *rewriter) forwardingSpecs(f *file, r *registrar, pkg, fn, comment string) string {
	params := r.fn.Signature().Params()
	args := make([]string, len(r.extras)+2)
	plugin, value := r.plugin(w.typeText(f, r.valueType))
	args[r.value], args[r.name] = value, "spec.Name"
	if !types.Identical(r.nameType, types.Typ[types.String]) {
		args[r.name] = w.typeText(f, r.nameType) + "(spec.Name)"
	}
	body := ""
	for i, param := range r.extras {
		t := params.At(param).Type()
		x := "extra" + strconv.Itoa(i+1)
		body += x + ", _ := spec.Attr(" + strconv.Quote(r.key(i)) + ")\n"
		info := t.Underlying().(*types.Basic).Info()
		switch {
		case info&types.IsBoolean != 0:
			x += ` == "true"`
			t = types.Default(types.Typ[types.UntypedBool])
		case info&types.IsInteger != 0:
			body += "n" + strconv.Itoa(i+1) + ", _ := " + w.use(f, "strconv", "strconv") +
				".ParseInt(" + x + ", 10, 64)\n"
			x = w.typeText(f, t) + "(n" + strconv.Itoa(i+1) + ")"
		case !types.Identical(t, types.Typ[types.String]):
			x = w.typeText(f, t) + "(" + x + ")"
		}
		if p := params.At(param).Type(); info&types.IsBoolean != 0 && !types.Identical(p, t) {
			x = w.typeText(f, p) + "(" + x + ")"
		}
		args[param] = x
	}
	body += r.checked(fn + "(" + strings.Join(args, ", ") + ")")
	return piece{code: comment + "func init() {\n" + pkg + ".ForwardSpecs(" + strconv.Quote(r.namespace) +
		", func(spec *" + pkg + ".Spec, plugin " + plugin + ") {\n" + body + "\n})\n}"}.String()
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
