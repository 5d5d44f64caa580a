package registry

// GeneratedCodeV1 is referred to by the files that plugingen writes. It says that
// this version of the package can run them.
const GeneratedCodeV1 = true

// Links is what one generated file of a host links into the program: a table for
// each namespace. It is made by plugingen and handed to [Registry.Link]; a program
// has no other use for it.
type Links struct {
	// Host is the import path of the package that links the tables.
	Host string

	// Tables has one entry for each namespace, sorted by namespace.
	Tables []Table

	// next makes the links of a registry a list that needs no allocation.
	next *Links

	// owner is the registry in whose list the links are. Another registry
	// needs a copy of them, which remembers where it came from.
	owner  *Registry
	origin *Links
}

// A Table is the specs of one namespace, sorted by name.
type Table struct {
	Namespace string
	Specs     []*Spec
}
