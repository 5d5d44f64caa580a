// Floor does the least that a generator has to do: it walks a tree, reads every Go file
// of it, and parses the files that hold a marker. With -write it also writes as many
// bytes, into as many files, as a generator did. It uses all processors.
//
//	floor [-marker text] [-write list] [-how plain|renamed|synced] dir
//
// A file costs three system calls: open, read and close. Each worker reads into one
// buffer, and keeps nothing of a file that is not parsed.
//
// Each line of the list is a size and the name of a file. Files are written in place
// ("plain"), or into a temporary file that is renamed ("renamed"), or the same with
// an fsync before the rename ("synced").
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

var (
	marker = flag.String("marker", "//plugin:", "`text` in the files that are parsed")
	list   = flag.String("write", "", "`file` that lists what to write")
	how    = flag.String("how", "plain", "write plain, renamed or synced")
	fset   = token.NewFileSet()
)

func main() {
	flag.Parse()
	readTree(flag.Arg(0))
	if *list != "" {
		writeAll()
	}
}

// readTree walks the tree with one worker for each processor.
func readTree(dir string) {
	q := &queue{dirs: []string{dir}}
	q.more.L = &q.mu
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(q.work)
	}
	wg.Wait()
}

// A queue holds the directories that are still to be read.
type queue struct {
	mu   sync.Mutex
	more sync.Cond
	dirs []string
	busy int // workers that may add to it
}

// next returns a directory, or false when all have been read.
func (q *queue) next() (string, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.dirs) == 0 && q.busy > 0 {
		q.more.Wait()
	}
	if len(q.dirs) == 0 {
		return "", false
	}
	dir := q.dirs[len(q.dirs)-1]
	q.dirs = q.dirs[:len(q.dirs)-1]
	q.busy++
	return dir, true
}

// done adds what a directory has below it.
func (q *queue) done(below []string) {
	q.mu.Lock()
	q.dirs = append(q.dirs, below...)
	q.busy--
	q.mu.Unlock()
	q.more.Broadcast()
}

func (q *queue) work() {
	buf := make([]byte, 1<<20)
	for {
		dir, ok := q.next()
		if !ok {
			return
		}
		entries, err := os.ReadDir(dir)
		check(err)
		var below []string
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			switch {
			case e.IsDir():
				below = append(below, name)
			case strings.HasSuffix(name, ".go"):
				buf = read(name, buf)
			}
		}
		q.done(below)
	}
}

// read reads a file into the buffer, which it returns, longer if it was too short.
func read(name string, buf []byte) []byte {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	check(err)
	n := 0
	for {
		more, err := syscall.Read(fd, buf[n:])
		if err == syscall.EINTR {
			continue
		}
		check(err)
		if n += more; n < len(buf) {
			break // the end of a regular file
		}
		buf = append(buf, make([]byte, len(buf))...)
	}
	check(syscall.Close(fd))
	if src := buf[:n]; bytes.Contains(src, []byte(*marker)) {
		_, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		check(err)
	}
	return buf
}

func writeAll() {
	lines, err := os.ReadFile(*list)
	check(err)
	slots := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	defer wg.Wait()
	for line := range strings.Lines(string(lines)) {
		var size int
		var name string
		_, err := fmt.Sscanf(line, "%d %q", &size, &name)
		check(err)
		slots <- struct{}{}
		wg.Go(func() {
			write(name, bytes.Repeat([]byte("."), size))
			<-slots
		})
	}
}

func write(name string, data []byte) {
	if *how == "plain" {
		check(os.WriteFile(name, data, 0o644))
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".floor-*")
	check(err)
	_, err = tmp.Write(data)
	check(err)
	if *how == "synced" {
		check(tmp.Sync())
	}
	check(tmp.Close())
	check(os.Rename(tmp.Name(), name))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
