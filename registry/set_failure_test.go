package registry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/generated"
)

// What fails puts everything back, and the error names what is missing then.
func TestApplyFails(t *testing.T) {
	const (
		before = `{"cpu": {"size": 1}, "disk": {"size": 1}, "mem": {"size": 1}, "net": {"size": 1}}`
		after  = `{"cpu": {"size": 2}, "disk": {"size": 2}, "mem": {"size": 2}, "usb": {"size": 2}}`
	)
	for name, fail := range map[string]func(ctx context.Context) error{
		"error":   func(context.Context) error { return errInjected },
		"panic":   func(context.Context) error { panic(errInjected) },
		"goexit":  func(context.Context) error { runtime.Goexit(); return nil },
		"disable": func(context.Context) error { return registry.Disabled("no licence") },
		"timeout": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"deaf":    func(context.Context) error { time.Sleep(time.Minute); return nil },
	} {
		for _, at := range []string{"new cpu", "load cpu", "load usb", "reload disk", "load mem"} {
			for _, overlap := range []bool{false, true} {
				if name == "timeout" && at == "new cpu" {
					continue // a factory has no context
				}
				t.Run(fmt.Sprint(name, " at ", at, ", overlap ", overlap), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						is := is.New(t)
						ctx := context.Background()
						l := newLab("cpu", "disk!", "mem>cpu", "net", "usb")
						opts := []registry.Option{registry.WithLoadTimeout(time.Second)}
						if overlap {
							opts = append(opts, registry.WithOverlap())
						}
						s := l.set(opts...)
						_, err := s.Apply(ctx, section(t, before))
						is.NoErr(err)
						var failed atomic.Bool
						l.do = func(ctx context.Context, what string, _ *input) error {
							if what != at || failed.Swap(true) {
								return nil
							}
							return fail(ctx)
						}
						r, err := s.Apply(ctx, section(t, after))
						is.True(!r.Applied)
						is.Equal(len(r.Missing), 0)
						is.True(len(r.Failed()) > 0)
						_, plugin, _ := strings.Cut(at, " ")
						is.True(strings.Contains(err.Error(), "agent.inputs:"+plugin))
						is.True(strings.Contains(err.Error(), "the one before is in effect again"))
						if name == "error" || name == "panic" {
							is.True(errors.Is(err, errInjected))
						}
						is.Equal(has(s), "cpu 1, disk 1, mem 1, net 1")
						r, err = s.Apply(ctx, section(t, after))
						is.NoErr(err)
						is.True(r.Applied)
						is.Equal(has(s), "cpu 2, disk 2, mem 2, usb 2")
						is.NoErr(s.Close(ctx))
						time.Sleep(time.Hour) // what has been abandoned comes to an end
					})
				})
			}
		}
	}
}

// What cannot be put back is missing, and the next Apply starts it.
func TestApplyCannotPutBack(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "mem>cpu", "net")
	s := l.set()
	before := section(t, `{"cpu": {"size": 1}, "mem": {}, "net": {}}`)
	_, err := s.Apply(ctx, before)
	is.NoErr(err)
	l.do = func(_ context.Context, what string, _ *input) error {
		if what == "load cpu" {
			return errInjected
		}
		return nil
	}
	r, err := s.Apply(ctx, section(t, `{"cpu": {"size": 2}, "mem": {}, "net": {}}`))
	is.Equal(r.Missing, []string{"cpu", "mem"})
	is.True(strings.Contains(err.Error(), "but without cpu, mem"))
	is.Equal(has(s), "cpu missing, mem missing, net 0")
	info, err := s.Info("cpu")
	is.NoErr(err)
	is.Equal(info.State, registry.StateFailed)
	is.True(errors.Is(info.Err, errInjected))

	l.do = nil
	m := managerOf([]*registry.Spec{l.journal.requiring("user", inputs+":cpu")}, registry.WithManagers(s))
	_, err = m.Load(ctx, "user")
	is.True(errors.Is(err, registry.ErrNotFound)) // only an Apply starts an instance
	is.Equal(has(s), "cpu missing, mem missing, net 0")

	r, err = s.Apply(ctx, before)
	is.NoErr(err)
	is.Equal(r.IDs(registry.Added), []string{"cpu", "mem"})
	is.Equal(has(s), "cpu 1, mem 0, net 0")
}

