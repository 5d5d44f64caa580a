package annotate

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/token"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/rules"
)

// Read reads the package in a directory. files are all Go files of the directory, for all
// builds, except those that plugingen wrote. Plugins are complete after a call of
// [Package.Resolve]. Errors are in the Diagnostics of the package.
func Read(path string, files []*File) *Package {
	r := &reader{
		Package: &Package{
			Path: path, Name: packageName(files),
			decls: map[string]*decl{}, methods: map[string][]method{}, broken: map[string]bool{},
		},
		seen: map[*ast.Comment]bool{}, tagged: map[*ast.StructType]bool{},
	}
	for _, f := range files {
		if f.test() || f.Syntax.Name.Name != r.Name {
			continue
		}
		r.index(f)
		if !f.generated {
			r.Files = append(r.Files, f)
			if annotated(f) {
				r.annotated = true
				r.checkConstraint(f)
			}
		}
	}
	for _, f := range r.Files {
		r.packageDefaults(f)
	}
	for _, f := range r.Files {
		r.declarations(f)
	}
	for _, f := range files {
		r.unusedAnnotations(f)
	}
	r.unusedDefaults()
	return r.Package
}

// annotated reports whether a file has a directive or imports the registry.
func annotated(f *File) bool {
	for _, imp := range f.Syntax.Imports {
		if imp.Path.Value == `"`+RegistryPath+`"` {
			return true
		}
	}
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			if IsDirective(c.Text) {
				return true
			}
		}
	}
	return false
}

// packageName returns the name of the package in a directory: that of most files, where
// one file without build constraint counts more than all others.
func packageName(files []*File) string {
	weight := map[string]int{}
	best := ""
	for _, f := range files {
		if f.test() {
			continue
		}
		w := 1
		if f.Constraint.String() == "" {
			w = len(files) + 1
		}
		name := f.Syntax.Name.Name
		weight[name] += w
		if best == "" || weight[name] > weight[best] {
			best = name
		}
	}
	return best
}

// checkConstraint reports build constraints that the go command does not accept.
func (r *reader) checkConstraint(f *File) {
	lines := builds.Lines(f.source, f.Syntax)
	for i, line := range lines {
		span := Span{line.Pos(), line.End()}
		if _, err := constraint.Parse(line.Text); err != nil {
			r.errorf(Syntax, span, "this build constraint can't be parsed: %v", err)
		} else if i > 0 && constraint.IsGoBuild(line.Text) {
			diag := r.errorf(Syntax, span, "a file has one //go:build line: join them by &&")
			diag.Related = []Related{{Span{lines[0].Pos(), lines[0].End()}, "the first one is here"}}
		}
	}
}

// declarations reads the declarations of a file.
func (r *reader) declarations(f *File) {
	r.file = f
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			r.function(d)
		case *ast.GenDecl:
			r.group(d)
		}
	}
}

// group reads a declaration, which may be several in parentheses. Directives above those
// are defaults for the directives inside.
func (r *reader) group(g *ast.GenDecl) {
	above := r.directives(g.Doc)
	if g.Tok != token.TYPE && g.Tok != token.VAR {
		for _, d := range above {
			r.errorf(Placement, d.Span, "%s can't be a plugin: write the directive above a type, "+
				"a function or a variable", kindOfToken(g.Tok))
		}
		return
	}
	var defaults []pair
	doc := g.Doc
	if len(g.Specs) != 1 {
		defaults = r.groupDefaults(above)
		doc, above = nil, nil
	}
	used := false
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			used = r.typeSpec(spec, cmp.Or(spec.Doc, doc), append(above, r.directives(spec.Doc)...), defaults) || used
		case *ast.ValueSpec:
			used = r.valueSpec(spec, cmp.Or(spec.Doc, doc), append(above, r.directives(spec.Doc)...), defaults) || used
		}
	}
	if len(defaults) > 0 && !used {
		r.errorf(Placement, defaults[0].span(), "this is a default for the declarations of the "+
			"group, but none has a directive: write one above each plugin")
	}
}

