//go:build !windows

package terminal

import "os"

// followsEscapes reports whether a terminal follows escape sequences, as all do.
func followsEscapes(*os.File) bool { return true }
