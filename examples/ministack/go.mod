module example.com/ministack

go 1.26.0

require (
	example.com/ministack-extras v0.0.0
	github.com/matryer/is v1.4.1
	github.com/plugingen/plugingen v0.0.0
	github.com/spf13/cobra v1.10.2
	go.etcd.io/bbolt v1.5.0
)

require github.com/pelletier/go-toml/v2 v2.4.3 // indirect

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/fsnotify/fsnotify v1.10.1 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/plugingen/plugingen/registry/config/configtoml v0.0.0
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

replace (
	example.com/ministack-extras => ./extras
	github.com/plugingen/plugingen => ../../
)

tool (
	github.com/plugingen/plugingen/cmd/plugingen
	github.com/plugingen/plugingen/cmd/pluginvet
)

replace github.com/plugingen/plugingen/registry/config/configtoml => ../../registry/config/configtoml
