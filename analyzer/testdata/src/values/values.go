package values

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

//plugin:namespace=values
type Contract interface{ Do() }

//plugin:namespace=values name=text should_load=text // want `text can't be should_load: its type is flag, and not bool`
type Text struct{}

func (*Text) Do() {}

type (
	flag string
	yes  bool
)

func some() flag { return "" }

var text = some()

//plugin:namespace=values name=named should_load=named // want `named can't be should_load: its type is yes, and not bool`
type Named struct{}

func (*Named) Do() {}

var named = sure()

func sure() yes { return true }

//plugin:namespace=values name=fine should_load=fine
type Fine struct{}

func (*Fine) Do() {}

const fine = 1 < 2

//plugin:namespace=values name=nil
var Nil Contract = nil // want `plugin values:nil: Nil is nil, and nothing in the package sets it`

//plugin:namespace=values name=unset
var unset *Fine // want `unset is nil`

//plugin:namespace=values name=for_others
var ForOthers *Fine

//plugin:namespace=values name=set
var set *Fine

//plugin:namespace=values name=pointed
var pointed Contract = nil

func init() {
	set = new(Fine)
	assign(&pointed)
}

func assign(c *Contract) { *c = set }

type locked struct{ inner struct{ mu [2]sync.Mutex } }

func (locked) Do() {}

//plugin:namespace=values name=copied factory
func newCopied() locked { return locked{} } // want `each use copies its sync.Mutex`

//plugin:namespace=values name=not_copied factory
func newNotCopied() *locked { return &locked{} }

type counter struct{ n atomic.Int64 }

func (counter) Do() {}

//plugin:namespace=values name=counter factory
func newCounter() counter { return counter{} } // want `each use copies its atomic.Int64`

type shared struct {
	mu     *sync.Mutex
	locker sync.Locker
}

func (shared) Do() {}

//plugin:namespace=values name=shared factory
func newShared() shared { return shared{} }

//plugin:namespace=values name=embeds
type Embeds struct{ Contract } // want `its method Do is that of the embedded interface Contract, which is nil in a new Embeds`

//plugin:namespace=values name=sets
type Sets struct{ Contract }

func (s *Sets) Load(context.Context) error { s.Contract = new(Fine); return nil }

type loader interface{ Load(context.Context) error }

//plugin:namespace=values name=loads
type Loads struct{ loader } // want `its method Load is that of the embedded interface loader`

func (*Loads) Do() {}

//plugin:namespace=values name=decides
type Decides struct{ loader }

func (*Decides) Do() {}

func (d *Decides) ShouldLoad() bool { d.loader = nil; return true }

//plugin:namespace=values name=wraps factory=NewWraps
type Wraps struct{ Contract }

func NewWraps() *Wraps { return &Wraps{new(Fine)} }

//plugin:namespace=values name=deep
type Deep struct{ *Fine }

type byValue struct{}

func (byValue) Do() {}

//plugin:namespace=values name=copies
type Copies struct{ *byValue } // want `its method Do is that of the embedded \*byValue, which is nil in a new Copies`

type holds struct{ Fine }

//plugin:namespace=values name=follows
type Follows struct{ *holds } // want `its method Do is that of the embedded \*holds, which is nil in a new Follows`

//plugin:namespace=values name=nothing factory
//plugin:namespace=values name=nobody factory
func newNothing() *Fine { return nil } // want `plugin values:nothing: newNothing always returns nil`

//plugin:namespace=values name=sometimes factory
func newSometimes() (*Fine, error) {
	if fine {
		return nil, nil
	}
	return &Fine{}, nil
}

//plugin:namespace=values name=declines factory
func newDeclines() (*Fine, error) { return nil, errDeclined }

var errDeclined = errors.New("declined")

//plugin:namespace=values name=absent factory should_load=fine
func newAbsent() *Fine { return nil }

//plugin:namespace=values name=unset_here should_load=fine
var unsetHere *Fine

//plugin:namespace=values name=deferred factory
func newDeferred() (made *Fine) {
	defer func() { made = &Fine{} }()
	return nil
}
