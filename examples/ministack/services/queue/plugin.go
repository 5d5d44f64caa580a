package queue

import (
	"net/http"
	"time"

	"github.com/plugingen/plugingen/registry"
	"go.etcd.io/bbolt"

	"example.com/ministack/service"
)

// Options are those of a message queue service.
type Options struct {
	service.Options `plugin:"option"`

	// Visibility is how long a receiver has to delete a message, unless it says otherwise.
	Visibility time.Duration `plugin:"option default=30s min=0s max=12h"`
}

// New makes a message queue service: one for each of the directives, in which
// x_order says what tells them apart.
//
//plugin:namespace=ministack.services name=queue factory x_port=4573 doc="message queues in which nobody waits for another's message"
//plugin:namespace=ministack.services name=fifo factory x_port=4574 x_order=strict doc="message queues in which nothing overtakes"
func New(spec *registry.Spec, o Options) *service.Server {
	order, _ := spec.Attr("x_order")
	return service.New(spec, o.Options, func(db *bbolt.DB) (http.Handler, error) {
		s, err := openStore(db, order == "strict")
		return newHandler(s, o.Visibility), err
	})
}
