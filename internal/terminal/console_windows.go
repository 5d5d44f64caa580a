package terminal

import (
	"os"
	"syscall"
)

// enableVirtualTerminal makes a console follow escape sequences.
const enableVirtualTerminal = 0x4

var setConsoleMode = syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode")

// followsEscapes makes a console follow escape sequences, and reports whether it does. One
// that is older than Windows 10 does not.
func followsEscapes(f *os.File) bool {
	var mode uint32
	if err := syscall.GetConsoleMode(syscall.Handle(f.Fd()), &mode); err != nil {
		return false // it is the device NUL, for example
	}
	if mode&enableVirtualTerminal != 0 {
		return true
	}
	ok, _, _ := setConsoleMode.Call(f.Fd(), uintptr(mode|enableVirtualTerminal))
	return ok != 0
}
