package migrate

import "go/ast"

// findMaps finds maps that have plugins by their names.
func (m *migration) findMaps(f *file) {}

func (w *rewriter) rewriteMap(f *file, d *ast.GenDecl, moves []*move) {}
