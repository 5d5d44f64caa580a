package a

//plugin:namespace=req name=one requires=two
func One() {}

//plugin:namespace=req name=old deprecated="use one"
func Old() {}

//plugin:namespace=req name=uses requires=old // want `plugin req:uses: it requires req:old, which is deprecated: use one`
func Uses() {}

//plugin:namespace=req name=colon:name requires=one
func Colon() {}

//plugin:namespace=req name=fine requires=colon:name
func Fine() {}

// A name of the own namespace comes before another namespace.
//
//plugin:namespace=req name=s3:default
func Own() {}

//plugin:namespace=s3 name=default deprecated="use another"
func Default() {}

//plugin:namespace=req name=shadowed requires=s3:default
func Shadowed() {}

//plugin:namespace=req.other name=foreign requires=s3:default // want `plugin req.other:foreign: it requires s3:default, which is deprecated: use another`
func Foreign() {}
