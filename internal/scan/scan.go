// Package scan finds the directories of a module that are worth parsing. It reads every
// Go file once and looks for a few bytes in it, which costs little more than reading.
package scan

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/write"
)

// A Dir is a directory with something in it for plugingen.
type Dir struct {
	Path      string
	Annotated []File // that may hold annotations, by name

	// Unannotated is the other hand-written Go files; nil unless Annotated or Generated has
	// some. In a large directory their contents may be missing.
	Unannotated []File

	Generated []File   // that plugingen wrote, by name
	Blank     []File   // of such names, with nothing but comments in them: plugingen may write them
	Orphaned  []string // names of temporary files of a run that was interrupted
	Reserved  []string // names of all that is called as a generated file may be

	links bool // there are symbolic links in it
}

// A File is a file and its bytes.
type File struct {
	Name string
	Src  []byte
}

// A Tree is the directories of a module, or a part of them.
type Tree struct {
	Root string // the module's directory
	// Ignored reports whether go.mod ignores the directory; rel is relative to Root, with slashes.
	Ignored func(rel string) bool // may be nil
	Cache   *Cache                // of directories that Each need not read again; may be nil
	Trace   *Trace                // of what is read; may be nil
}

// Each calls visit with the directories of the tree below one of them, itself included,
// that have something in them. It does not enter other modules, directories that the go
// command leaves out, or symbolic links to directories, but reads files that links lead
// to. The error joins those of all files and directories that can't be read.
//
// Calls are concurrent and in no order. The contents of hand-written files are valid until
// visit returns: there is one buffer for each call that is running, and not memory for
// the source of the whole module.
func (t Tree) Each(dir string, visit func(*Dir)) error { return t.walk(dir, everything, visit) }

// Written returns the directories with files that plugingen wrote, by path. It reads no others.
func (t Tree) Written() ([]*Dir, error) {
	var mu sync.Mutex
	var found []*Dir
	err := t.walk(t.Root, written, func(d *Dir) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, d)
	})
	slices.SortFunc(found, func(a, b *Dir) int { return cmp.Compare(a.Path, b.Path) })
	return found, err
}

// WrittenIn returns the files of one directory that plugingen wrote, by name. It reads no others.
func (t Tree) WrittenIn(dir string) ([]File, error) {
	w := &walker{Tree: t, interest: written}
	found, _, err := w.read(newReader(), dir)
	if found == nil {
		return nil, err
	}
	return found.Generated, err
}

// One returns one directory, though there may be nothing in it.
func (t Tree) One(dir string) (*Dir, error) {
	w := &walker{Tree: t, interest: single}
	found, _, err := w.read(newReader(), dir)
	if found == nil {
		found = &Dir{Path: dir}
	}
	return found, err
}

func (t Tree) walk(dir string, what interest, visit func(*Dir)) error {
	w := &walker{Tree: t, interest: what, visit: visit, dirs: []string{dir}}
	w.more.L = &w.mu
	var wg sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) { // some wait for the disk
		wg.Go(w.work)
	}
	wg.Wait()
	slices.SortFunc(w.errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(w.errs...)
}

// An interest is which of a directory's files are read.
type interest int

const (
	everything interest = iota
	single              // the same, of one directory
	written             // what plugingen wrote
)

// A walker enters the directories of a tree with several workers.
type walker struct {
	Tree
	interest interest
	visit    func(*Dir)

	mu   sync.Mutex
	more sync.Cond
	dirs []string // that are still to be entered
	busy int      // workers that may add to them
	errs []error
}

// work enters one directory after another. Workers that live as long as the walk are cheaper
// than a goroutine for each directory, whose stack would have to grow for the parser.
func (w *walker) work() {
	r := newReader()
	for dir, ok := w.next(); ok; dir, ok = w.next() {
		w.done(w.enter(r, dir))
	}
}