func TestReloadCanAskForARestart(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu!", "mem>cpu")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"cpu": {}, "mem": {}}`))
	is.NoErr(err)
	l.took()
	l.do = func(_ context.Context, what string, _ *input) error {
		if what == "reload cpu" {
			return fmt.Errorf("another port: %w", registry.ErrRestart)
		}
		return nil
	}
	r, err := s.Apply(ctx, section(t, `{"cpu": {"size": 2}, "mem": {}}`))
	is.NoErr(err)
	is.Equal(r.IDs(registry.Replaced), []string{"cpu", "mem"})
	is.Equal(l.took(), "reload cpu, close mem, close cpu, new cpu, load cpu, new mem, load mem")
	is.Equal(has(s), "cpu 2, mem 0")
}

func TestApplyOverlaps(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "mem>cpu")
	s := l.set(registry.WithOverlap())
	_, err := s.Apply(ctx, section(t, `{"cpu": {}, "mem": {}}`))
	is.NoErr(err)
	l.took()
	l.do = func(_ context.Context, what string, _ *input) error {
		if what == "load mem" || what == "load cpu" {
			_, ok := s.Get("cpu")
			is.True(ok) // there is always one
		}
		return nil
	}
	_, err = s.Apply(ctx, section(t, `{"cpu": {"size": 2}, "mem": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "new cpu, load cpu, new mem, load mem, close mem, close cpu")
	is.Equal(has(s), "cpu 2, mem 0")
}

// A Close that fails is reported, and changes nothing.
func TestApplyReportsFailuresToClose(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "mem")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"cpu": {}, "mem": {}}`))
	is.NoErr(err)
	l.do = func(_ context.Context, what string, _ *input) error {
		if what == "close cpu" {
			panic(errInjected)
		}
		return nil
	}
	r, err := s.Apply(ctx, section(t, `{"mem": {}}`))
	is.True(errors.Is(err, errInjected))
	is.True(r.Applied)
	is.Equal(r.Failed()[0].ID, "cpu")
	is.Equal(has(s), "mem 0")
}

// Of several calls that wait the last one wins.
func TestApplyIsSuperseded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		ctx := context.Background()
		l := newLab("cpu")
		s := l.set()
		l.do = func(context.Context, string, *input) error { time.Sleep(time.Second); return nil }
		results := make([]registry.Result, 4)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() { results[i], _ = s.Apply(ctx, section(t, fmt.Sprintf(`{"cpu": {"size": %d}}`, i))) })
			time.Sleep(time.Millisecond)
		}
		all.Wait()
		is.True(results[0].Applied)
		is.True(results[1].Superseded)
		is.True(results[2].Superseded)
		is.True(results[3].Applied)
		is.Equal(has(s), "cpu 3")
	})
}

// A context that ends while Apply waits for its turn, or runs.
func TestApplyIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		l := newLab("cpu", "mem")
		s := l.set()
		_, err := s.Apply(context.Background(), section(t, `{"cpu": {"size": 1}}`))
		is.NoErr(err)
		l.do = func(ctx context.Context, what string, p *input) error {
			if p.options.Size == 2 && what == "load cpu" {
				select {
				case <-time.After(time.Hour):
				case <-ctx.Done():
				}
			}
			return ctx.Err()
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		waits, stop := context.WithTimeout(context.Background(), time.Second/2)
		defer stop()
		go func() {
			time.Sleep(time.Second / 4)
			_, err := s.Apply(waits, section(t, `{"mem": {}}`))
			is.True(errors.Is(err, context.DeadlineExceeded))
		}()
		_, err = s.Apply(ctx, section(t, `{"cpu": {"size": 2}}`))
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(has(s), "cpu 1")
		_, err = s.Apply(ctx, section(t, `{"cpu": {"size": 3}}`))
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(has(s), "cpu 1")
	})
}

