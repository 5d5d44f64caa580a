package watch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/watch"
)

// A program follows one file that has a number in it.
type program struct {
	t       *testing.T
	path    string
	cancel  context.CancelFunc
	applied chan string
	errs    chan error
	done    chan error
	fail    func(string) error

	mu    sync.Mutex
	loads int
}

// start starts a program and waits for its first configuration.
func start(t *testing.T, path string, change ...func(*watch.Files)) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{
		t: t, path: path, cancel: cancel,
		applied: make(chan string, 100), errs: make(chan error, 100), done: make(chan error, 1),
	}
	f := watch.Files{
		Load: func() (config.Value, error) {
			p.mu.Lock()
			p.loads++
			p.mu.Unlock()
			return config.Load(config.JSONFile(path))
		},
		Apply: func(_ context.Context, cfg config.Value) error {
			n, _ := cfg.At("n").Text()
			if p.fail != nil {
				if err := p.fail(n); err != nil {
					return err
				}
			}
			p.applied <- n
			return nil
		},
		Report:   func(err error) { p.errs <- err },
		Paths:    []string{path},
		Debounce: 10 * time.Millisecond,
		Poll:     time.Hour, // only events count
	}
	for _, c := range change {
		c(&f)
	}
	go func() { p.done <- watch.Run(ctx, f) }()
	t.Cleanup(p.stop)
	return p
}

func (p *program) stop() {
	p.cancel()
	select {
	case err := <-p.done:
		if err != nil {
			p.t.Errorf("Run returned %v", err)
		}
		p.done <- nil
	case <-time.After(10 * time.Second):
		p.t.Error("Run does not return")
	}
}

// expect waits until the configuration is applied.
func (p *program) expect(n string) {
	p.t.Helper()
	for {
		select {
		case got := <-p.applied:
			if got == n {
				return
			}
		case <-time.After(10 * time.Second):
			p.t.Fatalf("%s was not applied", n)
		}
	}
}

func (p *program) expectError(part string) {
	p.t.Helper()
	select {
	case err := <-p.errs:
		if !strings.Contains(err.Error(), part) {
			p.t.Fatalf("got the error %v, want one with %q", err, part)
		}
	case <-time.After(10 * time.Second):
		p.t.Fatalf("no error was reported")
	}
}

// expectNothing fails if something is applied or reported in a while.
func (p *program) expectNothing() {
	p.t.Helper()
	select {
	case got := <-p.applied:
		p.t.Fatalf("%s was applied", got)
	case err := <-p.errs:
		p.t.Fatalf("%v was reported", err)
	case <-time.After(200 * time.Millisecond):
	}
}

func write(t *testing.T, path, n string) {
	t.Helper()
	is.New(t).NoErr(os.WriteFile(path, fmt.Appendf(nil, `{"n":%q}`, n), 0o600))
}

// rename replaces a file as many editors do.
func rename(t *testing.T, path, n string) {
	t.Helper()
	write(t, path+".new", n)
	is.New(t).NoErr(os.Rename(path+".new", path))
}

func TestAFileIsWrittenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	write(t, path, "two!")
	p.expect("two!")
	rename(t, path, "three")
	p.expect("three")
	rename(t, path, "four") // the watch is of the directory, not of the file that is gone
	p.expect("four")
}

func TestABrokenFileIsReportedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	is.New(t).NoErr(os.WriteFile(path, []byte(`{"n":`), 0o600))
	p.expectError("c.json:1:")
	is.New(t).NoErr(os.WriteFile(path+".other", []byte(`{"n":`), 0o600))
	p.expectNothing()
	write(t, path, "two")
	p.expect("two")
	is.New(t).NoErr(os.WriteFile(path, []byte(`{"n":`), 0o600))
	p.expectError("c.json:1:") // a new one, as it was right in between
}

func TestAnApplyThatFailsIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path, func(f *watch.Files) {
		apply := f.Apply
		f.Apply = func(ctx context.Context, cfg config.Value) error {
			if n, _ := cfg.At("n").Text(); n == "bad" {
				return errors.New("it is bad")
			}
			return apply(ctx, cfg)
		}
	})
	p.expect("one")
	rename(t, path, "bad")
	p.expectError("it is bad")
	rename(t, path, "good")
	p.expect("good")
}

func TestAFileIsMissingForAMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	is.New(t).NoErr(os.Remove(path))
	time.Sleep(100 * time.Millisecond) // much longer than the debounce
	write(t, path, "two")
	p.expect("two")
	select {
	case err := <-p.errs:
		t.Fatalf("%v was reported", err)
	default:
	}
}

func TestAFileIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	is.New(t).NoErr(os.Remove(path))
	p.expectError("c.json")
	write(t, path, "two")
	p.expect("two")
}

// TestAKubernetesVolume replaces the link that leads to the directory of all files, as
// the kubelet does.
func TestAKubernetesVolume(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	is := is.New(t)
	volume := t.TempDir()
	version := func(name, n string) {
		is.NoErr(os.Mkdir(filepath.Join(volume, name), 0o700))
		write(t, filepath.Join(volume, name, "c.json"), n)
		is.NoErr(os.Symlink(name, filepath.Join(volume, "..data_tmp")))
		is.NoErr(os.Rename(filepath.Join(volume, "..data_tmp"), filepath.Join(volume, "..data")))
	}
	version("..2026_1", "one")
	path := filepath.Join(volume, "c.json")
	is.NoErr(os.Symlink(filepath.Join("..data", "c.json"), path))
	p := start(t, path)
	p.expect("one")
	version("..2026_2", "two")
	p.expect("two")
	is.NoErr(os.RemoveAll(filepath.Join(volume, "..2026_1")))
	version("..2026_3", "three")
	p.expect("three")
}

func TestADirectoryIsALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	is := is.New(t)
	dir := t.TempDir()
	is.NoErr(os.MkdirAll(filepath.Join(dir, "v1"), 0o700))
	is.NoErr(os.MkdirAll(filepath.Join(dir, "v2"), 0o700))
	write(t, filepath.Join(dir, "v1", "c.json"), "one")
	write(t, filepath.Join(dir, "v2", "c.json"), "two")
	is.NoErr(os.Symlink("v1", filepath.Join(dir, "current")))
	p := start(t, filepath.Join(dir, "current", "c.json"))
	p.expect("one")
	is.NoErr(os.Symlink("v2", filepath.Join(dir, "next")))
	is.NoErr(os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "current")))
	p.expect("two")
}

// TestPolling changes a file in a directory that is not watched: as on a file system that
// sends no events.
func TestPolling(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	other := filepath.Join(t.TempDir(), "d.json")
	write(t, other, "one")
	p := start(t, path, func(f *watch.Files) {
		f.Poll = 20 * time.Millisecond
	})
	p.expect("one")
	write(t, path, "two")
	p.expect("two")
}

func TestSeveralChangesAreOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path, func(f *watch.Files) { f.Debounce = 300 * time.Millisecond })
	p.expect("one")
	for i := range 10 {
		write(t, path, fmt.Sprint("n", i))
		time.Sleep(10 * time.Millisecond)
	}
	p.expect("n9")
	p.mu.Lock()
	defer p.mu.Unlock()
	is.New(t).Equal(p.loads, 2)
}

// TestReferences follows a file that a reference names, for as long as it is named.
func TestReferences(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	path, secret := filepath.Join(dir, "c.json"), filepath.Join(t.TempDir(), "secret")
	is.NoErr(os.WriteFile(secret, []byte("one"), 0o600))
	write(t, path, "${file:"+secret+"}")
	p := start(t, path)
	p.expect("one")
	is.NoErr(os.WriteFile(secret, []byte("two"), 0o600))
	p.expect("two")
	write(t, path, "three")
	p.expect("three")
	is.NoErr(os.WriteFile(secret, []byte("four"), 0o600))
	p.expectNothing()
}

func TestWatchStopsWithItsContext(t *testing.T) {
	is := is.New(t)
	before := runtime.NumGoroutine()
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	p.stop()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	is.True(runtime.NumGoroutine() <= before)
	is.True(watch.Run(t.Context(), watch.Files{}) != nil)
}
