// Floor does the least that a generator has to do: it walks a tree, reads every Go file
// of it, and parses the files that hold a marker. With -write it also writes as many
// bytes, into as many files, as a generator did. It uses all processors.
//
//	floor [-marker text] [-write list] [-how plain|renamed|synced] dir
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
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

var (
	marker = flag.String("marker", "//plugin:", "`text` in the files that are parsed")
	list   = flag.String("write", "", "`file` that lists what to write")
	how    = flag.String("how", "plain", "write plain, renamed or synced")
	slots  = make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	fset   = token.NewFileSet()
	wg     sync.WaitGroup
)

func main() {
	flag.Parse()
	wg.Go(func() { walk(flag.Arg(0)) })
	wg.Wait()
	if *list != "" {
		writeAll()
		wg.Wait()
	}
}

func walk(dir string) {
	slots <- struct{}{}
	entries, err := os.ReadDir(dir)
	check(err)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			wg.Go(func() { walk(name) })
		case strings.HasSuffix(name, ".go"):
			read(name)
		}
	}
	<-slots
}

var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 64<<10)) }}

func read(name string) {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	f, err := os.Open(name)
	check(err)
	defer f.Close()
	_, err = io.Copy(buf, f)
	check(err)
	if bytes.Contains(buf.Bytes(), []byte(*marker)) {
		_, err := parser.ParseFile(fset, name, buf.Bytes(), parser.ParseComments|parser.SkipObjectResolution)
		check(err)
	}
}

func writeAll() {
	lines, err := os.ReadFile(*list)
	check(err)
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
