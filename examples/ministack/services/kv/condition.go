package kv

import (
	"net/http"
	"strconv"

	"example.com/ministack/httpapi"
)

// A condition says in which versions a key may be changed. Versions begin at 1;
// version 0 is a key that is not there.
type condition struct {
	absent  bool   // only version 0
	present bool   // any version but 0
	version uint64 // this version, unless it is 0
}

// conditionOf reads the headers If-Match and If-None-Match.
func conditionOf(r *http.Request) (c condition, err error) {
	switch none := r.Header.Get("If-None-Match"); none {
	case "", "*":
		c.absent = none != ""
	default:
		return c, httpapi.Errorf(http.StatusBadRequest, "If-None-Match: %s: only * is understood", none)
	}
	switch match := r.Header.Get("If-Match"); match {
	case "", "*":
		c.present = match != ""
	default:
		c.version, err = parseETag(match)
	}
	return c, err
}

// change says why a key of this version may not be changed.
func (c condition) change(key string, version uint64) error {
	switch {
	case c.absent && version != 0:
		return httpapi.Errorf(http.StatusPreconditionFailed, "the key %q is there, with version %d", key, version)
	case (c.present || c.version != 0) && version == 0:
		return httpapi.Errorf(http.StatusPreconditionFailed, "there is no key %q", key)
	case c.version != 0 && c.version != version:
		return httpapi.Errorf(http.StatusPreconditionFailed, "the key %q has version %d, not %d", key, version,
			c.version)
	}
	return nil
}

func etag(version uint64) string { return strconv.Quote(strconv.FormatUint(version, 10)) }

func parseETag(tag string) (uint64, error) {
	text, err := strconv.Unquote(tag)
	version, parseErr := strconv.ParseUint(text, 10, 64)
	if err != nil || parseErr != nil || version == 0 {
		return 0, httpapi.Errorf(http.StatusBadRequest,
			"If-Match: %s: want * or a version as in an ETag: a number in quotes", tag)
	}
	return version, nil
}
