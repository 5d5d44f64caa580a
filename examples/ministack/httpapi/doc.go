// Package httpapi is how the services of ministack speak HTTP: replies and errors
// are JSON, bodies have limits, names are checked.
//
// A service registers handlers that may fail:
//
//	mux := httpapi.NewMux()
//	mux.Handle("GET /things/{name}", func(w http.ResponseWriter, r *http.Request) error {
//		thing, ok := find(r.PathValue("name"))
//		if !ok {
//			return httpapi.Errorf(http.StatusNotFound, "there is no thing %q", r.PathValue("name"))
//		}
//		return httpapi.Reply(w, http.StatusOK, thing)
//	})
package httpapi
