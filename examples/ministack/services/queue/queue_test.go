package queue

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matryer/is"

	"example.com/ministack/httpapi"
	"example.com/ministack/storage"
)

// newStore returns a store with the queue q, and a function that moves its clock.
func newStore(t *testing.T, strict bool) (s *store, pass func(time.Duration)) {
	t.Helper()
	is := is.New(t)
	db, err := storage.Open(filepath.Join(t.TempDir(), "queue.db"))
	is.NoErr(err)
	t.Cleanup(func() { is.NoErr(db.Close()) })
	s, err = openStore(db, strict)
	is.NoErr(err)
	_, err = s.makeQueue("q")
	is.NoErr(err)
	now := time.Now()
	s.now = func() time.Time { return now }
	return s, func(d time.Duration) { now = now.Add(d) }
}

func send(t *testing.T, s *store, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		_, err := s.send("q", body)
		is.New(t).NoErr(err)
	}
}

// receive returns the bodies and the receipts of what can be received.
func receive(t *testing.T, s *store, limit int) (bodies, receipts []string) {
	t.Helper()
	messages, err := s.receive("q", limit, time.Minute)
	is.New(t).NoErr(err)
	for _, m := range messages {
		bodies, receipts = append(bodies, m.Body), append(receipts, m.Receipt)
	}
	return bodies, receipts
}

func status(err error) int {
	var e *httpapi.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func TestAMessageIsWithOneReceiverAtATime(t *testing.T) {
	is := is.New(t)
	s, pass := newStore(t, false)
	send(t, s, "a", "b")
	first, _ := receive(t, s, 1)
	is.Equal(first, []string{"a"})
	second, receipts := receive(t, s, 10)
	is.Equal(second, []string{"b"})
	none, _ := receive(t, s, 10)
	is.Equal(none, nil)
	is.NoErr(s.remove("q", receipts[0]))

	pass(time.Minute)
	again, _ := receive(t, s, 10)
	is.Equal(again, []string{"a"}) // it was not deleted
}

func TestOnlyTheLastReceiptDeletes(t *testing.T) {
	is := is.New(t)
	s, pass := newStore(t, false)
	send(t, s, "a")
	_, old := receive(t, s, 1)
	pass(time.Minute)
	_, receipts := receive(t, s, 1)
	is.Equal(status(s.remove("q", old[0])), 409)
	is.NoErr(s.remove("q", receipts[0]))
	is.Equal(status(s.remove("q", receipts[0])), 404)
	is.Equal(status(s.remove("q", "nonsense")), 400)
	pass(time.Hour)
	none, _ := receive(t, s, 1)
	is.Equal(none, nil)
}

func TestInAFIFONothingOvertakes(t *testing.T) {
	is := is.New(t)
	s, pass := newStore(t, true)
	send(t, s, "a", "b", "c")
	_, a := receive(t, s, 1)
	none, _ := receive(t, s, 10)
	is.Equal(none, nil) // a is out
	pass(time.Minute)
	ab, _ := receive(t, s, 2)
	is.Equal(ab, []string{"a", "b"})
	is.Equal(status(s.remove("q", a[0])), 409)
	pass(time.Minute)
	abc, receipts := receive(t, s, 10)
	is.Equal(abc, []string{"a", "b", "c"})
	for _, r := range receipts {
		is.NoErr(s.remove("q", r))
	}
}

func TestEveryMessageIsReceivedOnce(t *testing.T) {
	is := is.New(t)
	s, _ := newStore(t, false)
	const messages = 40
	var wg sync.WaitGroup
	for i := range messages {
		wg.Go(func() { send(t, s, fmt.Sprint(i)) })
	}
	wg.Wait()
	var mu sync.Mutex
	seen := map[string]int{}
	for range 4 {
		wg.Go(func() {
			for {
				bodies, _ := receive(t, s, 3)
				if len(bodies) == 0 {
					return
				}
				mu.Lock()
				for _, b := range bodies {
					seen[b]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	is.Equal(len(seen), messages)
	for body, n := range seen {
		if n != 1 {
			t.Errorf("%s was received %d times", body, n)
		}
	}
}

func TestHTTP(t *testing.T) {
	s, _ := newStore(t, false)
	server := httptest.NewServer(newHandler(s, 30*time.Second))
	defer server.Close()
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"PUT", "/queues/jobs", "", 201, `"jobs"`},
		{"PUT", "/queues/jobs", "", 200, `"jobs"`},
		{"PUT", "/queues/no!", "", 400, "can't name a queue"},
		{"GET", "/queues", "", 200, `{"queues":["jobs","q"]}`},
		{"POST", "/queues/jobs/receive", "", 200, `{"messages":[]}`},
		{"POST", "/queues/jobs/messages", "work", 201, `{"id":1}`},
		{"POST", "/queues/jobs/messages", "\xff", 400, "UTF-8"},
		{"POST", "/queues/jobs/messages", strings.Repeat("x", maxMessage+1), 413, "larger than"},
		{"POST", "/queues/jobs/receive?max=11", "", 400, "from 1 to 10"},
		{"POST", "/queues/jobs/receive?visibility=0", "", 200, `"body":"work"`},
		{"POST", "/queues/jobs/receive", "", 200, `"received":2`},
		{"POST", "/queues/none/messages", "x", 404, `no queue \"none\"`},
		{"POST", "/queues/none/receive", "", 404, `no queue \"none\"`},
		{"DELETE", "/queues/jobs", "", 204, ""},
		{"DELETE", "/queues/jobs", "", 404, "no queue"},
	} {
		is := is.New(t)
		req, err := http.NewRequest(c.method, server.URL+c.path, strings.NewReader(c.body))
		is.NoErr(err)
		resp, err := http.DefaultClient.Do(req)
		is.NoErr(err)
		body, err := io.ReadAll(resp.Body)
		is.NoErr(err)
		is.NoErr(resp.Body.Close())
		if resp.StatusCode != c.status || !strings.Contains(string(body), c.says) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, resp.StatusCode, body, c.status, c.says)
		}
	}
}
