#!/bin/sh
# Runs ministack through one scenario and says what happens. It ends with status 0
# if everything was as it should be, and leaves nothing behind.
#
#   demo.sh [program]      builds the program if none is given; needs nothing but Go
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
pid=

cleanup() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

step() { printf '\n=== %s\n' "$*"; }

fail() {
	printf 'demo.sh: %s\n' "$*" >&2
	[ ! -f "$work/log" ] || cat "$work/log" >&2
	exit 1
}

# ministack shows a command, runs it and keeps what it prints in $out.
ministack() {
	printf '$ ministack %s\n' "$*"
	status=0
	out=$("$program" "$@" 2>&1) || status=$?
	printf '%s\n' "$out"
}

# expect wants the last command to have succeeded, and printed a text.
expect() {
	[ "$status" = 0 ] || fail "the last command failed with status $status"
	shows "$1"
}

# refuses wants the last command to have failed, with a text.
refuses() {
	[ "$status" != 0 ] || fail "the last command should have failed"
	shows "$1"
}

shows() {
	case $out in
	*"$1"*) ;;
	*) fail "expected to see: $1" ;;
	esac
}

# start runs the services in the background and returns when they are ready.
start() {
	printf '$ ministack start --config ministack.toml\n'
	ready=
	"$program" start --config "$work/ministack.toml" >"$work/started" 2>"$work/log" &
	pid=$!
	while read -r name url; do
		printf '%s\n' "$name${url:+ $url}"
		case $name in
		objects) objects=$url ;;
		queue) queue=$url ;;
		sequences) sequences=$url ;;
		ready) ready=yes && break ;;
		esac
	done <"$work/started"
	[ -n "$ready" ] || fail "ministack did not start"
}

# interrupt does what Ctrl-C does, and shows in which order the services stop.
interrupt() {
	printf '$ kill -INT %s\n' "$pid"
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	pid=
	out=$(sed -n 's/.*msg="service stopped" service=//p' "$work/log" | tr '\n' ' ')
	printf 'stopped: %s\n' "$out"
	expect "sequences queue objects"
}

# configure writes the configuration file, at once, and shows it.
configure() {
	printf '$ cat ministack.toml\n'
	cat >"$work/new"
	cat "$work/new"
	mv "$work/new" "$work/ministack.toml"
}

# logs waits until the log has a text.
logs() {
	tries=0
	until grep -q "$1" "$work/log"; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail "expected in the log: $1"
		sleep 0.1
	done
	sed -n "s/.*\\(result\\|err\\)=//; /$1/p" "$work/log" | tail -n 1
}

program=${1:-$work/ministack.exe}
[ $# -gt 0 ] || (cd "$here" && go build -o "$program" ./cmd/ministack) || fail "the build failed"
mkfifo "$work/started"

export DATA_DIR="$work/data" LISTEN=127.0.0.1:0 LOG_LEVEL=info

step "Everything is a plugin, whichever module it comes from"
ministack plugins
expect "ministack.services:sequences"
expect "example.com/ministack-extras"

step "Options come from a file, the environment and --set"
configure <<END
[services.objects]
quota = "10MiB"

[services.queue]

[services.sequences]
END
ministack config --config "$work/ministack.toml" --set services.queue.visibility=1m
expect 'quota = "10MiB"'
shows 'visibility = "1m"'
ministack config --set services.objects.qouta=1 --set services.queue.visibility=soon
refuses "did you mean quota?"
shows "services.queue.visibility"

step "Those that the configuration names run; one of these is a third party's"
ministack services --config "$work/ministack.toml"
expect "sequences  enabled"
start

step "An object is put, and comes back"
ministack http PUT "$objects/photos"
expect '"bucket":"photos"'
ministack http PUT "$objects/photos/2026/cat.txt" "a cat, asleep"
expect '"size":13'
ministack http GET "$objects/photos/2026/cat.txt"
expect "a cat, asleep"

step "A message is sent, received and deleted; a second one waits"
ministack http PUT "$queue/queues/jobs"
expect '"queue":"jobs"'
ministack http POST "$queue/queues/jobs/messages" "resize the cat"
expect '"id":1'
ministack http POST "$queue/queues/jobs/messages" "feed the cat"
expect '"id":2'
ministack http POST "$queue/queues/jobs/receive"
expect '"body":"resize the cat"'
receipt=$(printf '%s' "$out" | sed 's/.*"receipt":"\([^"]*\)".*/\1/')
ministack http DELETE "$queue/queues/jobs/messages/$receipt"
expect ""

step "The third party's service counts"
ministack http POST "$sequences/sequences/invoices"
expect '"value":1'

step "The program follows its configuration: one service goes on with another limit, one is added"
configure <<END
[services.objects]
quota = "16B"

[services.queue]

[services.sequences]

[services."objects/backup"]
addr = "127.0.0.1:0"
END
logs "objects reloaded"
ministack http PUT "$objects/photos/2026/dog.txt" "a dog, awake, and a bone"
refuses "507"

step "A configuration with an error changes nothing"
configure <<END
[services.objects]
quota = "large"
END
logs "want a number of bytes"
ministack http GET "$objects/photos/2026/cat.txt"
expect "a cat, asleep"
configure <<END
[services.objects]

[services.queue]

[services.sequences]
END
logs "objects.backup removed"

step "Asking for a plugin that is missing names the ones there are"
ministack start objcts
refuses "objects"
shows "sequences"

step "An interrupt stops the services, the last one first"
interrupt

step "After a restart everything is still there"
start
ministack http GET "$objects/photos/2026/cat.txt"
expect "a cat, asleep"
ministack http POST "$queue/queues/jobs/receive"
expect '"body":"feed the cat"'
ministack http POST "$sequences/sequences/invoices"
expect '"value":2'
interrupt

printf '\nThe demo went as it should.\n'
