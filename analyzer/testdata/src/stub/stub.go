package stub

import _ "stub/api"

//plugin:namespace=stub name=none
type None struct{} // want `it has no method Do; it has no method Load`

type half[T, U any] struct{ _ T } // behind the type

func (half[T, U]) Do(n int, more ...string) (ok bool, err error) { return }

//plugin:namespace=stub name=half factory
func newHalf() half[int, string] { return half[int, string]{} } // want `it has no method Load`

//plugin:namespace=stub name=slip
type Slip struct{} // want `method load should be Load`

func (*Slip) load()                                         {}
func (*Slip) Do(n int, more ...string) (ok bool, err error) { return }
