package usage

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
)

// FindMakers adds to the facts which functions and variables of the package make managers of
// plugins that a host links, themselves or through others that they refer to. Of a program it
// records which managers it makes, to find out whether their plugins are linked into it.
//
// A method that is only called through an interface is not found.
func FindMakers(c *target.Target) {
	if c.TypesInfo.Uses == nil || !makes(c) {
		return
	}
	g := newReferences(c)
	g.spread()
	if c.Pkg.Name() == "main" {
		c.Facts.Needs = g.program()
	} else {
		c.Facts.Makers = append(c.Facts.Makers, g.exported()...)
		slices.SortFunc(c.Facts.Makers, facts.Maker.Compare)
	}
}

// program returns the managers that a program makes, unless it may have plugins that no host
// links, or a directive has been removed, which is reported as a file that is out of date.
func (g *references) program() (needs []facts.Need) {
	if givesPlugins(g.Target) || handlesMissing(g.Target) || mayBeLinkedElsewhere(g.Target) ||
		!g.IsHost() && linksPlugins(g.Target) {
		return nil
	}
	for _, d := range g.decls {
		for m, via := range d.needs {
			if d.start {
				needs = append(needs, facts.Need{Maker: m, Span: g.ImportOf(via)})
			}
		}
	}
	slices.SortFunc(needs, func(a, b facts.Need) int {
		return cmp.Or(a.Maker.Compare(b.Maker), cmp.Compare(a.Span.Pos, b.Span.Pos))
	})
	return slices.CompactFunc(needs, func(a, b facts.Need) bool { return a.Maker == b.Maker })
}

// exported returns what other packages can refer to.
func (g *references) exported() (makers []facts.Maker) {
	for _, d := range g.decls {
		for m := range d.needs {
			for _, obj := range d.objects {
				if m.Symbol = symbol(obj); obj.Exported() {
					makers = append(makers, m)
				}
			}
		}
	}
	return makers
}

// makes reports whether the package, or one that it imports, makes such managers.
func makes(c *target.Target) bool {
	return len(c.Facts.Makers) > 0 || slices.ContainsFunc(c.Facts.Uses, func(u facts.Use) bool { return isMaker(c, u) })
}

// isMaker reports whether a use of the package makes a manager of plugins that a host links.
func isMaker(c *target.Target, u facts.Use) bool {
	return u.Package == c.Pkg.Path() && u.As != nil && !u.Loads && !u.HandlesMissing && u.Maker != "Forward"
}

// symbol returns the name of a function, a method or a variable, with the import path.
func symbol(obj types.Object) string {
	if fn, ok := obj.(*types.Func); ok {
		return fn.Origin().FullName()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// References are what the declarations of a package refer to.
type references struct {
	*target.Target
	decls []*declaration
	users map[types.Object][]*declaration // which refer to an object of the package
}

// A declaration is a function, or a variable with its value.
type declaration struct {
	ast.Node
	objects []types.Object
	start   bool // it runs in each program: func main, an init function, a variable's value

	// needs are the managers that it makes, each with the package through which it does: its own,
	// or the imported one that it refers to. Symbol is not set.
	needs map[facts.Maker]string
}

func newReferences(c *target.Target) *references {
	g := &references{Target: c, users: map[types.Object][]*declaration{}}
	for cur := range handwritten(c) {
		for _, decl := range cur.Node().(*ast.File).Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				start := decl.Recv == nil && (decl.Name.Name == "init" || decl.Name.Name == "main")
				g.add(decl, start, decl.Name)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
						g.add(spec, true, spec.Names...)
					}
				}
			}
		}
	}
	return g
}

// add adds a declaration.
func (g *references) add(n ast.Node, start bool, names ...*ast.Ident) {
	d := &declaration{Node: n, start: start, needs: map[facts.Maker]string{}}
	for _, id := range names {
		if obj := g.TypesInfo.Defs[id]; obj != nil {
			d.objects = append(d.objects, obj)
		}
	}
	g.decls = append(g.decls, d)
}

// spread finds what each declaration makes.
func (g *references) spread() {
	imported := map[string][]facts.Maker{}
	for _, m := range g.Facts.Makers {
		imported[m.Symbol] = append(imported[m.Symbol], facts.Maker{Namespace: m.Namespace, Package: m.Package})
	}
	var queue []*declaration
	for _, d := range g.decls {
		for _, u := range g.Facts.Uses {
			if isMaker(g.Target, u) && d.Pos() <= u.Span().Pos && u.Span().Pos < d.End() {
				d.needs[facts.Maker{Namespace: u.Namespace, Package: u.Package}] = g.Pkg.Path()
			}
		}
		ast.Inspect(d.Node, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			switch obj := g.TypesInfo.Uses[id].(type) {
			case *types.Func, *types.Var:
				g.refer(d, obj, imported)
			}
			return true
		})
		if len(d.needs) > 0 {
			queue = append(queue, d)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, obj := range queue[0].objects {
			for _, user := range g.users[obj] {
				if user.learn(queue[0]) {
					queue = append(queue, user)
				}
			}
		}
	}
}

// refer records that a declaration refers to a function or a variable.
func (g *references) refer(d *declaration, obj types.Object, imported map[string][]facts.Maker) {
	if fn, ok := obj.(*types.Func); ok {
		obj = fn.Origin()
	}
	switch {
	case obj.Pkg() == nil || obj.Pkg().Path() == annotate.RegistryPath:
	case obj.Pkg() == g.Pkg:
		g.users[obj] = append(g.users[obj], d)
	default:
		for _, m := range imported[symbol(obj)] {
			d.needs[m] = obj.Pkg().Path()
		}
	}
}

// learn adds what another declaration makes, and reports whether there was anything new.
func (d *declaration) learn(of *declaration) bool {
	before := len(d.needs)
	for m, via := range of.needs {
		if _, ok := d.needs[m]; !ok {
			d.needs[m] = via
		}
	}
	return len(d.needs) > before
}
