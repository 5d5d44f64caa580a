package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/matryer/is"
)

// program is the path of ministack, built for these tests.
var program string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ministack-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "ministack.exe")
	build := exec.Command("go", "build", "-o", program, ".")
	if raceEnabled() {
		build = exec.Command("go", "build", "-race", "-o", program, ".")
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
		return 1
	}
	return m.Run()
}

// raceEnabled reports whether the tests were built with the race detector: then the
// program can be, too.
func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
}

// run runs the program to its end and returns what it printed.
func run(env []string, args ...string) (stdout, stderr string, err error) {
	var out, errOut bytes.Buffer
	cmd := command(env, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// command returns the program with an environment of its own, in which services
// listen where there is place.
func command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append([]string{
		"HOME=" + os.DevNull,
		"LISTEN=127.0.0.1:0",
		"GORACE=atexit_sleep_ms=0", // races make it fail; there is no need to wait for them
	}, env...)
	return cmd
}

// A stack is the program as it serves.
type stack struct {
	*testing.T
	cmd  *exec.Cmd
	urls map[string]string
	log  journal
}

// A journal is what a program logs, while it does.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed when there is more, if somebody waits for it
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.more != nil {
		close(j.more)
		j.more = nil
	}
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// await returns once the journal has the text.
func (j *journal) await(text string) {
	for {
		j.mu.Lock()
		if strings.Contains(j.text.String(), text) {
			j.mu.Unlock()
			return
		}
		if j.more == nil {
			j.more = make(chan struct{})
		}
		more := j.more
		j.mu.Unlock()
		<-more
	}
}

// start starts the program and waits until it is ready. Should the test not stop
// it, it is killed in the end.
func start(t *testing.T, env ...string) *stack {
	t.Helper()
	return startWith(t, env)
}

// startWith is start with arguments.
func startWith(t *testing.T, env []string, args ...string) *stack {
	t.Helper()
	s := &stack{T: t, cmd: command(env, append([]string{"start"}, args...)...), urls: map[string]string{}}
	s.cmd.Stderr = &s.log
	stdout, err := s.cmd.StdoutPipe()
	s.noErr(err)
	s.noErr(s.cmd.Start())
	t.Cleanup(func() { s.cmd.Process.Kill() })
	for lines := bufio.NewScanner(stdout); lines.Scan() && lines.Text() != "ready"; {
		name, url, _ := strings.Cut(lines.Text(), " ")
		s.urls[name] = url
	}
	if len(s.urls) == 0 {
		s.cmd.Wait()
		t.Fatalf("it did not start:\n%s", s.log.String())
	}
	return s
}

func (s *stack) noErr(err error) {
	s.Helper()
	is.New(s.T).NoErr(err)
}

// interrupt is what Ctrl-C does. It waits until the program has ended by itself,
// without an error.
func (s *stack) interrupt() {
	s.Helper()
	s.signal(os.Interrupt)
	s.wait()
}

func (s *stack) signal(sig os.Signal) {
	s.Helper()
	s.noErr(s.cmd.Process.Signal(sig))
}

func (s *stack) wait() {
	s.Helper()
	if err := s.cmd.Wait(); err != nil {
		s.Logf("its log:\n%s", s.log.String())
		s.noErr(err) // it ends with status 0
	}
}

// do sends a request to a service and wants a status.
func (s *stack) do(status int, method, service, path, body string) (reply string) {
	s.Helper()
	code, reply, err := request(method, s.urls[service]+path, body)
	s.noErr(err)
	if code != status {
		s.Fatalf("%s %s%s: %d %s, want %d", method, service, path, code, reply, status)
	}
	return reply
}

func request(method, url, body string) (status int, reply string, err error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(all), err
}

// needSignals skips a test where a program can't be interrupted by another.
func needSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows knows no signals")
	}
}