// A field plugin has its options itself, and is given another one of its type.
type field struct {
	Size  int
	Codec coder
	log   *diary
	valid int
}

func (f *field) Load(context.Context) error { f.log.write("load %d", f.Size); return nil }

func (f *field) Close() error { f.log.write("close %d", f.Size); return nil }

func (f *field) Options() inputOptions { return inputOptions{Size: f.Size} }

func (f *field) Validate() error {
	if f.Size > f.valid {
		return errors.New("too large")
	}
	return nil
}

func TestReloadOfAPluginWithFields(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	log := new(diary)
	options := generated.Options{
		New: func() any { return new(field) },
		Fill: func(d *generated.Decoder, target any) {
			f := target.(*field)
			d.Begin()
			if d.Option(0) {
				generated.Plugin(d, &f.Codec)
			}
			if d.Option(1) {
				generated.Int(d, &f.Size)
			}
			d.End()
			generated.Validate(d, f)
		},
		Options: []generated.Option{
			{Name: "codec", Type: "plugin", Namespace: "app.codecs"},
			{Name: "size", Type: "int"},
		},
	}
	spec := &registry.Spec{
		Namespace: inputs, Name: "f", Options: &options,
		New: func(*registry.Spec) (any, error) { return &field{log: log, Size: 5, valid: 9}, nil },
		Reload: func(_ context.Context, plugin, other any) error {
			f, o := plugin.(*field), other.(*field)
			log.write("reload %d to %d", f.Size, o.Size)
			f.Size, f.Codec = o.Size, o.Codec
			return nil
		},
	}
	codecs := &registry.Spec{
		Namespace: "app.codecs", Name: "json", Options: &codecOptions,
		New: func(*registry.Spec) (any, error) { return &codec{name: "json", log: log}, nil },
	}
	r := new(registry.Registry)
	is.NoErr(r.Add(spec, codecs))
	s := registry.NewSet[inputContract](inputs, registry.WithFinder(r))
	_, err := s.Apply(ctx, section(t, `{"f": {"codec": {"type": "json", "level": 3}}}`))
	is.NoErr(err)
	is.Equal(log.read(), []string{"close 5", "load json", "load 5"}) // one was made to check the options
	p, _ := s.Get("f")
	is.Equal(p.(*field).Codec.Code(), "json3")

	_, err = s.Apply(ctx, section(t, `{"f": {"size": 10}}`))
	is.True(strings.Contains(err.Error(), "too large")) // nothing was closed
	is.Equal(log.read(), []string{"close 10"})

	_, err = s.Apply(ctx, section(t, `{"f": {"codec": {"type": "json", "level": 4}}}`))
	is.NoErr(err)
	is.Equal(log.read(), []string{"close 5", "load json", "reload 5 to 5", "close 5", "close json"}) // 5 is the factory's
	is.Equal(p.(*field).Codec.Code(), "json4")
	is.NoErr(s.Close(ctx))
	is.Equal(log.read(), []string{"close 5", "close json"})
}

