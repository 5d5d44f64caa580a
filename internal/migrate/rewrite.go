package migrate

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/setup"
	"github.com/plugingen/plugingen/internal/write"
)

// This file writes what registrations become, and takes them out of where they were.

const registryPath = annotate.RegistryPath

// A plan is what is to be changed.
type plan struct {
	moves   []*move
	left    []left
	changes []write.Change
	notes   []string
	// owners has the moves that a file was changed for, by its name; none for those of hosts.
	owners map[string][]*move
	// failures has the files that could not be edited.
	failures []failure
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
	runs   *setup.Runs                // of go:generate, those that are added too
}

// plan decides what is moved, and makes the edits.
func (m *migration) plan() (*plan, error) {
	p := &plan{owners: map[string][]*move{}}
	p.moves, p.left = m.moves()
	m.unserved(p)
	m.tooEarly(p)
	if err := m.checkBroken(p); err != nil {
		return nil, err
	}
	w := &rewriter{newEditor(m), p, map[token.Pos]*place{}, map[string]map[string]bool{}, m.runs.Clone()}
	used := w.registrars()
	if err := w.chooseNamespaces(used); err != nil {
		return nil, err
	}
	w.rewriteMoves()
	for _, r := range used {
		w.forward(r)
	}
	w.hosts()
	w.noteOrder(used)
	w.writePlaces()
	p.changes, p.failures = w.changes()
	return p, nil
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

// noteOrder notes which lists are in another order than before.
func (w *rewriter) noteOrder(used []*registrar) {
	for _, r := range used {
		var names, files []string
		for _, mv := range w.plan.moves {
			if mv.registrar == r {
				names, files = append(names, mv.name), append(files, mv.file.name)
			}
		}
		slices.Sort(files)
		if r.ordered && (len(slices.Compact(files)) > 1 || !slices.IsSorted(names)) {
			name := r.fn.Name()
			if r.on != nil {
				name = r.on.Name() + "." + name
			}
			w.plan.notes = append(w.plan.notes, r.pkg.Name()+"."+name+
				" appends to a list: what has been moved is in it in the order of names, not of registration; "+
				"priority= in their directives changes that")
		}
	}
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

// addComments adds the comments of a registration. If it is one of several of a declaration, a
// short one stands beside its directive, so as not to describe all.
func (p *place) addComments(mv *move, comments []string) {
	i := slices.Index(p.lines, mv.directive())
	if i >= 0 && len(p.lines) > 1 && len(comments) == 1 && strings.HasPrefix(comments[0], "// ") {
		p.lines[i] += " " + comments[0]
		return
	}
	p.more = append(p.more, comments...)
}

var directiveLine = lazyregexp.New(`^//[a-z0-9]+:[a-z0-9]`)

func (w *rewriter) writePlaces() {
	for _, pos := range slices.Sorted(maps.Keys(w.places)) {
		p := w.places[pos]
		at := p.file.offset(w.m.fset, p.before)
		from, _ := lines(p.file.src, at, at)
		indent := string(p.file.src[from:at])
		text, open := "", p.doc != nil && !directiveLine().MatchString(p.doc.List[len(p.doc.List)-1].Text)
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
		mv.quoted = w.m.isConstant(mv.target, mv.name)
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

// code returns the declaration of a move, nil if it has none of its own.
func (w *rewriter) code(mv *move) *piece {
	if mv.on != nil || mv.also != nil {
		return nil
	}
	p := &piece{notes: []string{mv.directive()}, instead: w.m.description(mv)}
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
		body += strings.TrimRight(string(f.src[from:to]), "\n") + "\n"
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
			mv.place.addComments(mv, comments)
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
		w.insertBehind(f, init.End(), text)
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
	w.replaceInit(f, init, loose, pieces)
}

// replaceInit writes comments and declarations in the place of an init function.
func (w *rewriter) replaceInit(f *file, init *ast.FuncDecl, loose, pieces []string) {
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
	if !alone(f.src, from, to) {
		return from, separated(f.src, to)
	}
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

var aboutInit = lazyregexp.New(`(?i)^//\s*init\b|^//\s*nolint|^//[a-z]+:|^//\s*(this )?registers?\b`)

// keptDoc returns the doc comment of an init function that goes, unless it is about that.
func keptDoc(doc *ast.CommentGroup) string {
	var kept []string
	for i, line := range commentLines(doc) {
		if aboutInit().MatchString(line) {
			if i == 0 && !directiveLine().MatchString(line) && !strings.Contains(line, "nolint") {
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
// and behind it. If others are on its lines, it is the statement alone.
func (m *migration) extent(f *file, n ast.Node) (from, to int) {
	from, to = f.offset(m.fset, n.Pos()), f.offset(m.fset, n.End())
	if !alone(f.src, from, to) {
		return from, separated(f.src, to)
	}
	before, _ := m.attached(f, n)
	start := n.Pos()
	if len(before) > 0 {
		start = before[0].Pos()
	}
	return lines(f.src, f.offset(m.fset, start), f.offset(m.fset, n.End()))
}

// alone reports whether nothing but a comment, or a comma, is on the lines of a range of bytes
// beside it.
func alone(src []byte, from, to int) bool {
	start, end := lines(src, from, to)
	behind := bytes.TrimLeft(src[to:end], " \t\r\n,")
	return len(bytes.TrimSpace(src[start:from])) == 0 && (len(behind) == 0 || behind[0] == '/')
}

// separated returns where what follows on the line begins, behind what separates it.
func separated(src []byte, at int) int {
	return len(src) - len(bytes.TrimLeft(src[at:], " \t;"))
}

// attached returns the comments directly above a statement, and those behind it on its line. If
// others are on that line, it has none.
func (m *migration) attached(f *file, n ast.Node) (before, behind []*ast.CommentGroup) {
	if !alone(f.src, f.offset(m.fset, n.Pos()), f.offset(m.fset, n.End())) {
		return nil, nil
	}
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
