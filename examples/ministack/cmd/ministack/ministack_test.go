package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/matryer/is"
)

// all are the services of this module and of the one that it does not know.
var all = []string{"fifo", "kv", "objects", "queue", "sequences"}

func TestDataSurvivesARestart(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	data := "DATA_DIR=" + t.TempDir()
	big := strings.Repeat("0123456789", 300_000)

	s := start(t, data)
	is.Equal(len(s.urls), len(all))
	s.do(201, "PUT", "objects", "/photos", "")
	s.do(201, "PUT", "objects", "/photos/2026/cat", big)
	s.do(201, "PUT", "kv", "/keys/color", "blue")
	for _, service := range []string{"queue", "fifo"} {
		s.do(201, "PUT", service, "/queues/jobs", "")
		s.do(201, "POST", service, "/queues/jobs/messages", "first")
		s.do(201, "POST", service, "/queues/jobs/messages", "second")
		s.do(200, "POST", service, "/queues/jobs/receive?visibility=3600", "") // and is not back soon
	}
	s.do(200, "POST", "sequences", "/sequences/invoices", "")
	s.interrupt()

	s = start(t, data)
	is.True(s.do(200, "GET", "objects", "/photos/2026/cat", "") == big)
	is.Equal(s.do(200, "GET", "kv", "/keys/color", ""), "blue")
	is.True(strings.Contains(s.do(200, "POST", "queue", "/queues/jobs/receive", ""), `"second"`))
	is.Equal(s.do(200, "POST", "fifo", "/queues/jobs/receive", ""), `{"messages":[]}`+"\n") // the first is out
	is.Equal(s.do(200, "POST", "sequences", "/sequences/invoices", ""), `{"name":"invoices","value":2}`+"\n")
	s.interrupt()
}

func TestServicesSelects(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	s := start(t, "DATA_DIR="+t.TempDir(), "SERVICES=objects,queue")
	is.Equal(len(s.urls), 2)
	s.do(201, "PUT", "objects", "/b", "")
	s.do(201, "PUT", "queue", "/queues/q", "")
	s.interrupt()
}

func TestAMissingServiceNamesThoseThereAre(t *testing.T) {
	for name, try := range map[string]func(data string) (string, string, error){
		"requested by name": func(data string) (string, string, error) {
			return run([]string{data}, "start", "objcts")
		},
		"selected": func(data string) (string, string, error) {
			return run([]string{data, "SERVICES=objcts,kv"}, "start")
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			_, stderr, err := try("DATA_DIR=" + t.TempDir())
			is.True(err != nil)
			for _, service := range append(all, "objcts") {
				if !strings.Contains(stderr, service) {
					t.Errorf("the message names no %s: %s", service, stderr)
				}
			}
		})
	}
}

func TestStopsInReverseOrder(t *testing.T) {
	needSignals(t)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			is := is.New(t)
			s := start(t, "DATA_DIR="+t.TempDir())
			s.signal(sig)
			s.wait()
			loaded, stopped := logged(s, "service loaded"), logged(s, "service stopped")
			is.Equal(loaded, all)
			slices.Reverse(stopped)
			is.Equal(stopped, all)
		})
	}
}

// logged returns the services of which the log has a message, in its order.
func logged(s *stack, message string) (services []string) {
	for _, m := range regexp.MustCompile(`msg="`+message+`" service=(\w+)`).FindAllStringSubmatch(s.log.String(), -1) {
		services = append(services, m[1])
	}
	return services
}

