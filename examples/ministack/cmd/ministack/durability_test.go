package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/matryer/is"
)

// enough is how many writes are acknowledged before the program is made to end,
// in the middle of others.
const enough = 60

// A ledger is what was acknowledged, while the program was there to do so.
type ledger struct {
	mu     sync.Mutex
	keys   map[string]string   // by path of key-value store
	bodies map[string]string   // by path of object
	queues map[string][]string // messages, by service
	number uint64              // the last of a sequence
	count  int
	full   chan struct{} // closed when enough is there
}

func (l *ledger) add(write func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	write()
	if l.count++; l.count == enough {
		close(l.full)
	}
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	for name, end := range map[string]func(*stack){
		"interrupt": func(s *stack) {
			needSignals(s.T)
			s.signal(os.Interrupt)
		},
		"kill": func(s *stack) { s.noErr(s.cmd.Process.Kill()) },
	} {
		t.Run(name, func(t *testing.T) {
			data := "DATA_DIR=" + t.TempDir()
			s := start(t, data, "LOG_LEVEL=warn")
			s.do(201, "PUT", "objects", "/b", "")
			s.do(201, "PUT", "queue", "/queues/q", "")
			s.do(201, "PUT", "fifo", "/queues/q", "")
			l := &ledger{
				keys: map[string]string{}, bodies: map[string]string{}, queues: map[string][]string{},
				full: make(chan struct{}),
			}
			writers := hammer(s, l)
			<-l.full
			end(s)
			writers.Wait()
			err := s.cmd.Wait()
			if name == "interrupt" {
				s.noErr(err)
			}
			l.check(start(t, data))
		})
	}
}

func TestAnUploadUnderWayIsFinished(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	data := "DATA_DIR=" + t.TempDir()
	s := start(t, data)
	s.do(201, "PUT", "objects", "/b", "")
	body, rest := io.Pipe()
	status := make(chan int)
	go func() {
		req, err := http.NewRequest("PUT", s.urls["objects"]+"/b/k", body)
		is.NoErr(err)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	half := strings.Repeat("x", 2_000_000)
	_, err := io.WriteString(rest, half) // returns once it has been sent
	is.NoErr(err)
	s.signal(os.Interrupt)
	s.log.await(`msg="service stopping" service=objects`)
	_, err = io.WriteString(rest, half)
	is.NoErr(err)
	is.NoErr(rest.Close())
	is.Equal(<-status, 201)
	s.wait()

	s = start(t, data)
	is.True(s.do(200, "GET", "objects", "/b/k", "") == half+half)
	s.interrupt()
}

// hammer writes to all services until they no longer answer.
func hammer(s *stack, l *ledger) *sync.WaitGroup {
	var wg sync.WaitGroup
	writer := func(write func(n int) error) {
		wg.Go(func() {
			var err error
			for n := 0; err == nil; n++ {
				err = write(n)
			}
		})
	}
	for id := range 3 {
		writer(func(n int) error {
			path, value := fmt.Sprintf("/keys/%d/%d", id, n%7), fmt.Sprint(n)
			return acknowledged("PUT", s.urls["kv"]+path, value, func(string) {
				l.add(func() { l.keys[path] = value })
			})
		})
		writer(func(n int) error {
			path := fmt.Sprintf("/b/%d/%d", id, n)
			body := path + strings.Repeat(".", 1_500_000) // more than one chunk
			return acknowledged("PUT", s.urls["objects"]+path, body, func(string) {
				l.add(func() { l.bodies[path] = body })
			})
		})
		for _, service := range []string{"queue", "fifo"} {
			writer(func(n int) error {
				body := fmt.Sprintf("%d-%d", id, n)
				return acknowledged("POST", s.urls[service]+"/queues/q/messages", body, func(string) {
					l.add(func() { l.queues[service] = append(l.queues[service], body) })
				})
			})
		}
		writer(func(int) error {
			return acknowledged("POST", s.urls["sequences"]+"/sequences/s", "", func(reply string) {
				var got struct{ Value uint64 }
				if json.Unmarshal([]byte(reply), &got) == nil {
					l.add(func() { l.number = max(l.number, got.Value) })
				}
			})
		})
	}
	return &wg
}

// acknowledged calls note with the reply of a request that succeeded.
func acknowledged(method, url, body string, note func(reply string)) error {
	status, reply, err := request(method, url, body)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%s %s: %d %s", method, url, status, reply)
	}
	if err == nil {
		note(reply)
	}
	return err
}

// check looks for all that was acknowledged in a program that was started again.
func (l *ledger) check(s *stack) {
	is := is.New(s.T)
	for path, value := range l.keys {
		got := s.do(200, "GET", "kv", path, "")
		is.True(atLeast(got, value)) // the value, or a later one whose reply was lost
	}
	for path, body := range l.bodies {
		is.True(s.do(200, "GET", "objects", path, "") == body)
	}
	for service, messages := range l.queues {
		received := drain(s, service)
		for _, body := range messages {
			is.Equal(received[body], 1)
		}
	}
	var next struct{ Value uint64 }
	is.NoErr(json.Unmarshal([]byte(s.do(200, "POST", "sequences", "/sequences/s", "")), &next))
	is.True(next.Value > l.number)
}

func atLeast(got, value string) bool {
	var g, v int
	_, err := fmt.Sscan(got+" "+value, &g, &v)
	return err == nil && g >= v
}

// drain receives and deletes all messages, and counts how often each came.
func drain(s *stack, service string) map[string]int {
	received := map[string]int{}
	for {
		var got struct {
			Messages []struct{ Body, Receipt string }
		}
		reply := s.do(200, "POST", service, "/queues/q/receive?max=10&visibility=3600", "")
		s.noErr(json.Unmarshal([]byte(reply), &got))
		if len(got.Messages) == 0 {
			return received
		}
		for _, m := range got.Messages {
			received[m.Body]++
			s.do(204, "DELETE", service, "/queues/q/messages/"+m.Receipt, "")
		}
	}
}
