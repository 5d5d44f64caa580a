package setup

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/matryer/is"
	"github.com/plugingen/plugingen/registry"
)

func spec(name string, priority int, f Configurator) *registry.Spec {
	return &registry.Spec{
		Namespace: Namespace, Name: name, Priority: priority,
		New: func(*registry.Spec) (any, error) { return f, nil },
	}
}

func TestRun(t *testing.T) {
	is := is.New(t)
	var failure error
	configurators := registry.WithSpecs(
		spec("a", 0, func(rt *Runtime) error { rt.DataDir += "/a"; return failure }),
		spec("b", 10, func(rt *Runtime) error { rt.DataDir = "/b"; return nil }),
	)
	rt, err := Run(t.Context(), Options{}, configurators)
	is.NoErr(err)
	is.Equal(rt.DataDir, "/b/a") // by priority
	failure = errors.New("no place")
	_, err = Run(t.Context(), Options{}, configurators)
	is.True(errors.Is(err, failure))
}

func TestMiddlewareSeesRequestsInTheOrderOfUse(t *testing.T) {
	is := is.New(t)
	rt, seen := NewRuntime(Options{}), ""
	for _, name := range []string{"a", "b"} {
		rt.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen += name
				next.ServeHTTP(w, r)
			})
		})
	}
	rt.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	is.Equal(seen, "ab")
}
