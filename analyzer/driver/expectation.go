package driver

import "github.com/plugingen/plugingen/gen"

// An expectation is what plugingen would write for the packages that are checked, all in one
// run. It is only made if there are generated files to compare with it.
type expectation struct {
	dir      string
	patterns []string
	made     bool
	plan     *gen.Plan // nil if plugingen would not run
}

func (e *expectation) expected(dir string) (files map[string][]byte, known bool) {
	if !e.made {
		e.made = true
		if plan, err := gen.Make(e.dir, e.patterns); err == nil {
			e.plan = plan
		}
	}
	if e.plan == nil {
		return nil, false
	}
	return e.plan.Expected(dir)
}
