package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/matryer/is"
)

// On a terminal output is in colours, unless NO_COLOR or TERM says otherwise.
func TestTerminal(t *testing.T) {
	for _, test := range []struct {
		env, args string
		colors    bool
	}{
		{"", "check ./...", true},
		{"", "check -color=never ./...", false},
		{"NO_COLOR=1", "check ./...", false},
		{"NO_COLOR=1", "check -color=always ./...", true},
		{"TERM=dumb", "check ./...", false},
		{"", "check -json ./...", false},
	} {
		t.Run(test.env+" "+test.args, func(t *testing.T) {
			is := is.New(t)
			got := onTerminal(t, writeTree(t, small), test.env, strings.Fields(test.args)...)
			t.Logf("%q", got)
			is.True(strings.Contains(got, "unknown key"))
			is.Equal(strings.Contains(got, "\x1b[1mwrong/wrong.go:3:10\x1b[0m"), test.colors)
			is.Equal(strings.Contains(got, "\x1b"), test.colors)
		})
	}
}

// onTerminal runs plugingen in a directory with both outputs on a new terminal, and returns
// what appears there.
func onTerminal(t *testing.T, dir, env string, args ...string) string {
	t.Helper()
	is := is.New(t)
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer master.Close()
	var number, unlocked int32
	if ioctl(master, syscall.TIOCSPTLCK, &unlocked) != 0 || ioctl(master, syscall.TIOCGPTN, &number) != 0 {
		t.Skip("there are no pseudo terminals")
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	exe, err := exec.LookPath("plugingen")
	is.NoErr(err) // testscript.Main has put it there
	cmd := exec.Command(exe, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, slave, slave
	cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", "CLICOLOR_FORCE=", env)
	is.NoErr(cmd.Start())
	is.NoErr(slave.Close())
	got, _ := io.ReadAll(master) // ends with EIO when nobody has the terminal open
	_ = cmd.Wait()
	return string(got)
}

func ioctl(f *os.File, request uintptr, value *int32) syscall.Errno {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(value)))
	return errno
}
