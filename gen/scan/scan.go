// Package scan finds the folders of a module that are worth parsing. It reads every
// Go file once and looks for a few bytes in it, which costs little more than reading.
package scan

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/gen/genfile"
)

// A Folder is a folder with something in it for plugingen.
type Folder struct {
	Dir       string
	Marked    []File   // that may hold annotations, by name
	Plain     []string // names of the other Go files
	Generated []File   // that plugingen wrote, by name
	Leftover  []string // names of temporary files of a run that was interrupted
}

// A File is a file and its bytes.
type File struct {
	Name string
	Src  []byte
}

// TempPrefix begins the name of a temporary file.
const TempPrefix = ".plugingen-"

// Skip says whether the go command leaves out a folder of the name.
func Skip(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") || name == "testdata" || name == "vendor"
}

// Tree returns the folders of a tree that have something in them, by path. It does
// not enter other modules, folders that the go command leaves out or that ignored names
// (relative to root, with slashes), or symbolic links. It returns the first error of
// reading a file or folder.
func Tree(root string, ignored func(rel string) bool) ([]*Folder, error) {
	w := &walker{root: root, ignored: ignored, slots: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	w.wg.Go(func() { w.walk(root) })
	w.wg.Wait()
	slices.SortFunc(w.found, func(a, b *Folder) int { return cmp.Compare(a.Dir, b.Dir) })
	return w.found, w.err
}

// One returns one folder, though there may be nothing in it.
func One(dir string) (*Folder, error) {
	w := &walker{root: dir, single: true}
	folder, _, err := w.read(dir)
	if folder == nil {
		folder = &Folder{Dir: dir}
	}
	return folder, err
}

type walker struct {
	root    string
	ignored func(string) bool
	single  bool
	slots   chan struct{} // bounds the files that are open at once
	wg      sync.WaitGroup

	mu    sync.Mutex
	found []*Folder
	err   error
}

func (w *walker) walk(dir string) {
	w.slots <- struct{}{}
	folder, below, err := w.read(dir)
	<-w.slots

	w.mu.Lock()
	if err != nil && w.err == nil {
		w.err = err
	}
	if folder != nil {
		w.found = append(w.found, folder)
	}
	w.mu.Unlock()
	for _, d := range below {
		w.wg.Go(func() { w.walk(d) })
	}
}

var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 64<<10)) }}

// read returns what is in a folder, nil if there is nothing, and the folders in it.
func (w *walker) read(dir string) (*Folder, []string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	f := &Folder{Dir: dir}
	var below []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case e.IsDir():
			if !w.single && !Skip(name) {
				below = append(below, filepath.Join(dir, name))
			}
		case name == "go.mod" && dir != w.root:
			return nil, nil, nil // another module
		case strings.HasPrefix(name, TempPrefix):
			f.Leftover = append(f.Leftover, name)
		case strings.HasSuffix(name, ".go") && name[0] != '_' && name[0] != '.':
			if err := f.add(name, e.Type()); err != nil {
				return nil, nil, err
			}
		}
	}
	if w.ignored != nil {
		below = slices.DeleteFunc(below, func(d string) bool {
			rel, _ := filepath.Rel(w.root, d)
			return w.ignored(filepath.ToSlash(rel))
		})
	}
	if !w.single && len(f.Marked)+len(f.Generated)+len(f.Leftover) == 0 {
		f = nil
	}
	return f, below, nil
}

func (f *Folder) add(name string, mode fs.FileMode) error {
	file := filepath.Join(f.Dir, name)
	if mode&fs.ModeSymlink != 0 {
		// The go command compiles a link to a file, and so it is read, but
		// never one that leaves the folder's tree or leads nowhere.
		info, err := os.Stat(file)
		if err != nil || info.IsDir() {
			return nil
		}
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := readFile(buf, file); err != nil {
		return err
	}
	switch src := buf.Bytes(); {
	case genfile.Ours(src) && genfile.IsName(name):
		f.Generated = append(f.Generated, File{name, bytes.Clone(src)})
	case marked(src):
		f.Marked = append(f.Marked, File{name, bytes.Clone(src)})
	default:
		f.Plain = append(f.Plain, name)
	}
	return nil
}

func readFile(buf *bytes.Buffer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(buf, f)
	return err
}

// marked says whether a file may hold an annotation, or something that was meant to
// be one: "plugin" or "plug-in", in any case, followed by a colon or, for comments that
// lack it, a key; or an import of the registry.
func marked(src []byte) bool {
	for rest := src; ; {
		i := bytes.Index(rest, []byte("lug"))
		if i < 0 {
			return bytes.Contains(src, []byte("PLUGIN:"))
		}
		rest = rest[i+3:]
		if mark(rest) {
			return true
		}
	}
}

// mark says whether what follows "lug" makes a word that is worth parsing for.
func mark(rest []byte) bool {
	rest = bytes.TrimPrefix(rest, []byte("-"))
	rest, ok := bytes.CutPrefix(rest, []byte("in"))
	if !ok {
		return false
	}
	if bytes.HasPrefix(rest, []byte("gen/registry\"")) || bytes.HasPrefix(rest, []byte(" ")) && bytes.Contains(rest[:min(len(rest), 80)], []byte("=")) {
		return true
	}
	for i, c := range rest {
		if c == ':' {
			return true
		}
		if i > 30 || c != '.' && c != '_' && c != ' ' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return false
}
