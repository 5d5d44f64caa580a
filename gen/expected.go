package gen

import (
	"maps"
	"path/filepath"
	"slices"
)

// Expected returns the generated files that the package in a directory should have, by
// base name: what generate would leave there, and check compares with. It is nil if the
// package should have none. Files are read by readFile, or from disk if that is nil; their names
// are absolute. It writes nothing.
//
// known is false, and the files are nil, if that can't be told: there is an error in the package or in
// one that it links, or it is in no module.
func Expected(dir string, readFile func(string) ([]byte, error)) (files map[string][]byte, known bool, err error) {
	plan, err := Make(dir, nil)
	if err != nil || len(plan.Diagnostics) > 0 {
		return nil, false, err
	}
	for _, t := range plan.trees {
		for _, p := range t.asked() {
			for _, f := range p.folder.Generated {
				files = with(files, f.Name, f.Src)
			}
		}
	}
	for _, c := range plan.Changes {
		if filepath.Dir(c.Path) == dir {
			files = with(files, filepath.Base(c.Path), c.New)
		}
	}
	maps.DeleteFunc(files, func(_ string, src []byte) bool { return src == nil })
	return files, true, nil
}

func with(files map[string][]byte, name string, src []byte) map[string][]byte {
	if files == nil {
		files = map[string][]byte{}
	}
	files[name] = slices.Clone(src)
	return files
}
