package config

// nodeOf returns what a value is, nil if it is missing.
func nodeOf(v Value) *node { return value(v).node() }

func rootOf(v Value) *root { return value(v).root() }

func valueOf(n *node, r *root, path string) Value { return Value(newValue(n, r, path)) }

// refuse returns an error about a value.
func refuse(n *node, path, message string) *Error { return valueOf(n, nil, path).Refuse(message) }

// refuseIn returns an error about something at a place of an origin.
func refuseIn(o *origin, line, col int32, path, message string) *Error {
	return refuse(&node{file: o, line: line, col: col}, path, message)
}

// refuseName returns an error about a name of a table. What the table has there may be a
// secret.
func refuseName(e *entry, path, message string) *Error {
	err := refuseIn(e.file, e.line, e.col, path, message)
	err.Snippet = snippet(e.key, &e.node, false)
	return err
}

func positionAt(n *node) Position { return valueOf(n, nil, "").Position() }

// sorted returns the errors in order, nil if there are none.
func sorted(errs Errors) error {
	if len(errs) == 0 {
		return nil
	}
	return Join(errs)
}