// Plugins of a manager that require an instance are closed and loaded with it.
func TestApplyRestartsPluginsOfManagers(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "mem")
	s := l.set()
	user := l.journal.requiring("user", inputs+":cpu")
	m := managerOf([]*registry.Spec{user}, registry.WithManagers(s))
	_, err := m.Load(ctx, "user")
	is.True(errors.Is(err, registry.ErrNotFound))
	_, err = s.Apply(ctx, section(t, `{"cpu": {}}`))
	is.NoErr(err)
	_, err = m.Load(ctx, "user")
	is.NoErr(err)
	l.took()
	_, err = s.Apply(ctx, section(t, `{"cpu": {"size": 2}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close user, close cpu, new cpu, load cpu, new user, load user")
	is.True(m.IsLoaded("user"))

	_, err = s.Apply(ctx, section(t, `{}`)) // what the configuration does not have cannot be required
	is.True(errors.Is(err, registry.ErrNotFound))
	is.Equal(has(s), "cpu 2")
	is.True(m.IsLoaded("user"))
	is.NoErr(s.Close(ctx))
	is.NoErr(m.Close(ctx))
}

func TestListenersOfASet(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu!")
	var veto error
	s := l.set(registry.WithListener(func(ctx context.Context, e registry.Event) error {
		is.Equal(registry.SpecFrom(ctx).InstanceID(), "cpu/a")
		is.Equal(e.Spec.InstanceID(), "cpu/a")
		is.Equal(e.Spec.Name, "cpu")
		l.add(fmt.Sprint(e.Moment, " ", e.Phase))
		if e.Phase == registry.PhaseReload && e.Moment == registry.Before {
			return veto
		}
		return nil
	}))
	_, err := s.Apply(ctx, section(t, `{"cpu/a": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "before resolve, after resolve, before configure, after configure, "+
		"before init, new cpu/a, after init, before load, load cpu/a, after load")
	_, err = s.Apply(ctx, section(t, `{"cpu/a": {"size": 1}}`))
	is.NoErr(err)
	is.Equal(l.took(), "before reload, reload cpu/a, after reload")
	veto = errInjected
	_, err = s.Apply(ctx, section(t, `{"cpu/a": {"size": 2}}`))
	is.True(errors.Is(err, errInjected))
	is.Equal(has(s), "cpu/a 1")
	l.took()
	veto = nil
	is.NoErr(s.Close(ctx))
	is.Equal(l.took(), "before close, close cpu/a, after close")
}

// Close waits for an Apply that is going on, and abandons it when its context ends.
func TestCloseOfASetBesideApply(t *testing.T) {
	for name, limit := range map[string]time.Duration{"waits": time.Hour, "abandons": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := is.New(t)
				l := newLab("cpu", "mem", "net")
				s := l.set()
				_, err := s.Apply(context.Background(), section(t, `{"cpu": {}}`))
				is.NoErr(err)
				l.do = func(_ context.Context, what string, _ *input) error {
					if what == "load mem" {
						time.Sleep(time.Minute)
					}
					return nil
				}
				var all sync.WaitGroup
				defer all.Wait()
				all.Go(func() {
					r, err := s.Apply(context.Background(), section(t, `{"cpu": {"size": 1}, "mem": {}}`))
					is.Equal(r.Applied, name == "waits")
					is.Equal(errors.Is(err, registry.ErrClosed), name == "abandons")
				})
				time.Sleep(time.Millisecond)
				all.Go(func() { // waits, and has no turn any more
					_, err := s.Apply(context.Background(), section(t, `{"net": {}}`))
					is.True(errors.Is(err, registry.ErrClosed))
				})
				time.Sleep(time.Millisecond)
				ctx, cancel := context.WithTimeout(context.Background(), limit)
				defer cancel()
				is.Equal(s.Close(ctx) == nil, name == "waits")
				time.Sleep(time.Hour)
				is.Equal(l.count("close cpu"), 2)
				is.Equal(l.count("close mem"), 1)
				is.Equal(l.count("new net"), 0)
				is.NoErr(s.Close(context.Background()))
			})
		})
	}
}

// Instances of another set that require one that is replaced are started again.
func TestApplyRestartsInstancesOfOtherSets(t *testing.T) {
	for _, requires := range []string{inputs + ":cpu", inputs + ":cpu/a", inputs + ":*"} {
		t.Run(requires, func(t *testing.T) {
			is := is.New(t)
			ctx := context.Background()
			l := newLab("cpu", "mem")
			s := l.set()
			out := newLab("file")
			out.journal = l.journal
			out.specs[0].Namespace, out.specs[0].Requires = "agent.outputs", []string{requires}
			o := registry.NewSet[inputContract]("agent.outputs", registry.WithSpecs(out.specs...), registry.WithManagers(s))
			_, err := o.Apply(ctx, section(t, `{"file": {}}`))
			is.Equal(errors.Is(err, registry.ErrNotFound), !strings.HasSuffix(requires, "*"))
			_, err = s.Apply(ctx, section(t, `{"cpu/a": {}}`))
			is.NoErr(err)
			_, err = o.Apply(ctx, section(t, `{"file": {"size": 1}}`))
			is.NoErr(err)
			l.took()
			_, err = s.Apply(ctx, section(t, `{"cpu/a": {"size": 2}}`))
			is.NoErr(err)
			is.Equal(l.took(), "close file, close cpu/a, new cpu/a, load cpu/a, new file, load file")
			is.Equal(has(o), "file 1")

			l.do = func(_ context.Context, what string, p *input) error {
				if what == "load cpu/a" && p.options.Size == 3 {
					return errInjected
				}
				return nil
			}
			r, err := s.Apply(ctx, section(t, `{"cpu/a": {"size": 3}}`))
			is.True(errors.Is(err, errInjected))
			is.Equal(len(r.Missing), 0)
			is.Equal(has(o), "file 1")
			is.Equal(has(s), "cpu/a 2")
			is.NoErr(o.Close(ctx))
			is.NoErr(s.Close(ctx))
		})
	}
}

