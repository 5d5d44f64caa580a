package target

import "github.com/plugingen/plugingen/annotate"

// The categories of what needs types or facts. Those of package annotate are used
// for the rest.
const (
	BadContract annotate.Category = "contract"  // a plugin that does not satisfy its contract
	Lifecycle   annotate.Category = "lifecycle" // a Load, ShouldLoad or Close that is never called
	BadManager  annotate.Category = "manager"   // a manager of what does not exist, or of the wrong type
	Stale       annotate.Category = "stale"     // a generated file that is to be written again
)
