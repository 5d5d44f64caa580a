package main

import (
	_ "apart/a"
	_ "apart/c"
)

//plugin:link exclude=apart:long

func main() {}
