package sequences

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/matryer/is"
	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// serve loads the plugin on data in a directory. It returns the
// service's URL, and a function that stops it.
func serve(t *testing.T, data string) (url string, stop func()) {
	t.Helper()
	is := is.New(t)
	rt := setup.NewRuntime(setup.Options{DataDir: data})
	srv := New(&registry.Spec{Name: "sequences"}, service.Options{Addr: "127.0.0.1:0"})
	is.NoErr(srv.Load(t.Context(), rt))
	served := make(chan error)
	go func() { served <- srv.Serve() }()
	return srv.URL(), func() {
		t.Helper()
		is.NoErr(srv.Close(t.Context()))
		is.NoErr(<-served)
	}
}

func next(t *testing.T, url string) uint64 {
	t.Helper()
	is := is.New(t)
	resp, err := http.Post(url+"/sequences/invoices", "", nil)
	is.NoErr(err)
	defer resp.Body.Close()
	is.Equal(resp.StatusCode, 200)
	var s Sequence
	is.NoErr(json.NewDecoder(resp.Body).Decode(&s))
	return s.Value
}

func TestCountsOnAfterARestart(t *testing.T) {
	is := is.New(t)
	data := t.TempDir()
	url, stop := serve(t, data)
	is.Equal(next(t, url), uint64(1))
	is.Equal(next(t, url), uint64(2))
	stop()
	url, stop = serve(t, data)
	is.Equal(next(t, url), uint64(3))
	stop()
}

func TestNoNumberIsGivenTwice(t *testing.T) {
	is := is.New(t)
	url, stop := serve(t, t.TempDir())
	numbers := make(chan uint64, 20)
	var wg sync.WaitGroup
	for range cap(numbers) {
		wg.Go(func() { numbers <- next(t, url) })
	}
	wg.Wait()
	close(numbers)
	seen := map[uint64]bool{}
	for n := range numbers {
		is.True(!seen[n])
		seen[n] = true
	}
	resp, err := http.Get(url + "/sequences")
	is.NoErr(err)
	body, err := io.ReadAll(resp.Body)
	is.NoErr(err)
	is.NoErr(resp.Body.Close())
	is.Equal(string(body), `{"sequences":[{"name":"invoices","value":20}]}`+"\n")
	stop()
}

func TestANameIsChecked(t *testing.T) {
	is := is.New(t)
	url, stop := serve(t, t.TempDir())
	resp, err := http.Post(url+"/sequences/no!", "", nil)
	is.NoErr(err)
	is.NoErr(resp.Body.Close())
	is.Equal(resp.StatusCode, http.StatusBadRequest)
	stop()
}