func kindOfToken(t token.Token) string {
	if t == token.CONST {
		return "a constant"
	}
	return "an import"
}

// unusedDefaults reports defaults of a package without plugins.
func (r *reader) unusedDefaults() {
	if len(r.defaults) > 0 && len(r.Plugins) == 0 && len(r.Diagnostics) == 0 {
		r.errorf(Placement, r.defaults[0].span(), "this is a default for the plugins of the "+
			"package, but there are none: "+
			"write a directive for one declaration directly above it")
	}
}

// unusedAnnotations reports the directives and tags of a file that belong to no
// declaration, and the comments that are almost directives.
func (r *reader) unusedAnnotations(f *File) {
	r.file = f
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			switch {
			case r.seen[c] || !rules.MentionsPlugin(c.Text) && !rules.MisspeltMarker(c.Text):
			case IsDirective(c.Text):
				r.unusedDirective(f, group, c)
			default:
				r.nearMiss(f, c)
			}
		}
	}
	r.unusedTags(f)
}

// noPlugins returns why no directive in a file has an effect, or "" if one can.
func (r *reader) noPlugins(f *File) string {
	switch {
	case f.test():
		return "a test file can't declare or link plugins, since programs are built without it: " +
			"move the plugin to another file, or give the test's manager plugins of its own, as " +
			"in registry.NewManager[T](namespace, registry.WithSpecs(&registry.Spec{...}))"
	case f.generated:
		return "a generated file can't declare or link plugins: " +
			"write the directive in a file of your own, or declare a registry.Spec there"
	case f.Syntax.Name.Name != r.Name:
		return fmt.Sprintf("this file is of package %s, but the package of its directory "+
			"is %s", f.Syntax.Name.Name, r.Name)
	}
	return ""
}

// unusedDirective reports a directive that belongs to no declaration.
func (r *reader) unusedDirective(f *File, group *ast.CommentGroup, c *ast.Comment) {
	if why := r.noPlugins(f); why != "" {
		r.errorf(Placement, Span{c.Pos(), c.End()}, "%s", why)
		return
	}
	r.misplaced(f, group, c)
}

// misplaced reports a directive in a place where it has no effect. //plugin:link has one
// anywhere at top level, and is read here.
func (r *reader) misplaced(f *File, group *ast.CommentGroup, c *ast.Comment) {
	d, diags := parseComment(c)
	after := f.declsFrom(c.Pos())
	if len(after) > 0 && after[0].Pos() <= c.Pos() {
		r.inside(f, after[0], group, c)
		return
	}
	before := len(f.Syntax.Decls) - len(after)
	if decl := f.firstOnLine(before, c.Pos()); decl != nil {
		r.trailing(f, decl, f.Syntax.Decls[before-1], group, c)
		return
	}
	switch {
	case f.line(f.Syntax.Name.End()) == f.line(c.Pos()):
		r.errorf(Placement, d.Span, "a directive behind the package clause has no effect: write "+
			"it above, on a line of its own")
	case d.get("link") != nil:
		r.Diagnostics = append(r.Diagnostics, diags...)
		r.host(d)
	default:
		r.detached(f, group, d)
	}
}

// inside reports a directive inside a declaration.
func (r *reader) inside(f *File, d ast.Decl, group *ast.CommentGroup, c *ast.Comment) {
	span := Span{c.Pos(), c.End()}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Body != nil && d.Body.Pos() <= c.Pos() {
			r.errorf(Placement, span, "a directive inside a function has no effect: only "+
				"package-level declarations are plugins")
			return
		}
	case *ast.GenDecl:
		var onLine []ast.Spec
		for _, spec := range d.Specs {
			if f.line(spec.End()) == f.line(c.Pos()) {
				onLine = append(onLine, spec)
			}
		}
		if n := len(onLine); n > 0 {
			r.trailing(f, onLine[0], onLine[n-1], group, c)
			return
		}
		if d.Tok == token.TYPE {
			r.errorf(Placement, span, "a directive inside a type has no effect: put it above the "+
				"type, or write a plugin tag on an embedded field or on one named _")
			return
		}
	}
	r.errorf(Placement, span, "a directive inside a declaration has no effect: put it above the one it is for")
}

