package target

import "github.com/plugingen/plugingen/annotate"

// The categories of diagnostics that need types or facts. The others are those of
// package annotate.
const (
	BadContract annotate.Category = "contract"  // a plugin that does not satisfy its contract
	Lifecycle   annotate.Category = "lifecycle" // a Load, ShouldLoad or Close that is never called
	BadManager  annotate.Category = "manager"   // a manager of what does not exist, or of the wrong type
	Stale       annotate.Category = "stale"     // a generated file that is out of date
)
