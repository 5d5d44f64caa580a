package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/matryer/is"
)

// A file is a configuration that is written again while the program runs.
type file struct {
	*testing.T
	path string
	text string
}

// write replaces the file at once, as editors do.
func (f *file) write(text string) {
	f.Helper()
	is := is.New(f.T)
	f.text = text
	is.NoErr(os.WriteFile(f.path+".new", []byte(text), 0o600))
	is.NoErr(os.Rename(f.path+".new", f.path))
}

func (f *file) replace(old, replacement string) {
	f.Helper()
	f.write(strings.Replace(f.text, old, replacement, 1))
}

// free returns an address on which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	is.New(t).NoErr(err)
	defer l.Close()
	return l.Addr().String()
}

// A load is clients that send requests to a service all the while.
type load struct {
	wg     sync.WaitGroup
	stop   atomic.Bool
	sent   atomic.Int64
	failed atomic.Pointer[string] // the first failure
}

func (l *load) add(method, url, body string) {
	l.wg.Go(func() {
		for !l.stop.Load() {
			status, reply, err := request(method, url, body)
			l.sent.Add(1)
			if err != nil || status >= 400 {
				failure := method + " " + url + ": " + reply
				if err != nil {
					failure += err.Error()
				}
				l.failed.CompareAndSwap(nil, &failure)
				return
			}
		}
	})
}

func (l *load) end(t *testing.T) {
	t.Helper()
	l.stop.Store(true)
	l.wg.Wait()
	if failure := l.failed.Load(); failure != nil {
		t.Errorf("after %d requests: %s", l.sent.Load(), *failure)
	}
}

// TestReload changes the configuration under load. No request fails but those to an address
// that the configuration took away.
func TestReload(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	backup, moved := free(t), free(t)
	f := &file{T: t, path: filepath.Join(t.TempDir(), "ministack.toml")}
	f.write(`
[services.objects]
quota = "1MiB"

[services.kv]

[services.queue]
addr = "` + free(t) + `"
`)
	s := startWith(t, []string{"DATA_DIR=" + t.TempDir()}, "--config", f.path)
	s.do(201, "PUT", "objects", "/b", "")
	s.do(201, "PUT", "objects", "/b/k", "hello")
	s.do(201, "PUT", "queue", "/queues/jobs", "")
	s.do(201, "POST", "queue", "/queues/jobs/messages", "wait for me")
	l := &load{}
	for range 4 {
		l.add("GET", s.urls["objects"]+"/b/k", "")
		l.add("PUT", s.urls["objects"]+"/b/k", "hello")
		l.add("GET", s.urls["kv"]+"/keys", "")
	}

	// Told: the service goes on, with another limit.
	f.replace(`"1MiB"`, `"10B"`)
	s.log.await("2 kept; objects reloaded")
	s.do(507, "PUT", "objects", "/b/large", "more than ten bytes")

	// Replaced: the queue is where the configuration says now, with what was in it.
	f.replace(`addr = "`+strings.TrimPrefix(s.urls["queue"], "http://"), `addr = "`+moved)
	s.log.await("2 kept; queue replaced")
	s.urls["queue"] = "http://" + moved
	is.True(strings.Contains(s.do(200, "POST", "queue", "/queues/jobs/receive", ""), "wait for me"))

	// Added, and removed again.
	with := f.text + "[services.\"objects/backup\"]\naddr = \"" + backup + "\"\n"
	without := f.text
	f.write(with)
	s.log.await("3 kept; objects/backup added")
	s.urls["backup"] = "http://" + backup
	s.do(200, "GET", "backup", "/", "")
	s.do(404, "GET", "backup", "/b/k", "") // its data is its own
	f.write(without)
	s.log.await("3 kept; objects/backup removed")
	_, _, err := request("GET", s.urls["backup"], "")
	is.True(err != nil)

	// Broken: what is wrong is shown, and nothing changes.
	f.replace(`"10B"`, `"10"`)
	s.log.await("want a number of bytes with a unit")
	f.write("[services")
	s.log.await("invalid TOML")
	f.write(without + "[services.other]\n")
	s.log.await("services.other: no plugin named other")
	s.do(507, "PUT", "objects", "/b/large", "more than ten bytes")

	// One that can't start: the old one is put back.
	f.write(strings.Replace(without, moved, strings.TrimPrefix(s.urls["kv"], "http://"), 1))
	s.log.await("address already in use")
	s.do(200, "GET", "queue", "/queues", "")

	l.end(t)
	s.interrupt()
}