// hangingCodec is an option whose Close takes an hour.
type hangingCodec struct{}

func (hangingCodec) Code() string { return "" }

func (hangingCodec) Close() error {
	time.Sleep(time.Hour)
	return nil
}

// An Apply that has given an instance other plugins as options ends with its context, although
// those that it had are still being closed.
func TestApplyEndsWhileFormerOptionsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		type options struct{ Codec coder }
		described := generated.Options{
			New: func() any { return new(options) },
			Fill: func(d *generated.Decoder, target any) {
				d.Begin()
				if d.Option(0) {
					generated.Plugin(d, &target.(*options).Codec)
				}
				d.End()
			},
			Options: []generated.Option{{Name: "codec", Type: "plugin", Namespace: "app.codecs"}},
		}
		specs := []*registry.Spec{
			{
				Namespace: inputs, Name: "file", Options: &described,
				NewWith: func(_ *registry.Spec, o any) (any, error) { return o, nil },
				Reload:  func(context.Context, any, any) error { return nil },
			},
			{Namespace: "app.codecs", Name: "slow", New: func(*registry.Spec) (any, error) { return hangingCodec{}, nil }},
			{
				Namespace: "app.codecs", Name: "json", Options: &codecOptions,
				New: func(*registry.Spec) (any, error) { return &codec{log: new(diary)}, nil },
			},
		}
		s := registry.NewSet[any](inputs, registry.WithSpecs(specs...))
		_, err := s.Apply(context.Background(), section(t, `{"file": {"codec": {"type": "slow"}}}`))
		is.NoErr(err)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		r, err := s.Apply(ctx, section(t, `{"file": {"codec": {"type": "json"}}}`))
		is.NoErr(err)
		is.True(r.Applied)
		is.Equal(time.Since(began), time.Second)
		_, err = s.Apply(context.Background(), section(t, `{"file": {"codec": {"type": "json", "level": 4}}}`))
		is.NoErr(err)
		is.Equal(time.Since(began), time.Hour) // waits for the first
	})
}

// What an Apply says that it took to load an instance is what it took, also if it gave up.
func TestDurations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		l := newLab("cpu")
		l.do = func(_ context.Context, what string, _ *input) error {
			if what == "load cpu" {
				time.Sleep(3 * time.Second)
			}
			return nil
		}
		for _, timeout := range []time.Duration{time.Second, time.Minute} {
			s := l.set(registry.WithLoadTimeout(timeout))
			r, err := s.Apply(context.Background(), section(t, `{"cpu": {}}`))
			is.Equal(err == nil, timeout == time.Minute)
			is.Equal(r.Changes[0].Duration, min(timeout, 3*time.Second))
			time.Sleep(time.Minute) // until what was abandoned has ended
		}
	})
}

// A Set asks its Finder once.
func TestASetFindsOnce(t *testing.T) {
	is := is.New(t)
	l := newLab("cpu")
	calls := 0
	finder := registry.FinderFunc(func(string) ([]*registry.Spec, error) {
		calls++
		return l.specs, nil
	})
	s := registry.NewSet[inputContract](inputs, registry.WithFinder(finder))
	_, err := s.Apply(t.Context(), section(t, `{"cpu": {}}`))
	is.NoErr(err)
	is.Equal(calls, 1)
}
