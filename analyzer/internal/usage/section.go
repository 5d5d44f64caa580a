package usage

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// section reports a configuration whose section is called nearly as that of the namespace is: what
// is configured as the reference and the schema say would be ignored.
func (v *visitor) section(namespace string, config ast.Expr) {
	call, ok := ast.Unparen(config).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return
	}
	fn, ok := typeutil.Callee(v.TypesInfo, call).(*types.Func)
	if !ok || fn.FullName() != "("+annotate.RegistryPath+"/config.Value).At" {
		return
	}
	path, ok := v.Text(call.Args[0])
	if !ok {
		return
	}
	section := ""
	if k := v.Facts.Contract(namespace); k != nil {
		section = k.Section
	}
	want := rules.SectionOf(section, namespace)
	known := rules.NewNames([]string{want})
	if path == want || strings.HasSuffix(want, "."+path) || known.NearestIfMisspelt(path) == "" {
		return
	}
	at := target.Span(call.Args[0])
	d := target.Problem(annotate.BadManager, at, fmt.Sprintf(
		"plugins of %s are configured in section %s: write %[2]s, or section=%s at the contract",
		namespace, want, path))
	if _, literal := ast.Unparen(call.Args[0]).(*ast.BasicLit); literal {
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "write " + want,
			TextEdits: []analysis.TextEdit{{Pos: at.Pos, End: at.End, NewText: []byte(strconv.Quote(want))}},
		}}
	}
	v.Report(d)
}

// sections checks the configuration that a constructor is given.
func (v *visitor) sections(namespace string, constructor *ast.CallExpr) {
	for _, arg := range constructor.Args {
		if option, ok := ast.Unparen(arg).(*ast.CallExpr); ok && len(option.Args) == 1 {
			if fn := v.Callee(option); fn != nil && fn.Name() == "WithConfig" {
				v.section(namespace, option.Args[0])
			}
		}
	}
}
