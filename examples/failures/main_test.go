package main

import "context"

func Example() {
	run(context.Background())
	// Output:
	// broken: init failed
	// declining: skipped
	// failing: load failed
	// failing: closed
	// panicking: load failed
	// loaded: done
	// a panic is among the errors: true
	// failing: load failed
	// failing: closed
	// failing failed in phase load: connection refused
	// declining: skipped
	// plugin example.tasks:declining is disabled, reason: no licence key
	// no plugin named godo in namespace example.tasks (did you mean good?); there are: broken, declining, failing, good, panicking
}
