package objects

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/matryer/is"
	"go.etcd.io/bbolt"

	"example.com/ministack/storage"
)

// serve returns the URL of an object store in a new file, and its database.
func serve(t *testing.T) (url string, db *bbolt.DB) {
	t.Helper()
	is := is.New(t)
	db, err := storage.Open(filepath.Join(t.TempDir(), "objects.db"))
	is.NoErr(err)
	t.Cleanup(func() { is.NoErr(db.Close()) })
	handler, err := newAPI(db, unlimited())
	is.NoErr(err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, db
}

func unlimited() *limits {
	l := &limits{}
	l.set(Options{MaxObject: 1 << 30})
	return l
}

// do sends a request and returns the reply with all of its body.
func do(t *testing.T, method, url string, body []byte) (*http.Response, []byte) {
	t.Helper()
	is := is.New(t)
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	is.NoErr(err)
	resp, err := http.DefaultTransport.RoundTrip(req) // a redirect is a reply like any other
	is.NoErr(err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	is.NoErr(err)
	return resp, got
}

func status(t *testing.T, method, url string, body []byte) int {
	t.Helper()
	resp, _ := do(t, method, url, body)
	return resp.StatusCode
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	return b
}

// chunks counts the chunks on disk.
func chunks(t *testing.T, db *bbolt.DB) (n int) {
	t.Helper()
	is.New(t).NoErr(db.View(func(tx *bbolt.Tx) error {
		n = tx.Bucket(chunksKey).Stats().KeyN
		return nil
	}))
	return n
}

func TestBodiesComeBackWhatTheirSize(t *testing.T) {
	is := is.New(t)
	url, _ := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 5} {
		want := random(size)
		is.Equal(status(t, "PUT", url+"/b/a/key with/slashes", want), map[bool]int{true: 201, false: 200}[size == 0])
		resp, got := do(t, "GET", url+"/b/a/key%20with/slashes", nil)
		is.Equal(resp.StatusCode, 200)
		is.True(bytes.Equal(got, want)) // the body that was put
		head, _ := do(t, "HEAD", url+"/b/a/key%20with/slashes", nil)
		is.Equal(head.ContentLength, int64(size))
		is.Equal(head.Header.Get("ETag"), resp.Header.Get("ETag"))
	}
}

func TestAnAbortedUploadLeavesNothing(t *testing.T) {
	is := is.New(t)
	url, db := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	is.Equal(status(t, "PUT", url+"/b/k", []byte("old")), 201)

	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	is.NoErr(err)
	fmt.Fprintf(conn, "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 3*chunkSize)
	_, err = conn.Write(random(2*chunkSize + 1))
	is.NoErr(err)
	is.NoErr(conn.(*net.TCPConn).CloseWrite())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	is.NoErr(err)
	is.Equal(resp.StatusCode, 400)
	is.NoErr(conn.Close())

	_, got := do(t, "GET", url+"/b/k", nil)
	is.Equal(string(got), "old")
	is.Equal(chunks(t, db), 1) // the old body's
}

func TestAReaderKeepsWhatItReads(t *testing.T) {
	for name, change := range map[string]func(s *store) error{
		"replaced": func(s *store) error {
			_, _, err := s.put("b", Object{Key: "k"}, strings.NewReader("new"))
			return err
		},
		"deleted": func(s *store) error { return s.remove("b", "k") },
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			_, db := serve(t)
			s, err := openStore(db, unlimited())
			is.NoErr(err)
			_, err = s.makeBucket("b")
			is.NoErr(err)
			want := random(2*chunkSize + 1)
			_, _, err = s.put("b", Object{Key: "k"}, bytes.NewReader(want))
			is.NoErr(err)

			_, body, err := s.open("b", "k")
			is.NoErr(err)
			is.NoErr(change(s))
			var got bytes.Buffer
			is.NoErr(body.copyTo(&got))
			is.True(bytes.Equal(got.Bytes(), want))
			is.True(chunks(t, db) >= 3) // the old body is there as long as it is read
			is.NoErr(body.Close())
			is.True(chunks(t, db) <= 1) // and no longer
		})
	}
}