// trailing reports a directive behind declarations that end on its line, the first and the
// last of which are given.
func (r *reader) trailing(f *File, first, last ast.Node, group *ast.CommentGroup, c *ast.Comment) {
	d := r.errorf(Placement, Span{c.Pos(), c.End()}, "a directive behind a declaration has no "+
		"effect: write it above, on a line of its own")
	indent := strings.Repeat("\t", f.source.PositionFor(first.Pos(), false).Column-1)
	from := last.End() // the space before it goes, too
	for _, other := range group.List {
		if other.Pos() < c.Pos() {
			from = other.End()
		}
	}
	d.Fix = &Fix{
		Message: "move it above", Span: Span{first.Pos(), first.Pos()}, New: c.Text + "\n" + indent,
		Also: []Edit{{Span{from, c.End()}, ""}},
	}
}

// detached reports a directive between declarations. The fix joins it to the next one, if
// there are only empty lines between them.
func (r *reader) detached(f *File, group *ast.CommentGroup, d *directive) {
	if d.hostKey() != "" {
		r.errorf(Missing, d.Span, "key %q is for a host: begin with link, as in //plugin:link "+
			"packages=all", d.hostKey())
		return
	}
	next := r.next(f, group)
	diag := r.errorf(Placement, d.Span, "this directive belongs to no declaration: put it "+
		"directly above the one it is for, with no empty line between")
	if next == token.NoPos {
		return
	}
	diag.Related = []Related{{Span{next, next}, "the next declaration is here"}}
	comments := f.Syntax.Comments
	i := sort.Search(len(comments), func(i int) bool { return comments[i].Pos() > group.End() })
	if i < len(comments) && comments[i].Pos() < next {
		return
	}
	diag.Fix = &Fix{Message: "remove the empty line below it", Span: Span{group.End(), next}, New: "\n"}
}

// next returns the position of the declaration below a comment, or of its doc comment, or
// NoPos if there is none.
func (r *reader) next(f *File, group *ast.CommentGroup) token.Pos {
	if group.End() <= f.Syntax.Package {
		if f.Syntax.Doc != nil {
			return f.Syntax.Doc.Pos()
		}
		return f.Syntax.Package
	}
	below := f.declsFrom(group.End())
	if len(below) == 0 {
		return token.NoPos
	}
	if doc := docOf(below[0]); doc != nil {
		return doc.Pos()
	}
	return below[0].Pos()
}

// unusedTags reports plugin tags in structs that are not package-level types.
func (r *reader) unusedTags(f *File) {
	for _, d := range f.Syntax.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			r.unusedTagsIn(f, d)
		case *ast.FuncDecl:
			if d.Body != nil {
				r.localTags(f, d.Body)
			}
		}
	}
}

// localTags reports plugin tags in the types that statements declare. It skips
// expressions, which are most of the source.
func (r *reader) localTags(f *File, body ast.Stmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeclStmt); ok {
			r.unusedTagsIn(f, d)
			return false
		}
		_, expr := n.(ast.Expr)
		return !expr
	})
}

// unusedTagsIn reports plugin tags in the structs of a declaration.
func (r *reader) unusedTagsIn(f *File, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if s, ok := n.(*ast.StructType); ok && !r.tagged[s] {
			r.unusedTagsOf(f, s)
		}
		_, fn := n.(*ast.BlockStmt)
		return !fn
	})
}

