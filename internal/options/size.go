package options

import "fmt"

// CheckSize returns an error, and the struct that it is about, if structs have more options, or
// deeper ones, than people write. The options of a table are counted at each place where there
// is such a table, as documentation has them there: their number is exponential if each table
// contains the next several times.
func CheckSize(all []*Struct) (*Struct, error) {
	c := counter{within: map[*Struct]bool{}}
	for _, s := range all {
		if err := c.add(s); err != nil {
			return s, err
		}
	}
	return nil, nil
}

// maxOptions bounds the options of the structs of a package, with those of the tables in them.
const maxOptions = 200_000

// A counter counts options.
type counter struct {
	within map[*Struct]bool // structs whose options are being counted
	count  int
}

func (c *counter) add(s *Struct) error {
	switch {
	case s == nil || c.within[s]:
		return nil
	case len(c.within) == maxDepth:
		return fmt.Errorf("tables are nested more than %d deep", maxDepth)
	}
	c.within[s] = true
	defer delete(c.within, s)
	for _, part := range s.Parts {
		if err := c.addOne(part.Struct); err != nil {
			return err
		}
	}
	for _, o := range s.Options {
		var table *Struct
		if o.Type != nil {
			table = o.Type.Table()
		}
		if err := c.addOne(table); err != nil {
			return err
		}
	}
	return nil
}

// addOne counts an option or an embedded struct, and those in the struct, which may be nil.
func (c *counter) addOne(s *Struct) error {
	if c.count++; c.count > maxOptions {
		return fmt.Errorf("there are more than %d options, if those of a table count wherever there is one", maxOptions)
	}
	return c.add(s)
}
