# Each target does all of its own set-up: Go is all that has to be there.

# Every module of the tree; each stands alone, without the workspace.
modules = . analyzer/golangci examples/distributions/third examples/distributions/host examples/ministack/extras examples/ministack

bin := $(CURDIR)/bin

.PHONY: demo test generate check vet build clean

# Generates, vets, builds and runs the example program through one scenario.
demo: generate vet
	cd examples/ministack && GOWORK=off go build -o $(bin)/ministack ./cmd/ministack
	examples/ministack/demo.sh $(bin)/ministack

# Runs every test of every module, with the race detector, and the checks in each
# program that can run them.
test: check vet build
	for m in $(modules); do (cd $$m && GOWORK=off go test -race ./...) || exit 1; done
	cd analyzer/integration && GOWORK=off go vet ./... && GOWORK=off go test ./...
	$(MAKE) -C bench test

generate: $(bin)/plugingen
	$(bin)/plugingen ./...

# Fails if a generated file is out of date, in the workspace or in a module by
# itself, or a file is not formatted.
check: $(bin)/plugingen
	$(bin)/plugingen check ./...
	for m in $(modules); do (cd $$m && GOWORK=off $(bin)/plugingen check ./...) || exit 1; done
	test -z "$$(gofmt -l . | tee /dev/stderr)"

# The standard checks and ours.
vet: $(bin)/pluginvet
	for m in $(modules); do \
		(cd $$m && GOWORK=off go vet ./... && GOWORK=off go vet -vettool=$(bin)/pluginvet ./...) || exit 1; \
	done

# The examples build for every system.
build:
	for os in linux windows darwin; do \
		for m in $(modules); do (cd $$m && GOWORK=off GOOS=$$os go build -o /dev/null ./...) || exit 1; done \
	done

# Built anew each time: go build is quick when there is nothing to do.
.PHONY: $(bin)/plugingen $(bin)/pluginvet
$(bin)/plugingen $(bin)/pluginvet:
	GOWORK=off go build -o $@ ./cmd/$(@F)

# Measures this project beside others; takes a while.
.PHONY: bench
bench:
	$(MAKE) -C bench bench

clean:
	rm -rf $(bin)
