package options

import "fmt"

// CheckExtent returns an error, and the struct that it is about, if structs have more options, or
// deeper ones, than people write. Documentation has those of a table at each place where there
// is such a table: exponentially many if each table has the next several times.
func CheckExtent(all []*Struct) (*Struct, error) {
	e := extent{within: map[*Struct]bool{}}
	for _, s := range all {
		if err := e.add(s); err != nil {
			return s, err
		}
	}
	return nil, nil
}

// maxExtent bounds the options of the structs of a package, with those of the tables in them.
const maxExtent = 200_000

// An extent counts options.
type extent struct {
	within map[*Struct]bool // structs whose options are being counted
	count  int
}

func (e *extent) add(s *Struct) error {
	switch {
	case s == nil || e.within[s]:
		return nil
	case len(e.within) == maxDepth:
		return fmt.Errorf("tables are nested more than %d deep", maxDepth)
	}
	e.within[s] = true
	defer delete(e.within, s)
	for _, part := range s.Parts {
		if err := e.addOne(part.Struct); err != nil {
			return err
		}
	}
	for _, o := range s.Options {
		var table *Struct
		if o.Type != nil {
			table = o.Type.Table()
		}
		if err := e.addOne(table); err != nil {
			return err
		}
	}
	return nil
}

// addOne counts an option or an embedded struct, and those in the struct, which may be nil.
func (e *extent) addOne(s *Struct) error {
	if e.count++; e.count > maxExtent {
		return fmt.Errorf("there are more than %d options, if those of a table count wherever there is one", maxExtent)
	}
	return e.add(s)
}
