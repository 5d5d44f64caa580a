module example.com/third

go 1.26.0

require github.com/plugingen/plugingen v0.0.0

replace github.com/plugingen/plugingen => ../../..
