package analyzer

import "github.com/plugingen/plugingen/analyzer/internal/target"

// The categories of diagnostics that need types or facts. The others are those of
// package annotate.
const (
	BadContract = target.BadContract // a plugin that does not satisfy its contract
	Lifecycle   = target.Lifecycle   // a Load, ShouldLoad or Close that is never called
	BadManager  = target.BadManager  // a manager of what does not exist, or of the wrong type
	Stale       = target.Stale       // a generated file that is out of date
)
