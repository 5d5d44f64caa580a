// Package invoke tells how a user runs plugingen, for messages that say to run it.
package invoke

import (
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/internal/modules"
)

const command = modules.Plugingen + "/cmd/plugingen"

// Plugingen returns the command line that runs plugingen in a directory: as a tool of its
// module or workspace, if it is one, or else in the version that the module requires, or
// that replaces it. It returns plain plugingen if there is none.
func Plugingen(dir string) string {
	main, err := modules.NewLoader().Find(dir)
	if err != nil {
		return "plugingen"
	}
	if isTool(&main.Module) || slices.ContainsFunc(main.Workspace(), isTool) {
		return "go tool plugingen"
	}
	isReplaced := slices.ContainsFunc(main.Replacements(),
		func(r *modfile.Replace) bool { return r.Old.Path == modules.Plugingen })
	required := slices.IndexFunc(main.File.Require,
		func(r *modfile.Require) bool { return r.Mod.Path == modules.Plugingen })
	switch {
	case main.Path == modules.Plugingen:
		return "go run " + command
	case required < 0 && isReplaced && len(main.Workspace()) == 0:
		return "go run -mod=mod " + command // which adds the requirement, and can't be in a workspace
	case required < 0:
		return "plugingen"
	case isReplaced:
		return "go run " + command
	}
	return "go run " + command + "@" + main.File.Require[required].Mod.Version
}

func isTool(m *modules.Module) bool {
	return slices.ContainsFunc(m.File.Tool, func(t *modfile.Tool) bool { return t.Path == command })
}
