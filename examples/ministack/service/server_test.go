package service

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/matryer/is"
	"go.etcd.io/bbolt"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/setup"
)

// echoAddr is where echo listens.
var echoAddr = "127.0.0.1:0"

// echo is a service that answers with the method of a request.
var echo = registry.Spec{
	Namespace: Namespace,
	Name:      "echo",
	New: func(spec *registry.Spec) (any, error) {
		return New(spec, Options{Addr: echoAddr}, func(*bbolt.DB) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Method) }), nil
		}), nil
	},
}

func runtime(t *testing.T) *setup.Runtime {
	return setup.NewRuntime(setup.Options{DataDir: t.TempDir()})
}

func manager(rt *setup.Runtime, spec *registry.Spec) *registry.Manager[Plugin] {
	return registry.For[Plugin](Namespace, registry.WithSpecs(spec)).With(rt)
}

func TestServesUntilItIsClosed(t *testing.T) {
	is := is.New(t)
	m := manager(runtime(t), &echo)
	srv, err := m.Load(t.Context(), "echo")
	is.NoErr(err)
	served := make(chan error)
	go func() { served <- srv.Serve() }()
	resp, err := http.Get(srv.URL())
	is.NoErr(err)
	body, err := io.ReadAll(resp.Body)
	is.NoErr(err)
	is.NoErr(resp.Body.Close())
	is.Equal(string(body), "GET")
	is.NoErr(m.Close(t.Context()))
	is.NoErr(<-served)
	_, err = http.Get(srv.URL())
	var dial *net.OpError
	is.True(errors.As(err, &dial) && dial.Op == "dial") // nobody listens
}

func TestCanBeClosedWithoutHavingServed(t *testing.T) {
	is := is.New(t)
	m := manager(runtime(t), &echo)
	srv, err := m.Load(t.Context(), "echo")
	is.NoErr(err)
	is.NoErr(m.Close(t.Context()))
	is.NoErr(srv.Serve()) // at once
}

func TestALoadThatFailsLeavesNothingOpen(t *testing.T) {
	is := is.New(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	is.NoErr(err)
	t.Cleanup(func() { echoAddr = "127.0.0.1:0" })
	echoAddr = taken.Addr().String()
	m := manager(runtime(t), &echo)
	_, err = m.Load(t.Context(), "echo")
	is.True(err != nil)
	is.True(!errors.Is(err, registry.ErrPanic))
	is.NoErr(taken.Close())
	_, err = m.Load(t.Context(), "echo") // the data is not locked
	is.NoErr(err)
	is.NoErr(m.Close(t.Context()))
}

func TestAnAPIThatFailsIsTheErrorOfTheLoad(t *testing.T) {
	is := is.New(t)
	failure := errors.New("the data is of a later version")
	broken := registry.Spec{Namespace: Namespace, Name: "broken", New: func(spec *registry.Spec) (any, error) {
		return New(spec, Options{}, func(*bbolt.DB) (http.Handler, error) { return nil, failure }), nil
	}}
	rt := runtime(t)
	_, err := manager(rt, &broken).Load(t.Context(), "broken")
	is.True(errors.Is(err, failure))
	is.NoErr(os.Remove(rt.File("broken.db")))
}

func TestSelect(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(config.FromMap("test", map[string]any{
		"services": map[string]any{"a": map[string]any{}, "a/b": map[string]any{}},
	}))
	is.NoErr(err)
	all, err := Select(cfg, nil)
	is.NoErr(err)
	is.Equal(all.Keys(), []string{"a", "a/b"})
	one, err := Select(cfg, []string{"a/b"})
	is.NoErr(err)
	is.Equal(one.Keys(), []string{"a/b"})
	_, err = Select(cfg, []string{"b"})
	is.True(err != nil && strings.Contains(err.Error(), "a, a/b"))
}

func TestAddr(t *testing.T) {
	is := is.New(t)
	spec := &registry.Spec{Name: "my-store", Attrs: []registry.Attr{{Key: "x_port", Value: "4000"}}}
	program := &setup.Options{Listen: "127.0.0.1"}
	is.Equal(Addr(program, spec, Options{}), "127.0.0.1:4000")
	is.Equal(Addr(program, &registry.Spec{Name: "other"}, Options{}), "127.0.0.1:0")
	is.Equal(Addr(program, spec, Options{Addr: "[::1]:5"}), "[::1]:5")
	program.Listen = "127.0.0.1:0"
	is.Equal(Addr(program, spec, Options{}), "127.0.0.1:0")
}
