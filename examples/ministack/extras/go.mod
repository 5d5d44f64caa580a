module example.com/ministack-extras

go 1.26.0

require (
	example.com/ministack v0.0.0
	github.com/matryer/is v1.4.1
	github.com/plugingen/plugingen v0.0.0
	github.com/spf13/cobra v1.10.2
	go.etcd.io/bbolt v1.5.0
)

replace (
	example.com/ministack => ../
	github.com/plugingen/plugingen => ../../../
)