func TestOpeningRemovesWhatACrashLeft(t *testing.T) {
	is := is.New(t)
	url, db := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	is.Equal(status(t, "PUT", url+"/b/k", []byte("kept")), 201)
	stray := upload{id: newBodyID()}
	is.NoErr(db.Update(func(tx *bbolt.Tx) error { return stray.add(tx, []byte("stray")) }))
	is.Equal(chunks(t, db), 2)
	_, err := openStore(db, unlimited())
	is.NoErr(err)
	is.Equal(chunks(t, db), 1)
	_, got := do(t, "GET", url+"/b/k", nil)
	is.Equal(string(got), "kept")
}

func TestListsInPages(t *testing.T) {
	is := is.New(t)
	url, _ := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	for _, key := range []string{"a/1", "a/2", "a/3", "b/1"} {
		is.Equal(status(t, "PUT", url+"/b/"+key, []byte(key)), 201)
	}
	var page struct {
		Objects []Object
		Next    string
	}
	list := func(query string) (keys []string) {
		page.Objects, page.Next = nil, ""
		_, body := do(t, "GET", url+"/b?"+query, nil)
		is.NoErr(json.Unmarshal(body, &page))
		for _, o := range page.Objects {
			keys = append(keys, o.Key)
		}
		return keys
	}
	is.Equal(list(""), []string{"a/1", "a/2", "a/3", "b/1"})
	is.Equal(list("prefix=a/&limit=2"), []string{"a/1", "a/2"})
	is.Equal(page.Next, "a/2")
	is.Equal(list("prefix=a/&limit=2&after="+page.Next), []string{"a/3"})
	is.Equal(page.Next, "")
	is.Equal(list("prefix=c"), nil)
	is.Equal(status(t, "GET", url+"/b?limit=0", nil), 400)
}

func TestBucketsAreRemovedWhenEmpty(t *testing.T) {
	is := is.New(t)
	url, _ := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	is.Equal(status(t, "PUT", url+"/b", nil), 200) // it is there
	is.Equal(status(t, "PUT", url+"/b/k", []byte("x")), 201)
	is.Equal(status(t, "DELETE", url+"/b", nil), 409)
	is.Equal(status(t, "DELETE", url+"/b/k", nil), 204)
	is.Equal(status(t, "DELETE", url+"/b", nil), 204)
	is.Equal(status(t, "DELETE", url+"/b", nil), 404)
}

func TestErrorsAreJSON(t *testing.T) {
	url, _ := serve(t)
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/none/key", 404, `no bucket \"none\"`},
		{"PUT", "/none/key", 404, `no bucket \"none\"`},
		{"PUT", "/-bad", 400, "can't name a bucket"},
		{"PUT", "/b/" + strings.Repeat("k", 2000), 400, "can't be a key"},
		{"PUT", "/b/%00", 400, "can't be a key"},
		{"PUT", "/b/../c", 404, "did you mean /c?"},
		{"PUT", "/b//c", 404, "did you mean /b/c?"},
		{"POST", "/b", 405, "POST is not allowed at /b, but DELETE, GET, HEAD, PUT"},
	} {
		t.Run(c.method+" "+c.path[:min(len(c.path), 20)], func(t *testing.T) {
			is := is.New(t)
			resp, body := do(t, c.method, url+c.path, []byte("x"))
			is.Equal(resp.StatusCode, c.status)
			is.Equal(resp.Header.Get("Content-Type"), "application/json")
			is.True(strings.Contains(string(body), c.says)) // the message
			is.True(json.Valid(body))
		})
	}
}

func TestManyClients(t *testing.T) {
	is := is.New(t)
	url, db := serve(t)
	is.Equal(status(t, "PUT", url+"/b", nil), 201)
	bodies := [][]byte{random(10), random(chunkSize + 10), random(2 * chunkSize)}
	var wg sync.WaitGroup
	for _, body := range bodies {
		wg.Go(func() {
			for range 5 {
				if got := status(t, "PUT", url+"/b/k", body); got/100 != 2 {
					t.Errorf("PUT: %d", got)
				}
				resp, got := do(t, "GET", url+"/b/k", nil)
				whole := bytes.Equal(got, bodies[0]) || bytes.Equal(got, bodies[1]) || bytes.Equal(got, bodies[2])
				if resp.StatusCode != 200 || !whole {
					t.Errorf("GET: %d and %d bytes, which nobody put", resp.StatusCode, len(got))
				}
			}
		})
	}
	wg.Wait()
	is.Equal(status(t, "DELETE", url+"/b/k", nil), 204)
	is.Equal(chunks(t, db), 0)
}