// next returns a directory, or false when all have been entered.
func (w *walker) next() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.dirs) == 0 && w.busy > 0 {
		w.more.Wait()
	}
	n := len(w.dirs)
	if n == 0 {
		return "", false
	}
	dir := w.dirs[n-1]
	w.dirs = w.dirs[:n-1]
	w.busy++
	return dir, true
}

// done notes what entering a directory has given.
func (w *walker) done(below []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dirs = append(w.dirs, below...)
	if err != nil {
		w.errs = append(w.errs, err)
	}
	if w.busy--; w.busy == 0 || len(below) > 0 {
		w.more.Broadcast()
	}
}

// enter visits a directory, if there is something in it, and returns those in it.
func (w *walker) enter(r *reader, dir string) (below []string, err error) {
	found, below, err := w.recall(r, dir)
	if found != nil && len(found.Annotated)+len(found.Generated)+len(found.Orphaned) > 0 {
		w.visit(found)
	}
	return below, err
}

// recall reads a directory that is not in the cache.
func (w *walker) recall(r *reader, dir string) (*Dir, []string, error) {
	if w.Cache == nil || w.interest != everything {
		return w.read(r, dir)
	}
	if found, ok := w.Cache.get(dir); ok {
		return found.dir, found.below, nil
	}
	found, below, err := w.read(r, dir)
	if found != nil {
		found = found.clone()
	}
	if err == nil {
		w.Cache.put(dir, found, below)
	}
	return found, below, err
}

// read returns what is in a directory, nil if it is of another module, and the directories
// in it. The contents of hand-written files are in the reader's buffer.
func (w *walker) read(r *reader, dir string) (*Dir, []string, error) {
	entries, err := r.dir.open(dir)
	if err != nil {
		return nil, nil, err
	}
	defer r.dir.close()
	f := Dir{Path: dir}
	r.names, r.unannotated = r.names[:0], r.unannotated[:0]
	var below []string
	for _, e := range entries {
		name := e.name
		if genfile.IsName(name) {
			f.Reserved = append(f.Reserved, name)
		}
		f.links = f.links || e.mode&fs.ModeSymlink != 0
		switch {
		case e.mode.IsDir():
			path := within(dir, name)
			if why := w.skip(name, path); why != "" {
				w.Trace.skip(path, why)
			} else {
				below = append(below, path)
			}
		case name == "go.mod" && dir != w.Root:
			w.Trace.skip(dir, "it is another module")
			return nil, nil, nil
		case write.IsTemp(name) && e.mode.IsRegular():
			f.Orphaned = append(f.Orphaned, name)
		case !rules.IsGoFile(name):
			w.traceIgnored(dir, e)
		case w.interest == written && !genfile.IsName(name):
		case isFile(dir, e):
			r.names = append(r.names, name)
		}
	}
	if len(r.names) > 0 {
		w.Trace.read()
	}
	if err := r.readAll(&f, w.interest == single); err != nil || f.empty() {
		return nil, below, err
	}
	kept := f // on the heap: most are empty
	return &kept, below, nil
}

// traceIgnored adds an entry that is neither a directory nor a Go file to the trace, if
// someone may have expected it to be read.
func (w *walker) traceIgnored(dir string, e entry) {
	switch {
	case w.Trace == nil:
	case strings.HasSuffix(e.name, ".go"):
		w.Trace.skip(within(dir, e.name), "the go command ignores names that begin with "+e.name[:1])
	case e.mode&fs.ModeSymlink != 0 && isDir(within(dir, e.name)):
		w.Trace.skip(within(dir, e.name), "it is a symbolic link to a directory")
	}
}

// clone returns the directory with the contents of hand-written files in memory of its own.
func (f *Dir) clone() *Dir {
	d := *f
	for _, files := range []*[]File{&d.Annotated, &d.Unannotated} {
		*files = slices.Clone(*files)
		for i := range *files {
			(*files)[i].Src = bytes.Clone((*files)[i].Src)
		}
	}
	return &d
}