func TestOthersPluginsAreThere(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	data := "DATA_DIR=" + t.TempDir()
	stdout, _, err := run([]string{data}, "plugins")
	is.NoErr(err)
	for _, plugin := range []string{
		"ministack.cli:env", "ministack.services:sequences",
		"ministack.setup:configure_request_id",
	} {
		if !regexp.MustCompile(`(?m)^` + plugin + ` +example\.com/ministack-extras`).MatchString(stdout) {
			t.Errorf("plugins does not list %s:\n%s", plugin, stdout)
		}
	}
	stdout, _, err = run([]string{data, "LISTEN=127.0.0.1"}, "env")
	is.NoErr(err)
	is.True(strings.Contains(stdout, "export SEQUENCES_URL=http://127.0.0.1:4581\n"))

	s := start(t, data, "SERVICES=sequences", "LOG_LEVEL=debug")
	s.do(200, "POST", "sequences", "/sequences/a", "")
	s.interrupt()
	is.True(strings.Contains(s.log.String(), "msg=request id="))
}

func TestListsServices(t *testing.T) {
	is := is.New(t)
	stdout, _, err := run([]string{"SERVICES=objects,sequences"}, "services")
	is.NoErr(err)
	for _, row := range []string{
		`objects +enabled +example\.com/ministack .*object store`,
		`kv +disabled +example\.com/ministack .*key-value`,
		`sequences +enabled +example\.com/ministack-extras .*numbers`,
	} {
		if !regexp.MustCompile(`(?m)^` + row).MatchString(stdout) {
			t.Errorf("no line is %s:\n%s", row, stdout)
		}
	}
}

func TestOneDataDirectoryHasOneOwner(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	data := "DATA_DIR=" + t.TempDir()
	s := start(t, data, "SERVICES=kv")
	_, stderr, err := run([]string{data, "SERVICES=kv"}, "start")
	is.True(err != nil)
	is.True(strings.Contains(stderr, "in use by another program"))
	is.True(!strings.Contains(stderr, "panic"))
	s.do(201, "PUT", "kv", "/keys/k", "still serves")
	s.interrupt()
}

func TestAnAddressInUseStopsThemAll(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	s := start(t, "DATA_DIR="+t.TempDir(), "SERVICES=kv")
	taken := strings.TrimPrefix(s.urls["kv"], "http://")
	data := t.TempDir()
	_, stderr, err := run([]string{"DATA_DIR=" + data, "MINISTACK_SERVICES_OBJECTS_ADDR=" + taken}, "start")
	is.True(err != nil)
	is.True(strings.Contains(stderr, "services.objects.addr")) // what to change
	s.interrupt()
	after := start(t, "DATA_DIR="+data) // nothing was left locked
	after.interrupt()
}

func TestWrongConfigurationIsAnError(t *testing.T) {
	for _, c := range []struct{ variable, says string }{
		{"LOG_LEVEL=loud", "LOG_LEVEL: ministack.log_level"},
		{"LISTEN=127.0.0.1:80", "can't share port 80"},
		{"MINISTACK_SERVICES_KV_ADDR=nonsense", "want host:port"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			is := is.New(t)
			_, stderr, err := run([]string{"DATA_DIR=" + t.TempDir(), c.variable}, "start")
			is.True(err != nil)
			is.True(strings.Contains(stderr, c.says))
		})
	}
}

func TestTheExampleIsAConfiguration(t *testing.T) {
	is := is.New(t)
	stdout, _, err := run(nil, "config", "--config", "../../example.toml")
	is.NoErr(err)
	is.True(strings.Contains(stdout, `quota = "0B"`))
}

func TestHTTPCommand(t *testing.T) {
	needSignals(t)
	is := is.New(t)
	s := start(t, "DATA_DIR="+t.TempDir(), "SERVICES=kv")
	key := s.urls["kv"] + "/keys/color"
	_, _, err := run(nil, "http", "put", key, "blue")
	is.NoErr(err)
	stdout, _, err := run(nil, "http", "GET", key)
	is.NoErr(err)
	is.Equal(stdout, "blue")
	stdout, stderr, err := run(nil, "http", "-H", "If-None-Match: *", "PUT", key, "red")
	is.True(err != nil)
	is.True(strings.Contains(stderr, "412"))
	is.True(strings.Contains(stdout, "version 1"))
	s.interrupt()
}
