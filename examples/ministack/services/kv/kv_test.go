package kv

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/matryer/is"

	"example.com/ministack/storage"
)

func serve(t *testing.T) (url string) {
	t.Helper()
	is := is.New(t)
	db, err := storage.Open(filepath.Join(t.TempDir(), "kv.db"))
	is.NoErr(err)
	t.Cleanup(func() { is.NoErr(db.Close()) })
	handler, err := newAPI(db)
	is.NoErr(err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// do sends a request with a header, if there is one, and returns the reply with
// its body.
func do(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	is := is.New(t)
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	is.NoErr(err)
	if len(header) > 0 {
		req.Header.Set(header[0], header[1])
	}
	resp, err := http.DefaultClient.Do(req)
	is.NoErr(err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	is.NoErr(err)
	return resp, string(got)
}

func status(t *testing.T, method, url, body string, header ...string) int {
	t.Helper()
	resp, _ := do(t, method, url, body, header...)
	return resp.StatusCode
}

func TestValuesComeBack(t *testing.T) {
	is := is.New(t)
	key := serve(t) + "/keys/app/color"
	is.Equal(status(t, "GET", key, ""), 404)
	is.Equal(status(t, "PUT", key, "blue"), 201)
	is.Equal(status(t, "PUT", key, ""), 200)
	_, got := do(t, "GET", key, "")
	is.Equal(got, "")
	is.Equal(status(t, "PUT", key, "red"), 200)
	_, got = do(t, "GET", key, "")
	is.Equal(got, "red")
	is.Equal(status(t, "DELETE", key, ""), 204)
	is.Equal(status(t, "DELETE", key, ""), 404)
	is.Equal(status(t, "GET", key, ""), 404)
}

func TestConditions(t *testing.T) {
	is := is.New(t)
	key := serve(t) + "/keys/k"
	is.Equal(status(t, "PUT", key, "1", "If-Match", "*"), 412)
	resp, _ := do(t, "PUT", key, "1", "If-None-Match", "*")
	is.Equal(resp.StatusCode, 201)
	first := resp.Header.Get("ETag")
	is.Equal(status(t, "PUT", key, "2", "If-None-Match", "*"), 412)
	is.Equal(status(t, "PUT", key, "2", "If-Match", first), 200)
	is.Equal(status(t, "PUT", key, "3", "If-Match", first), 412)
	is.Equal(status(t, "DELETE", key, "", "If-Match", first), 412)
	is.Equal(status(t, "PUT", key, "3", "If-Match", "*"), 200)
	is.Equal(status(t, "PUT", key, "4", "If-Match", "nonsense"), 400)
	is.Equal(status(t, "PUT", key, "4", "If-None-Match", first), 400)
	_, got := do(t, "GET", key, "")
	is.Equal(got, "3")
}

func TestAVersionIsNeverUsedAgain(t *testing.T) {
	is := is.New(t)
	key := serve(t) + "/keys/k"
	resp, _ := do(t, "PUT", key, "1")
	old := resp.Header.Get("ETag")
	is.Equal(status(t, "DELETE", key, ""), 204)
	is.Equal(status(t, "PUT", key, "1"), 201)
	is.Equal(status(t, "PUT", key, "2", "If-Match", old), 412) // another key by the same name
}

func TestOneOfManyWins(t *testing.T) {
	is := is.New(t)
	key := serve(t) + "/keys/lock"
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			switch status(t, "PUT", key, "me", "If-None-Match", "*") {
			case 201:
				won.Add(1)
			case 412:
				lost.Add(1)
			}
		})
	}
	wg.Wait()
	is.Equal(won.Load(), int32(1))
	is.Equal(lost.Load(), int32(9))
}

func TestListsInPages(t *testing.T) {
	is := is.New(t)
	url := serve(t)
	for _, key := range []string{"a/1", "a/2", "a/3", "b/1"} {
		is.Equal(status(t, "PUT", url+"/keys/"+key, key), 201)
	}
	var page struct {
		Keys []Entry
		Next string
	}
	_, body := do(t, "GET", url+"/keys?prefix=a/&limit=2", "")
	is.NoErr(json.Unmarshal([]byte(body), &page))
	is.Equal(page.Keys, []Entry{{"a/1", 1, 3}, {"a/2", 2, 3}})
	is.Equal(page.Next, "a/2")
	_, body = do(t, "GET", url+"/keys?prefix=a/&after=a/2", "")
	is.True(strings.Contains(body, "a/3"))
	is.True(!strings.Contains(body, "a/2") && !strings.Contains(body, "b/1"))
}

func TestLimits(t *testing.T) {
	is := is.New(t)
	url := serve(t)
	is.Equal(status(t, "PUT", url+"/keys/k", strings.Repeat("x", maxValue)), 201)
	is.Equal(status(t, "PUT", url+"/keys/k", strings.Repeat("x", maxValue+1)), 413)
	is.Equal(status(t, "PUT", url+"/keys/", "x"), 400)
	is.Equal(status(t, "POST", url+"/keys/k", "x"), 405)
	is.Equal(status(t, "GET", url+"/elsewhere", ""), 404)
}
