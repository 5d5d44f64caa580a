package gen

import (
	"path/filepath"
	"slices"
)

// Expected returns the generated files that the package in a directory should have, by
// base name: what generate would leave there, and check compares with. It is nil if the
// package should have none. It writes nothing.
//
// known is false, and the files are nil, if that can't be told: there is an error in the package or in
// one that it links, or it is in no module.
func Expected(dir string) (files map[string][]byte, known bool, err error) {
	plan, err := Make(dir, nil)
	if err != nil {
		return nil, false, err
	}
	files, known = plan.Expected(dir)
	return files, known, nil
}

// Expected returns the same as the function of this name, of a package that the plan is
// about.
func (p *Plan) Expected(dir string) (files map[string][]byte, known bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, false
	}
	for _, t := range p.trees {
		q := t.packages[dir]
		if q == nil || !q.asked || q.broken() {
			continue
		}
		files = map[string][]byte{}
		for _, f := range q.folder.Generated {
			files[f.Name] = f.Src
		}
		for _, c := range p.Changes {
			if filepath.Dir(c.Path) != dir {
				continue
			}
			delete(files, filepath.Base(c.Path))
			if c.New != nil {
				files[filepath.Base(c.Path)] = slices.Clone(c.New)
			}
		}
		return files, true
	}
	return nil, false
}