// unusedTagsOf reports the plugin tags of a struct.
func (r *reader) unusedTagsOf(f *File, s *ast.StructType) {
	for _, field := range s.Fields.List {
		if field.Tag == nil {
			continue
		}
		d, _ := parseTag(field.Tag, unlikely)
		if d == nil && hasOption(field.Tag) && !f.generated { // those may be nested in options
			d = &directive{Span: Span{field.Tag.Pos(), field.Tag.End()}}
		}
		if d == nil {
			continue
		}
		why := r.noPlugins(f)
		if why == "" {
			why = "a plugin tag has an effect only in a struct type that is declared at package " +
				"level: move the type there"
		}
		r.errorf(Placement, d.Span, "%s", why)
	}
}

var (
	// almostPrefix matches the beginning of a comment that is almost a directive: the
	// marker, the separator and the key. gofmt inserts a space behind the slashes of a
	// comment that it does not take for a directive.
	almostPrefix = lazy(func() string {
		return `^(?://|/\*) ?[+@]?(?i:plug-?in(?:s|gen)?)(?:\.\w+)?( ?:[ :]?| )"?([\w-]+)(=|[ \t]+\w+=|\s*(?:\*/)?$)`
	})

	// misspeltPrefix does the same for a comment with a [rules.MisspeltMarker]. The key
	// must not be misspelt too.
	misspeltPrefix = lazy(func() string {
		return `^// ?[+@]?(?:go:)?[\w-]+([: ])(x_\w+|` + anyKey() + `)(=|[ \t]+\w+=|\s*$)`
	})

	// directiveStart matches a comment that begins like a directive: the marker, a character that
	// is neither a letter nor a space, and the rest.
	directiveStart = lazyregexp.New(`^(//|/\*) ?[+@]?(?i:plugin)([^\pL\p{Nd}\s])((?s:.*))$`)

	// loosePair matches a pair in another notation, as JSON or with a colon.
	loosePair = lazy(func() string {
		return `^"?(x_\w+|` + anyKey() +
			`)(?:"?[:=] ?("[^"]*"|[^\s"',;(){}\[\]]+))?"?(?:[\s,;]+|$)`
	})
)

// anyKey returns an expression that matches the keys of directives.
func anyKey() string { return strings.Join(language.KeysOn(language.OnDirective), "|") }

