package annotate

// ValidNamespace reports whether s can be a namespace.
func ValidNamespace(s string) bool { return validNamespace(s) }

// ValidName reports whether s can be the name of a plugin.
func ValidName(s string) bool { return validName(s) }
