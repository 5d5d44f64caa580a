package main

import (
	_ "apart/a"
	_ "apart/b"
)

//plugin:link packages=apart/a,apart/c/...

func main() {}
