package queue

import (
	"net/http"

	"github.com/plugingen/plugingen/registry"
	"go.etcd.io/bbolt"

	"example.com/ministack/service"
)

// New makes a message queue service: one for each of the directives, in which
// x_order says what tells them apart.
//
//plugin:namespace=ministack.services name=queue factory x_port=4573 doc="message queues in which nobody waits for another's message"
//plugin:namespace=ministack.services name=fifo factory x_port=4574 x_order=strict doc="message queues in which nothing overtakes"
func New(spec *registry.Spec) *service.Server {
	order, _ := spec.Attr("x_order")
	return service.New(spec, func(db *bbolt.DB) (http.Handler, error) {
		s, err := openStore(db, order == "strict")
		return newHandler(s), err
	})
}
