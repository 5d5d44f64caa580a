package target

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/rules"
)

// Inspector returns the traversal of the package's files: that which all passes share, or one that
// is made now for a driver that runs this analyzer alone. Most packages have no use for it.
func (c *Target) Inspector() *inspector.Inspector {
	if c.inspector == nil {
		shared, ok := c.ResultOf[inspect.Analyzer].(*inspector.Inspector)
		if !ok {
			shared = inspector.New(c.Files)
		}
		c.inspector = shared
	}
	return c.inspector
}

// OptionTags returns the plugin tag of each field of a struct, as [annotate.OptionTags] does for
// its syntax: nil for a field without one.
func OptionTags(s *types.Struct) []*annotate.OptionTag {
	syntax := &ast.StructType{Fields: &ast.FieldList{}}
	for i := range s.NumFields() {
		syntax.Fields.List = append(syntax.Fields.List, &ast.Field{
			Tag: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(s.Tag(i))},
		})
	}
	tags, _ := annotate.OptionTags(syntax, true) // errors are reported where the struct is declared
	return tags
}

// IsTest reports whether a file is a test file.
func (c *Target) IsTest(f *ast.File) bool {
	return rules.IsTestFile(pkgfiles.BaseName(c.Pass, f))
}

// NamesContract reports whether generated code names a contract for plugins in files with a build
// constraint, to assert that they satisfy it; see [rules.NamesContract].
func (c *Target) NamesContract(k facts.Contract, build builds.Constraint) bool {
	declared, err := builds.Parse(k.Build)
	if err != nil {
		return false
	}
	if k.Package == c.Pkg.Path() {
		return rules.NamesContract(build, []builds.Constraint{declared})
	}
	if !token.IsExported(k.Symbol) {
		return false
	}
	var in []builds.Constraint
	for _, importer := range c.importers(k.Package) {
		in = append(in, declared.And(importer))
	}
	return rules.NamesContract(build, in)
}

// importers returns the different build constraints of the package's hand-written files, of any
// build, that import another package. Those of tests are not among them.
func (c *Target) importers(path string) []builds.Constraint {
	if c.importing == nil {
		c.importing = map[string][]builds.Constraint{}
		for _, f := range c.Own.Files {
			same := func(b builds.Constraint) bool { return b.String() == f.Constraint.String() }
			for _, spec := range f.Syntax.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err == nil && !slices.ContainsFunc(c.importing[imported], same) {
					c.importing[imported] = append(c.importing[imported], f.Constraint)
				}
			}
		}
	}
	return c.importing[path]
}

// Callee returns the function of package registry that is called, or nil if another
// is called.
func (c *Target) Callee(call *ast.CallExpr) *types.Func {
	fn, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok || !InRegistry(fn) {
		return nil
	}
	return fn
}

// InRegistry reports whether an object is declared in package registry.
func InRegistry(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Pkg().Path() == annotate.RegistryPath
}

// Text returns the value of a constant string. It reports whether the expression is
// one.
func (c *Target) Text(e ast.Expr) (string, bool) {
	value := c.TypesInfo.Types[e].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}

// CheckSpec reports a registry.Spec without the field that makes its plugin.
func (c *Target) CheckSpec(lit *ast.CompositeLit) {
	if len(lit.Elts) > 0 && Field(lit, "New") == nil && Field(lit, "Var") == nil && Field(lit, "Name") != nil {
		c.Report(Problem(annotate.Role, Span(lit), "this registry.Spec has no New, which makes the plugin: "+
			"add New: func(*registry.Spec) (any, error) { ... }"))
	}
}

// Field returns the value of a field of a composite literal, or nil if it is
// not set.
func Field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// ManagerMismatch returns the reason why a manager of type p can't be one of a
// namespace, whose contract is k, or nil if it is not known. It returns "" if there
// is no reason. maker is "manager", or "set" if it is one.
func (c *Target) ManagerMismatch(maker, namespace string, p typedesc.Type, k *facts.Contract) string {
	if k == nil {
		return ""
	}
	why := typedesc.ManagerMismatch(p, k.Type)
	other := c.ContractedNamespace(p, namespace)
	switch {
	case other != "" && (why != "" || typedesc.ManagerMismatch(k.Type, p) == "" && p.Name != k.Type.Name):
		// A manager may have a type with fewer methods, as one that the contract embeds.
		return fmt.Sprintf("this is a %s of %s, the contract of %s, but its namespace is %s, whose "+
			"contract is %s: write %q, or a %[1]s of %[5]s",
			maker, typedesc.Short(p.Name), other, namespace, typedesc.Short(k.Type.Name), other)
	case why != "":
		return fmt.Sprintf("the contract of %s is %s, but this is a %s of %s: %s", namespace,
			typedesc.Short(k.Type.Name), maker, typedesc.Short(p.Name), why)
	}
	return ""
}

// ContractedNamespace returns the other namespace whose contract is a type, or ""
// if there is none or there are several.
func (c *Target) ContractedNamespace(as typedesc.Type, namespace string) string {
	found := ""
	for _, other := range c.ContractedNamespaces(as) {
		if other == namespace {
			continue
		}
		if found != "" {
			return ""
		}
		found = other
	}
	return found
}

// ContractedNamespaces returns the namespaces whose contract is a type, sorted.
func (c *Target) ContractedNamespaces(as typedesc.Type) []string {
	if c.contracts == nil {
		c.contracts = map[string][]string{}
		for _, k := range c.Facts.Contracts {
			if k.Impossible {
				continue
			}
			c.contracts[k.Type.Name] = append(c.contracts[k.Type.Name], k.Namespace)
		}
	}
	return c.contracts[as.Name]
}
