package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/rules"
)

// This file makes the names of what is written: namespaces and identifiers.

// chooseNamespaces gives each registrar its namespace: that which an earlier run gave it, or
// else one of the names of module and package.
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
				candidates = append(candidates, w.m.namespace+"."+rules.LastWord(w.m.namespaces(r)[0]))
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
		what = plural(rules.SnakeCase(types.Unalias(r.sw.sig.Results().At(0).Type()).(*types.Named).Obj().Name()))
	case r.fn == nil:
		what = rules.SnakeCase(r.on.Name())
	default:
		if verb := verbs().ReplaceAllString(r.fn.Name(), ""); verb != "" {
			what = plural(rules.SnakeCase(verb))
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
		add(root, pkg, rules.SnakeCase(r.on.Name()))
	}
	if what == "" {
		add(root, pkg)
	}
	if pkg == root || pkg == "" {
		add(root, what)
	}
	if onVar {
		add(root, pkg, rules.SnakeCase(r.on.Name()))
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

var verbs = lazyregexp.New(`^([Mm]ust)?([Rr]egister|[Aa]dd|[Pp]rovide|[Ss]et|[Ii]nstall|[Dd]eclare|[Pp]ublish)`)

// majorless returns the last element of a path that is no major version: mostly the name of the
// package.
func majorless(importPath string) string {
	if prefix, _, ok := module.SplitPathVersion(importPath); ok {
		importPath = prefix
	}
	return path.Base(importPath)
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

func plural(s string) string {
	switch {
	case strings.HasSuffix(s, "s"):
		return s
	case strings.HasSuffix(s, "y") && len(s) > 1 && !strings.ContainsRune("aeiou", rune(s[len(s)-2])):
		return s[:len(s)-1] + "ies"
	}
	return s + "s"
}

// name gives the declaration that is to be written for a move its name.
func (w *rewriter) name(mv *move) {
	switch {
	case mv.also != nil:
		mv.symbol = mv.also.symbol
	case mv.on == nil:
		mv.symbol = w.fresh(mv.target, "new"+camel(mv.name, w.m.madeBy(mv)...))
	}
}

// fresh returns an identifier that no file of a package has at package level or imports a
// package by.
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

// camel makes an identifier of a plugin's name, in the case that the words have in other
// identifiers, or else with Go's initialisms: "http.open-ai" becomes HTTPOpenAI if one of these
// is OpenAI.
func camel(name string, alike ...string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	joined := strings.Join(words, "")
	for _, other := range alike {
		if at := wordAt(other, joined); at >= 0 {
			return upperFirst(other[at : at+len(joined)])
		}
	}
	var b strings.Builder
	for _, w := range words {
		cased := upperFirst(w)
		if initialisms[strings.ToUpper(w)] {
			cased = strings.ToUpper(w)
		}
		for _, other := range alike {
			if at := wordAt(other, w); at >= 0 {
				cased = upperFirst(other[at : at+len(w)])
			}
		}
		b.WriteString(cased)
	}
	return b.String()
}

// wordAt returns where an identifier has a word, in whatever case but with an upper letter at its
// beginning, or -1.
func wordAt(identifier, w string) int {
	if w == "" {
		return -1
	}
	for at := 0; at+len(w) <= len(identifier); at++ {
		end := at + len(w)
		if strings.EqualFold(identifier[at:end], w) && isUpper(identifier, at) &&
			(end == len(identifier) || isUpper(identifier, end) || !unicode.IsLetter(rune(identifier[end]))) {
			return at
		}
	}
	return -1
}

func isUpper(s string, at int) bool { return unicode.IsUpper(rune(s[at])) }

// initialisms has the words that Go's identifiers have in upper case.
var initialisms = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq(`ACL AMQP API ASCII CPU CSS CSV DB DNS EOF FTP GCP GCS GPU GRPC GUID
		HTML HTTP HTTPS ICMP ID IMAP IO IP JSON JWT LDAP LHS MQTT NTP OS PDF PID QPS RAM RHS RPC SLA SMTP
		SNMP SQL SSH SSL STDIO TCP TLS TOML TTL UDP UI UID URI URL UTF8 UUID VM XML XMPP XSRF XSS YAML`) {
		initialisms[w] = true
	}
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// lowerFirst returns an identifier that is not exported: its first word in lower case.
func lowerFirst(s string) string {
	r := []rune(s)
	n := 0
	for n < len(r) && unicode.IsUpper(r[n]) {
		n++
	}
	if n > 1 && n < len(r) && unicode.IsLower(r[n]) {
		n-- // the first letter of the next word
	}
	for i := range n {
		r[i] = unicode.ToLower(r[i])
	}
	if len(r) == 0 || !unicode.IsLetter(r[0]) {
		return "x" + string(r)
	}
	return string(r)
}

// madeBy returns the names of the types and functions that make what is registered, for the case of
// their words.
func (m *migration) madeBy(mv *move) (names []string) {
	info := mv.file.pkg.TypesInfo
	add := func(e ast.Expr) {
		if named, ok := types.Unalias(deref(info.TypeOf(e))).(*types.Named); ok && !types.IsInterface(named) {
			names = append(names, named.Obj().Name())
		}
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			names = append(names, calledName(call))
		}
	}
	from := ast.Node(mv.value)
	if mv.clause != nil {
		from = mv.clause
	} else {
		add(mv.value)
	}
	ast.Inspect(from, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 && info.TypeOf(ret.Results[0]) != nil {
			add(ret.Results[0])
		}
		return true
	})
	return names
}
