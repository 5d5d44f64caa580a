package driver

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/internal/invoke"
)

// said returns what the go command has said, without what it is wrapped in.
func said(err error) error {
	if _, text, ok := strings.Cut(err.Error(), ": stderr: "); ok {
		return errors.New(strings.TrimSpace(text))
	}
	return err
}

// noPackages says why there is nothing to check. The go command may have kept it to
// itself.
func (c Config) noPackages(patterns []string) error {
	list := c.list(append([]string{"--"}, patterns...)...)
	var stderr strings.Builder
	list.Stderr = &stderr
	if err := list.Run(); err != nil && stderr.Len() > 0 {
		return errors.New(strings.TrimSpace(stderr.String()))
	}
	return fmt.Errorf("%s matched no packages", strings.Join(patterns, " "))
}

// errors reports what kept a package from being loaded. A generated file that does
// not compile is only worth mentioning if nothing was found that may be the reason.
func (p *program) errors(pkg *packages.Package) {
	incomplete := p.incomplete(pkg)
	p.unreadable(pkg)
	for _, e := range pkg.Errors {
		file, _, _ := strings.Cut(e.Pos, ":")
		switch {
		case p.conflicted[Relative(file)]:
			// It has been said, with what mends it.
		case e.Kind == packages.ListError && len(pkg.TypeErrors) > 0 && strings.HasPrefix(e.Msg, "# "):
			// The compiler has said the same.
		case e.Kind == packages.TypeError && incomplete:
			// The types suffer from what is missing.
		case e.Kind == packages.TypeError && len(p.report.Findings)+len(p.conflicted) > 0 && generatedByUs(file):
		default:
			p.report.Errors = append(p.report.Errors, describe(e))
		}
	}
}

// incomplete says whether part of the package, or something that it imports, can't be read.
func (p *program) incomplete(pkg *packages.Package) bool {
	unread := func(e packages.Error) bool {
		return e.Kind != packages.TypeError && !strings.HasPrefix(e.Msg, "# ")
	}
	for _, imp := range pkg.Imports {
		if len(imp.GoFiles) == 0 && slices.ContainsFunc(imp.Errors, unread) {
			return true
		}
	}
	return slices.ContainsFunc(pkg.Errors, unread)
}

// unreadable reports generated files with syntax errors, as a merge leaves them: once for each
// file, since what mends it is to generate it.
func (p *program) unreadable(pkg *packages.Package) {
	for _, e := range pkg.Errors {
		file, _, _ := strings.Cut(e.Pos, ":")
		if e.Kind != packages.ParseError || p.conflicted[Relative(file)] || !generatedByUs(file) {
			continue
		}
		p.conflicted[Relative(file)] = true
		e.Msg = "this generated file can't be read (" + e.Msg + "): run " + invoke.Plugingen(filepath.Dir(file)) + " ./..."
		p.report.Errors = append(p.report.Errors, describe(e))
	}
}

func generatedByUs(file string) bool { return genfile.IsName(filepath.Base(file)) && ours(file) }

func describe(e packages.Error) string {
	file, place, ok := strings.Cut(e.Pos, ".go:")
	if !ok {
		return e.Msg
	}
	return Relative(file+".go") + ":" + place + ": " + e.Msg
}
