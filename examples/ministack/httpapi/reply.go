package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Reply answers with a value as JSON. What can't be encoded is an error, and then
// nothing has been written.
func Reply(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body = append(body, '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error here is the client's going away
	return nil
}

// NoContent answers that the request was done, and there is no more to say.
func NoContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// CreatedOr returns the status of a PUT that made a thing, or replaced it.
func CreatedOr(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}
