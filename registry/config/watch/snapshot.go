package watch

import (
	"io/fs"
	"maps"
	"os"
	"time"
)

// A snapshot is what can be seen of files without reading them.
type snapshot map[string]look

// A look is what a file looks like; the zero look is that of one that is not there.
type look struct {
	info    fs.FileInfo // of what symbolic links lead to
	size    int64
	changed time.Time
}

func take(paths []string) snapshot {
	s := make(snapshot, len(paths))
	for _, path := range paths {
		s[path] = lookAt(path)
	}
	return s
}

func lookAt(path string) look {
	info, err := os.Stat(path)
	if err != nil {
		return look{}
	}
	return look{info, info.Size(), info.ModTime()}
}

// of returns the snapshot of other files: with the same looks of those that it has, and new
// ones of the others.
func (s snapshot) of(paths []string) snapshot {
	other := make(snapshot, len(paths))
	for _, path := range paths {
		l, ok := s[path]
		if !ok {
			l = lookAt(path)
		}
		other[path] = l
	}
	return other
}

// equal reports whether all files look the same. A file that was replaced by one of the
// same size in the same moment is another file all the same.
func (s snapshot) equal(other snapshot) bool {
	return maps.EqualFunc(s, other, func(a, b look) bool {
		if a.info == nil || b.info == nil {
			return a.info == nil && b.info == nil
		}
		return a.size == b.size && a.changed.Equal(b.changed) && os.SameFile(a.info, b.info)
	})
}

// lacks reports whether a file is missing that another snapshot has.
func (s snapshot) lacks(other snapshot) bool {
	for path, l := range s {
		if l.info == nil && other[path].info != nil {
			return true
		}
	}
	return false
}
