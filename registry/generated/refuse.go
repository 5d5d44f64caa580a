package generated

import (
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// nodeOf returns what a value is, nil if it is missing.
func nodeOf(v config.Value) *tree.Node { return tree.Value(v).Node() }

func rootOf(v config.Value) *tree.Root { return tree.Value(v).Root() }

func valueOf(n *tree.Node, r *tree.Root, path string) config.Value {
	return config.Value(tree.NewValue(n, r, path))
}

// refuse returns an error about a value.
func refuse(n *tree.Node, path, message string) *config.Error {
	return valueOf(n, nil, path).Refuse(message)
}

// refuseIn returns an error about something at a place of an origin.
func refuseIn(o *tree.Origin, line, col int32, path, message string) *config.Error {
	return refuse(&tree.Node{File: o, Line: line, Col: col}, path, message)
}

// refuseName returns an error about a name of a table. What the table has there may be a
// secret.
func refuseName(e *tree.Entry, path, message string) *config.Error {
	err := refuseIn(e.File, e.Line, e.Col, path, message)
	err.Snippet = tree.Snippet(e.Key, &e.Node, false)
	return err
}

func positionAt(n *tree.Node) config.Position { return valueOf(n, nil, "").Position() }

// sorted returns the errors in order, nil if there are none.
func sorted(errs config.Errors) error {
	if len(errs) == 0 {
		return nil
	}
	return config.Join(errs)
}