// empty reports whether the directory has nothing that a caller uses.
func (f *Dir) empty() bool {
	files := len(f.Annotated) + len(f.Unannotated) + len(f.Generated) + len(f.Blank) + len(f.Orphaned) + len(f.Reserved)
	return files == 0 && !f.links
}

// within returns the path of what is in a directory. It is filepath.Join of clean paths.
func within(dir, name string) string {
	if os.IsPathSeparator(dir[len(dir)-1]) { // the root of a file system
		return dir + name
	}
	return dir + string(filepath.Separator) + name
}

// Skips reports whether the go command leaves out a directory below Root. It does not look into
// the directory, which may be that of another module.
func (t Tree) Skips(dir string) bool { return t.skip(filepath.Base(dir), dir) != "" }

// skip returns why the go command leaves out a directory, "" if it does not.
func (t Tree) skip(name, path string) (why string) {
	switch {
	case !rules.IsIgnoredDir(name):
	case name[0] == '_' || name[0] == '.':
		return "the go command ignores names that begin with " + name[:1]
	default:
		return "the go command ignores directories of this name"
	}
	if t.Ignored == nil {
		return ""
	}
	if rel, ok := strings.CutPrefix(path, within(t.Root, "")); ok && t.Ignored(filepath.ToSlash(rel)) {
		return "go.mod has the go command ignore it"
	}
	return ""
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// isFile reports whether a directory entry is a regular file or a link to one, which may be
// outside of the module: the go command compiles it, and build systems stage sources so.
func isFile(dir string, e entry) bool {
	if e.mode&fs.ModeSymlink == 0 {
		return e.mode.IsRegular()
	}
	info, err := os.Stat(within(dir, e.name))
	return err == nil && info.Mode().IsRegular()
}

// An entry is a directory entry.
type entry struct {
	name string
	mode fs.FileMode // only its type
}

// A reader reads one directory after another.
type reader struct {
	dir         directory
	names       []string // of the files to read
	buf         bytes.Buffer
	unannotated []File // those without annotations, whose bytes are in the buffer, or were
}

func newReader() *reader {
	r := &reader{}
	r.buf.Grow(64 << 10)
	return r
}

// maxKept is about how many bytes of a directory's files are kept until it is known whether
// those without annotations are wanted.
const maxKept = 1 << 20

// readAll reads the files into a buffer that is used for each directory again: most
// hold nothing of interest. Those without annotations are kept if others have
// some, or if wanted.
func (r *reader) readAll(f *Dir, wanted bool) error {
	if r.buf.Cap() > 4*maxKept { // one very large file should not cost memory for good
		r.buf = bytes.Buffer{}
	}
	r.buf.Reset()
	for _, name := range r.names {
		if r.buf.Len() > maxKept {
			r.startOver(f)
		}
		from := r.buf.Len()
		if err := r.dir.readFile(&r.buf, name); err != nil {
			return err
		}
		switch src := r.buf.Bytes()[from:]; { // a part of what the buffer was, if it grows
		case genfile.IsGenerated(name, src):
			f.Generated = append(f.Generated, File{name, bytes.Clone(src)})
			r.buf.Truncate(from)
		case genfile.IsName(name) && genfile.Blank(src):
			f.Blank = append(f.Blank, File{name, bytes.Clone(src)})
		case Annotated(src):
			f.Annotated = append(f.Annotated, File{name, src})
		default:
			r.unannotated = append(r.unannotated, File{name, src})
		}
	}
	if len(f.Annotated)+len(f.Generated) > 0 || wanted {
		f.Unannotated = slices.Clone(r.unannotated)
	}
	return nil
}

// startOver empties the buffer, and forgets the files without annotations in it.
func (r *reader) startOver(f *Dir) {
	forget(r.unannotated)
	if len(f.Annotated) > 0 {
		r.buf = bytes.Buffer{} // the old one holds them
	} else {
		r.buf.Reset()
	}
}

// forget releases the contents of files.
func forget(files []File) {
	for i := range files {
		files[i].Src = nil
	}
}
