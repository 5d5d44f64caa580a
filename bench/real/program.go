package real

// A program is a published one that registers plugins by hand.
type program struct {
	name    string
	module  string   // path@version
	tags    string   // build tags
	command string   // the directory of its package main
	host    string   // the directory of the package that main imports for its imports
	list    []string // arguments with which the program lists its plugins
	start   []string // arguments with which it does nothing else but start
	checked []string // patterns of packages for pluginvet
	ten     string   // ten of the plugins, as the directive of a host names them
	note    string   // what a reader of the table has to know

	// listed returns the plugins in what the program lists; nil if they are one a line.
	listed func([]byte) ([]string, error)
	// bridge is a file of package main: it gives the program's own registry what is linked.
	bridge string
	// register puts directives where a package registers plugins, and returns how many.
	register func(*pkg) (int, error)
}

var programs = []program{caddy, telegraf, coreDNS, rclone}
