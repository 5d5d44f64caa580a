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
