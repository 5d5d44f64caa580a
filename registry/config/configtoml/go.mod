module github.com/plugingen/plugingen/registry/config/configtoml

go 1.26.0

require (
	github.com/matryer/is v1.4.1
	github.com/pelletier/go-toml/v2 v2.4.3
	github.com/plugingen/plugingen v0.0.0
)

replace github.com/plugingen/plugingen => ../../..
