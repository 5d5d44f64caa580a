package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// events returns a listener that records each event.
func events(j *journal) registry.Listener {
	return func(_ context.Context, e registry.Event) error {
		j.add(fmt.Sprintf("%s %s %s", e.Spec.Name, e.Phase, e.Moment))
		return nil
	}
}

func TestListenersAreTold(t *testing.T) {
	is := is.New(t)
	var first, second journal
	m := managerOf(five(nil), registry.WithListener(events(&first)), registry.WithListener(events(&second)))
	m.LoadAll(t.Context())
	m.Close(t.Context())
	is.Equal(first.all(), second.all())
	told := strings.Join(first.all(), "\n")
	is.Equal(strings.Count(told, "init after"), 4) // what should not load is made to be asked
	is.Equal(strings.Count(told, "init failed"), 1)
	is.Equal(strings.Count(told, "load after"), 2)
	is.Equal(strings.Count(told, "load failed"), 1)
	is.Equal(strings.Count(told, "load skipped"), 1)
	is.Equal(strings.Count(told, "close before"), 2)
	is.Equal(strings.Count(told, "close after"), 2)
	is.Equal(strings.Count(told, "foreign"), 0)
	is.True(strings.HasPrefix(told, `also-simple resolve before
also-simple resolve after
also-simple init before
also-simple init after
also-simple load before
also-simple load after
`))
}

// at returns a listener that does something at one moment of one plugin's life.
func at(name string, p registry.Phase, m registry.Moment, do func() error) registry.Listener {
	return func(_ context.Context, e registry.Event) error {
		if e.Spec.Name == name && e.Phase == p && e.Moment == m {
			return do()
		}
		return nil
	}
}

var vetoes = []struct {
	phase  registry.Phase
	moment registry.Moment
}{
	{registry.PhaseResolve, registry.Before},
	{registry.PhaseResolve, registry.After},
	{registry.PhaseInit, registry.Before},
	{registry.PhaseInit, registry.After},
	{registry.PhaseLoad, registry.Before},
	{registry.PhaseLoad, registry.After},
}

func TestListenersCanDisable(t *testing.T) {
	for _, v := range vetoes {
		is := is.New(t)
		var j journal
		m := managerOf([]*registry.Spec{j.spec("a", nil), j.spec("b", nil)}, registry.WithListener(
			at("a", v.phase, v.moment, func() error { return registry.Disabled("not today") })))
		all, err := m.LoadAll(t.Context())
		is.NoErr(err)
		is.Equal(names(all), []string{"b"})
		for range 2 { // the reason is kept
			_, err = m.Load(t.Context(), "a")
			is.Equal(err.Error(), "plugin test.plugins:a is disabled, reason: not today")
		}
		i, err := m.Info("a")
		is.NoErr(err)
		is.Equal(i.Reason, "not today")
		is.Equal(j.count("new a"), j.count("close a"))
	}
}

func TestListenersCanFail(t *testing.T) {
	for what, do := range map[string]func() error{
		"error": func() error { return errors.New("oops") },
		"panic": func() error { panic("oops") },
	} {
		for _, v := range vetoes {
			t.Run(fmt.Sprint(what, v), func(t *testing.T) {
				is := is.New(t)
				var j journal
				m := managerOf([]*registry.Spec{j.spec("a", nil), j.spec("b", nil)},
					registry.WithListener(at("a", v.phase, v.moment, do)))
				all, err := m.LoadAll(t.Context())
				is.Equal(names(all), []string{"b"}) // that plugin, and no other
				is.True(strings.Contains(err.Error(), "oops"))
				is.Equal(errorOf(t, err).Phase, v.phase)
				is.Equal(errors.Is(err, registry.ErrPanic), what == "panic")
			})
		}
	}
}

func TestListenersThatFailTooLate(t *testing.T) {
	for what, do := range map[string]func() error{
		"error":    func() error { return errors.New("oops") },
		"panic":    func() error { panic("oops") },
		"disabled": func() error { return registry.Disabled("oops") }, // which is no more than an error then
	} {
		t.Run(what, func(t *testing.T) {
			is := is.New(t)
			var j journal
			m := managerOf([]*registry.Spec{
				j.spec("a", func(p *plugin) { p.load = func(context.Context) error { return errors.New("no disk") } }),
				j.spec("b", nil),
			}, registry.WithListener(at("a", registry.PhaseLoad, registry.Failed, do)),
				registry.WithListener(at("b", registry.PhaseClose, registry.Before, do)))
			_, err := m.LoadAll(t.Context())
			is.True(strings.Contains(err.Error(), "no disk"))
			is.True(strings.Contains(err.Error(), "oops"))
			is.True(!errors.Is(err, registry.ErrDisabled))
			err = m.Close(t.Context())
			is.True(strings.Contains(err.Error(), "oops"))
			is.True(!errors.Is(err, registry.ErrDisabled))
			is.Equal(j.count("close b"), 1) // closed all the same
		})
	}
}

// A listener that blocks for ever does not block a caller with a deadline, though
// it is also called when the load is abandoned.
func TestListenerBlocksForEver(t *testing.T) {
	for what, moment := range map[string]registry.Moment{"a step": registry.Before, "the failure": registry.Failed} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := is.New(t)
				var j journal
				letGo := make(chan struct{})
				blocks := func(_ context.Context, e registry.Event) error {
					if e.Spec.Name == "a" && e.Phase == registry.PhaseLoad && e.Moment >= moment {
						<-letGo
					}
					return nil
				}
				m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = heeding }), j.spec("b", nil)},
					registry.WithListener(blocks), registry.WithLoadTimeout(time.Second))
				begin := time.Now()
				all, err := m.LoadAll(t.Context())
				is.Equal(names(all), []string{"b"})
				is.True(errors.Is(err, context.DeadlineExceeded))
				is.True(time.Since(begin) <= 2*time.Second)
				close(letGo)
			})
		})
	}
}

func TestListenerCanBeRemoved(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(nil))
	remove := m.Listen(events(&j))
	m.Load(t.Context(), "simple")
	told := len(j.all())
	is.True(told > 0)
	remove()
	remove()
	m.Listen(nil)()
	m.Load(t.Context(), "also-simple")
	is.Equal(len(j.all()), told)
}

func TestLogger(t *testing.T) {
	is := is.New(t)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	old := new(journal).spec("old", nil)
	old.Deprecated = "new"
	older := new(journal).spec("older", nil)
	older.DeprecatedSince, older.RemovalIn = "v1.2", "v2"
	m := managerOf(append(five(nil), old, older), registry.WithLogger(log))
	m.LoadAll(t.Context())
	m.Close(t.Context())
	text := out.String()
	is.True(strings.Contains(text,
		`level=WARN msg="plugin is deprecated" namespace=test.plugins plugin=old phase=init use=new`))
	is.True(strings.Contains(text, `plugin=older phase=init since=v1.2 removal=v2`))
	is.True(strings.Contains(text,
		`level=ERROR msg="plugin failed" namespace=test.plugins plugin=load-error phase=load`))
	is.True(strings.Contains(text, `level=DEBUG msg="plugin is disabled" namespace=test.plugins plugin=not-now`))
	is.True(strings.Contains(text, `level=DEBUG msg="plugin loaded" namespace=test.plugins plugin=simple`))
	is.True(strings.Contains(text, `level=DEBUG msg="plugin closed" namespace=test.plugins plugin=simple`))
	managerOf(nil, registry.WithLogger(nil), registry.WithLogger((*slog.Logger)(nil))).LoadAll(t.Context())
}
