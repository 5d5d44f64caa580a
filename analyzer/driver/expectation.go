package driver

import "github.com/plugingen/plugingen/gen"

// An expectation is what one run of plugingen would write for all packages that are checked.
// It is computed when the first generated file is compared.
type expectation struct {
	dir      string
	patterns []string
	made     bool
	plan     *gen.Plan // nil if plugingen would fail
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
