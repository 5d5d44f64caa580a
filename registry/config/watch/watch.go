// Package watch makes a running program follow its configuration files.
//
//	func main() {
//		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//		defer stop()
//		inputs := registry.NewSet[Input]("agent.inputs")
//		err := watch.Run(ctx, watch.Files{
//			Load: func() (config.Value, error) { return config.Load(config.JSONFile("agent.json")) },
//			Apply: func(ctx context.Context, cfg config.Value) error {
//				_, err := inputs.Apply(ctx, cfg.At("inputs"))
//				return err
//			},
//			Report: func(err error) { log.Print(err) },
//		})
//		// ctx has ended, so closing gets another, with time to do it.
//		closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
//		defer cancel()
//		if err := errors.Join(err, inputs.Close(closing)); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// It survives what happens to files in practice: editors that write a new file and rename
// it over the old one, Kubernetes' volumes, in which a symbolic link is replaced, files that
// are missing for a moment, and file systems that send no events. A configuration with an
// error is reported once and changes nothing.
package watch

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/plugingen/plugingen/registry/config"
)

// Files says what [Run] is to do.
type Files struct {
	// Load loads the configuration. Run watches the files that it was read from, those
	// that references name included.
	Load func() (config.Value, error)

	// Apply makes the program follow the configuration. It is called for the first
	// configuration, and for each one that was loaded after a change, one at a time. It
	// need not compare: Apply of a registry.Set leaves alone what has not changed.
	Apply func(context.Context, config.Value) error

	// Report is called with the errors of Load and Apply. The same error is reported once
	// until Load and Apply succeed. If it is nil, errors are ignored.
	Report func(error)

	// Paths are more files to watch: those that Load reads by itself, or that may be
	// there later.
	Paths []string

	// Signals make Run load and apply the configuration even if no file has changed. If
	// it is nil that is SIGHUP, on systems that have it; if it is empty there are none.
	Signals []os.Signal

	// Debounce is how long files have to be unchanged before they are loaded, since many
	// programs change them in several steps; 100 ms if it is 0.
	Debounce time.Duration

	// Poll is how often the files are looked at, for file systems that send no events;
	// 5 s if it is 0.
	Poll time.Duration
}

// missingFor is how long a file that was there may be missing before that is taken for its
// removal.
const missingFor = 2 * time.Second

// Run loads and applies the configuration, and does so again whenever one of its files
// changes, until ctx ends. It returns nil then, after an Apply that is going on has
// returned; Run passes its ctx to Apply. It returns an error at once if Load or Apply is nil.
//
// If the system can't watch a file, Run reports that and looks at the files once in Poll.
func Run(ctx context.Context, f Files) error {
	if f.Load == nil || f.Apply == nil {
		return errors.New("watch: Load and Apply must not be nil")
	}
	r := f.runner()
	defer r.close()
	signals := make(chan os.Signal, 1)
	if len(r.Signals) > 0 {
		signal.Notify(signals, r.Signals...)
		defer signal.Stop(signals)
	}
	poll := time.NewTicker(r.Poll)
	defer poll.Stop()
	r.reload(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
			r.reload(ctx)
		case <-r.events():
			r.settle(ctx)
		case <-poll.C:
			r.settle(ctx)
		}
	}
}

func (f Files) runner() *runner {
	r := &runner{Files: f}
	if r.Report == nil {
		r.Report = func(error) {}
	}
	if r.Signals == nil {
		r.Signals = []os.Signal{syscall.SIGHUP}
	}
	if r.Debounce <= 0 {
		r.Debounce = 100 * time.Millisecond
	}
	if r.Poll <= 0 {
		r.Poll = 5 * time.Second
	}
	r.notify = newNotifier()
	return r
}

// A runner is the state of one Run.
type runner struct {
	Files
	notify   *notifier
	files    []string // that the last configuration was read from
	seen     snapshot // of the files, when they were loaded
	reported string   // the last error, until there is none
}

func (r *runner) close() { r.notify.close() }

func (r *runner) events() <-chan struct{} { return r.notify.changed }

// settle waits until the files no longer change, and loads them if they are not what they
// were. It returns early when ctx ends.
func (r *runner) settle(ctx context.Context) {
	now := take(r.paths())
	if now.equal(r.seen) {
		return
	}
	missing := time.Now().Add(missingFor)
	for {
		if !sleep(ctx, r.Debounce) {
			return
		}
		next := take(r.paths())
		stable := next.equal(now)
		now = next
		if stable && (!now.lacks(r.seen) || time.Now().After(missing)) {
			break
		}
	}
	if !now.equal(r.seen) { // else it was changed back
		r.reload(ctx)
	}
}

// sleep returns false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// reload loads and applies the configuration. The snapshot is from before that: what
// changes while files are read is a change.
func (r *runner) reload(ctx context.Context) {
	r.seen = take(r.paths())
	cfg, err := r.Load()
	if err == nil {
		if files := cfg.Files(); len(files) > 0 {
			r.files = files
			r.seen = r.seen.of(r.paths())
		}
		err = r.Apply(ctx, cfg)
	}
	r.watch()
	switch {
	case err == nil:
		r.reported = ""
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
	case err.Error() != r.reported:
		r.reported = err.Error()
		r.Report(err)
	}
}

// watch watches the files. What has happened to them since they were loaded, and before
// they were watched, is an event.
func (r *runner) watch() {
	for _, failed := range r.notify.watch(r.paths()) {
		r.Report(failed)
	}
	if !take(r.paths()).equal(r.seen) {
		r.notify.notify()
	}
}

// paths returns the files to watch.
func (r *runner) paths() []string { return append(r.files[:len(r.files):len(r.files)], r.Paths...) }
