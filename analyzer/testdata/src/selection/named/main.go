package main

import (
	_ "selection/a"
	_ "selection/b"
)

//plugin:link packages=selection/a,selection/c/...

func main() {}