// beginsLikePlugin is a cheap test that all comments pass that almostPrefix or directiveStart
// matches. Those of declarations with names like Plugin1 do not.
func beginsLikePlugin(comment string) bool {
	rest, ok := cutFold(strings.TrimLeft(comment[2:], " +@"), "plug")
	if !ok {
		return false
	}
	if rest, ok = cutFold(strings.TrimPrefix(rest, "-"), "in"); !ok || rest == "" {
		return false
	}
	for _, suffix := range []string{"s", "gen"} {
		if after, ok := cutFold(rest, suffix); ok {
			rest = after
			break
		}
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(next) && !unicode.IsDigit(next)
}

// cutFold returns s without a prefix in any case, and reports whether it has it. The prefix
// is of ASCII letters.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// nearMiss reports a comment that is almost a directive. Comments without a key of the
// language, or a misspelling of one, are taken for prose.
func (r *reader) nearMiss(f *File, c *ast.Comment) {
	if f.test() || f.generated || f.inFunc(c.Pos()) {
		return
	}
	var m []int
	if beginsLikePlugin(c.Text) {
		m = almostPrefix().FindStringSubmatchIndex(c.Text)
	}
	if m == nil && rules.MisspeltMarker(c.Text) {
		m = misspeltPrefix().FindStringSubmatchIndex(c.Text)
	}
	if m == nil || !r.almost(c, m) {
		r.otherNotation(f, c)
	}
}

const notRead = "this comment is not read: a directive begins with " + prefix + " and a key, in " +
	"lower case and with no space"

// almost reports a comment with a misspelt marker or key, if it is one. m are the
// submatches of almostPrefix or misspeltPrefix.
func (r *reader) almost(c *ast.Comment, m []int) bool {
	separator, key, value := c.Text[m[2]:m[3]], c.Text[m[4]:m[5]], c.Text[m[6]:m[7]]
	meant := strings.ToLower(key)
	if _, ok := language.KeyNamed(meant); !ok && strings.Contains(separator, ":") {
		meant = rules.NearestOrCompletion(meant, language.KeysOn(language.OnDirective))
	}
	if k, ok := language.KeyNamed(meant); !ok || k.On&language.OnDirective == 0 ||
		!strings.HasPrefix(value, "=") && k.Kind != language.NoValue {
		return false
	}
	if c.Text[m[4]-1] == '"' {
		return false
	}
	span := Span{c.Pos(), c.End()}
	rest := strings.TrimSpace(strings.TrimSuffix(c.Text[m[5]:], "*/"))
	if strings.Contains(rest, "\n") {
		r.errorf(NearMiss, span, "%s, as in %snamespace=my.plugins", notRead, prefix)
		return true
	}
	fixed := prefix + meant + rest
	if !strings.HasPrefix(value, "=") && rest != "" {
		fixed = prefix + meant + " " + rest
	}
	r.rewrite(c, fixed)
	return true
}

// rewrite reports a comment that is not read. fixed is the directive to write instead.
func (r *reader) rewrite(c *ast.Comment, fixed string) {
	span := Span{c.Pos(), c.End()}
	r.errorf(NearMiss, span, "%s: %s", notRead, fixed).Fix = &Fix{Message: "write " + fixed, Span: span, New: fixed}
}

// otherNotation reports a comment that begins like a directive, if the rest of it is pairs of the
// language, in any notation. A comment that begins with //plugin: can hardly be anything
// else, so it is reported at top level in any case.
func (r *reader) otherNotation(f *File, c *ast.Comment) {
	if !beginsLikePlugin(c.Text) {
		return
	}
	m := directiveStart().FindStringSubmatch(c.Text)
	if m == nil {
		return
	}
	code := m[2] == "." || m[2] == "[" || m[2] == "(" // it may be Go code that is commented out
	if pairs, ok := loosePairs(m[3], code); ok {
		r.rewrite(c, prefix+pairs)
		return
	}
	if m[2] == ":" && (strings.HasPrefix(c.Text, prefix) || notProse(m[3])) && f.topLevel(c.Pos()) {
		r.errorf(NearMiss, Span{c.Pos(), c.End()}, "%s, as in %snamespace=my.plugins name=my", notRead, prefix)
	}
}

// notProse reports whether the text behind "plugin:" can't be the rest of a sentence.
func notProse(rest string) bool {
	first, _ := utf8.DecodeRuneInString(rest)
	word, _, _ := strings.Cut(rest, " ")
	if unicode.IsSpace(first) || first == '/' {
		return false
	}
	return unicode.IsPunct(first) || unicode.IsSymbol(first) || strings.Contains(word, "=")
}

// loosePairs rewrites a text as pairs of the language, and reports whether it consists of
// pairs only. Keys without a value are accepted unless the text may be code.
func loosePairs(text string, code bool) (string, bool) {
	text = strings.TrimFunc(strings.TrimSuffix(text, "*/"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '"'
	})
	var pairs []string
	for text != "" {
		m := loosePair().FindStringSubmatch(text)
		if m == nil {
			return "", false
		}
		key, _ := language.KeyNamed(m[1])
		value, err := strconv.Unquote(m[2])
		if err != nil {
			value = m[2]
		}
		switch {
		case m[2] != "":
			pairs = append(pairs, m[1]+"="+QuoteValue(value))
		case code || key.Kind != language.NoValue && key.Kind != language.FactoryValue:
			return "", false
		default:
			pairs = append(pairs, m[1])
		}
		text = text[len(m[0]):]
	}
	return strings.Join(pairs, " "), len(pairs) > 0
}
