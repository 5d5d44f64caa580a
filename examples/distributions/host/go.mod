module example.com/host

go 1.26.0

require (
	example.com/third v0.0.0
	github.com/plugingen/plugingen v0.0.0
)

replace (
	example.com/third => ../third
	github.com/plugingen/plugingen => ../../..
)
