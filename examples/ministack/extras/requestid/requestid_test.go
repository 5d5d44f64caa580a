package requestid

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/matryer/is"

	"example.com/ministack/setup"
)

func TestEachReplyHasAnID(t *testing.T) {
	is := is.New(t)
	rt := setup.NewRuntime(setup.Options{})
	is.NoErr(ConfigureRequestID(rt))
	handler := rt.Wrap(http.NotFoundHandler())
	id := func(own string) string {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Header.Set(Header, own)
		handler.ServeHTTP(w, r)
		return w.Header().Get(Header)
	}
	first := id("")
	is.True(first != "")
	is.True(id("") != first)
	is.Equal(id("mine"), "mine")
	long := strings.Repeat("x", maxID+1)
	is.True(id(long) != long)
}
