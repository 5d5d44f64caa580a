package real

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

// A handmade is a published program that plugingen migrate rewrites.
type handmade struct {
	name    string
	module  string // path@version
	style   string // how it registers its plugins
	tags    string
	command string         // the directory of the program that lists the plugins
	list    []string       // arguments with which it does
	listed  *regexp.Regexp // the plugins in what it prints, by the first group; nil if each is a line
	// probe has files that make the program list its plugins, if it has no arguments for that. They
	// are there while it is built, and not while it is migrated or tested.
	probe  map[string]string
	tests  []string // patterns of packages whose tests are run
	lost   []string // tests, with theirs, that may fail afterwards, as the note says
	vetted string   // a pattern of packages for pluginvet
	note   string
}

// Migrating has plugingen migrate rewrite published programs.
func Migrating(l *lab.Lab) ([]table.Table, error) {
	t := table.Table{
		Name: "real-migrating", Title: "Published programs, by plugingen migrate",
		Columns: []string{
			"", "registers by", "moved", "left", "plugins before", "after", "tests that pass before", "after",
			"the tests take", "migrate: wall", "CPU", "peak memory", "plugingen: wall",
		},
	}
	for _, p := range handmades[:l.Rounds(len(handmades), 1)] {
		m := &migrating{lab: l, handmade: p}
		if err := m.run(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		t.Text = append(t.Text, m.text())
		t.Add(m.row()...)
		if err := os.RemoveAll(m.dir); err != nil {
			return nil, err
		}
	}
	return []table.Table{t}, nil
}

// A migrating is a program before and after it is migrated, in the same directory.
type migrating struct {
	lab *lab.Lab
	handmade
	dir                 string
	moved               int
	left                map[string]int // by reason
	was, is             state
	migrated, generated measure.Cost
}

// A state is what a program has, and which of its tests pass.
type state struct {
	plugins []string
	passed  map[string]bool
	took    time.Duration // to build and run the tests
}

func (m *migrating) run() (err error) {
	if m.dir, err = copyModule(m.lab, m.module); err != nil {
		return err
	}
	if err := m.require(); err != nil {
		return err
	}
	if m.was, err = m.state("as published"); err != nil {
		return err
	}
	if err := m.migrate(); err != nil {
		return err
	}
	if m.is, err = m.state("migrated"); err != nil {
		return err
	}
	if !slices.Equal(m.was.plugins, m.is.plugins) {
		return fmt.Errorf("the migrated program lacks %s, and has %s besides",
			without(m.was.plugins, m.is.plugins), without(m.is.plugins, m.was.plugins))
	}
	if len(m.failed()) > 0 { // some of them by the clock, perhaps
		again, err := m.test()
		if err != nil {
			return err
		}
		maps.Copy(m.is.passed, again)
	}
	if failed := m.failed(); len(failed) > 0 {
		return fmt.Errorf("these tests passed before: %s", strings.Join(failed[:min(len(failed), 10)], ", "))
	}
	return nil
}

// failed returns the tests that passed before, without those of which that is known.
func (m *migrating) failed() (tests []string) {
	for _, test := range slices.Sorted(maps.Keys(m.was.passed)) {
		known := func(lost string) bool { return test == lost || strings.HasPrefix(test, lost+"/") }
		if !m.is.passed[test] && !slices.ContainsFunc(m.lost, known) {
			tests = append(tests, test)
		}
	}
	return tests
}

// require has go.mod require plugingen. Its go line becomes that of plugingen's go.mod, and with that
// what the standard library accepts, so that is so before the program is migrated, too.
func (m *migrating) require() error {
	const project = "github.com/plugingen/plugingen"
	return m.lab.Go(m.dir, "mod", "edit", "-require="+project+"@v0.0.0", "-replace="+project+"="+m.lab.Project,
		"-tool="+project+"/cmd/plugingen", "-tool="+project+"/cmd/pluginvet")
}

// migrate migrates the program, and checks and generates as a user would.
func (m *migrating) migrate() error {
	cost, out, err := m.tool("plugingen", "migrate", "-w", "./...")
	if err != nil {
		return err
	}
	m.migrated, m.left = cost, map[string]int{}
	for line := range strings.Lines(string(out)) {
		if _, reason, ok := strings.Cut(line, ": left as it is: "); ok {
			m.left[summary(strings.TrimSpace(reason))]++
		}
		if found := movedLine.FindStringSubmatch(line); found != nil {
			m.moved, _ = strconv.Atoi(found[1])
		}
	}
	if m.moved == 0 {
		return fmt.Errorf("nothing was moved: %s", out)
	}
	if m.generated, _, err = m.tool("plugingen", "./..."); err != nil {
		return err
	}
	if _, _, err := m.tool("plugingen", "check", "./..."); err != nil {
		return err
	}
	_, _, err = m.tool("pluginvet", m.vetted)
	return err
}

var movedLine = regexp.MustCompile(`^plugingen: (\d+) registrations? moved`)

// summary shortens a reason to what many have in common.
func summary(reason string) string {
	if strings.HasPrefix(reason, "the file is not part of this build") {
		return "the file is not part of this build"
	}
	return reason
}

func (m *migrating) tool(name string, args ...string) (measure.Cost, []byte, error) {
	m.lab.Log("migrating: %s, %s %s", m.name, name, strings.Join(args, " "))
	return m.lab.Launch.Run(measure.Case{
		Name: name, Dir: m.dir, Env: m.env(), Args: append([]string{m.lab.Program(name)}, args...),
	})
}

func (m *migrating) env() []string { return []string{"GOFLAGS=-mod=mod -tags=" + m.tags} }

// state builds the program, has it list its plugins, and runs tests.
func (m *migrating) state(name string) (s state, err error) {
	m.lab.Log("migrating: %s, %s", m.name, name)
	if s.plugins, err = m.plugins(); err != nil {
		return s, err
	}
	if len(s.plugins) == 0 {
		return s, errors.New("the program lists no plugins")
	}
	start := time.Now()
	s.passed, err = m.test()
	s.took = time.Since(start)
	return s, err
}

func (m *migrating) plugins() (ids []string, err error) {
	for name, text := range m.probe {
		name = filepath.Join(m.dir, filepath.FromSlash(name))
		err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644))
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, os.Remove(name)) }()
	}
	file := m.lab.Program("migrating")
	if err := m.lab.Go(m.dir, "build", "-mod=mod", "-tags="+m.tags, "-o", file, "./"+m.command); err != nil {
		return nil, err
	}
	out, err := exec.Command(file, m.list...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	if m.listed == nil {
		ids, err = lines(out)
	}
	for _, found := range m.findAll(out) {
		ids = append(ids, strings.Split(found, ", ")...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

func (m *migrating) findAll(out []byte) (all []string) {
	if m.listed == nil {
		return nil
	}
	for _, found := range m.listed.FindAllSubmatch(out, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

// test returns the tests that pass. Those that need what is not here fail before and after.
func (m *migrating) test() (map[string]bool, error) {
	args := []string{"test", "-json", "-short", "-vet=off", "-count=1", "-timeout=5m"}
	cmd := exec.Command("go", append(args, m.tests...)...)
	cmd.Dir, cmd.Env = m.dir, append(os.Environ(), m.env()...)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	passed := map[string]bool{}
	for line := range bytes.Lines(out) {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(line, &event) == nil && event.Action == "pass" && event.Test != "" {
			passed[event.Package+" "+event.Test] = true
		}
	}
	if len(passed) == 0 {
		return nil, fmt.Errorf("no test passes\n%s", out[:min(len(out), 2000)])
	}
	return passed, nil
}

func (m *migrating) text() string {
	text := m.module + "."
	if m.tags != "" {
		text += " Built with the tags " + m.tags + "."
	}
	for _, reason := range slices.Sorted(maps.Keys(m.left)) {
		text += fmt.Sprintf(" Left %d: %s.", m.left[reason], reason)
	}
	return strings.TrimSpace(text + " " + m.note)
}

func (m *migrating) row() []string {
	left := 0
	for _, n := range m.left {
		left += n
	}
	return []string{
		m.name, m.style, strconv.Itoa(m.moved), strconv.Itoa(left),
		strconv.Itoa(len(m.was.plugins)), strconv.Itoa(len(m.is.plugins)),
		strconv.Itoa(len(m.was.passed)), strconv.Itoa(len(m.is.passed)), m.is.took.Round(time.Second).String(),
		m.migrated.Wall.Round(100 * time.Millisecond).String(), m.migrated.CPU.Round(100 * time.Millisecond).String(),
		table.Bytes(measure.Memory(m.migrated)), m.generated.Wall.Round(time.Millisecond).String(),
	}
}
