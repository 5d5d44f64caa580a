package rulestest

import "strings"

// An Instance is the plugin that a name in a section of a configuration is an instance of.
type Instance struct {
	Plugins []string // names of the plugins of the namespace
	Aliases []string // of the first one
	Key     string
	Of      string // one of the plugins, or "" if the name is unknown
}

// Instances returns the cases for names in a section. A name with slashes in it can be the
// name of a plugin, too: the plugin with the longest name is meant.
func Instances() []Instance {
	tcp := []string{"net", "net/tcp", "network"}
	return []Instance{
		{[]string{"cpu"}, nil, "cpu", "cpu"},
		{[]string{"cpu"}, nil, "cpu/two", "cpu"},
		{[]string{"cpu"}, nil, "cpu/a/b", "cpu"},
		{[]string{"cpu"}, nil, "cpu2", ""},
		{[]string{"cpu"}, nil, "cp/u", ""},
		{[]string{"cpu"}, nil, "gpu/cpu", ""},
		{[]string{"cpu"}, []string{"processor"}, "processor", "cpu"},
		{[]string{"cpu"}, []string{"processor"}, "processor/two", "cpu"},
		{[]string{"net/tcp"}, nil, "net/tcp", "net/tcp"},
		{[]string{"net/tcp"}, nil, "net/tcp/two", "net/tcp"},
		{[]string{"net/tcp"}, nil, "net", ""},
		{[]string{"net/tcp"}, nil, "net/two", ""},
		{[]string{"net/tcp"}, nil, "net/tcp6", ""},
		{tcp, nil, "net", "net"},
		{tcp, nil, "net/t", "net"},
		{tcp, nil, "net/tcp", "net/tcp"},
		{tcp, nil, "net/tcp6", "net"},
		{tcp, nil, "net/tcp.6/x", "net"},
		{tcp, nil, "net/tcp/two", "net/tcp"},
		{tcp, nil, "net/tcp/two/x", "net/tcp"},
		{tcp, nil, "net/x/tcp", "net"},
		{tcp, nil, "network/tcp", "network"},
		{[]string{"a", "a/b/c", "a/b.c"}, nil, "a/b", "a"},
		{[]string{"a", "a/b/c", "a/b.c"}, nil, "a/b/x", "a"},
		{[]string{"a", "a/b/c", "a/b.c"}, nil, "a/b/c/x", "a/b/c"},
		{[]string{"a", "a/b/c", "a/b.c"}, nil, "a/b.c/x", "a/b.c"},
		{[]string{"a", "a/b/c", "a/b.c"}, nil, "a/bxc/x", "a"},
		{[]string{"net", "udp"}, []string{"net/tcp"}, "net/tcp/two", "net"},
		{[]string{"net/tcp", "net"}, []string{"net/old", "t"}, "net/old/two", "net/tcp"},
		{[]string{"net/tcp", "net"}, []string{"net/old", "t"}, "t/two", "net/tcp"},
		{[]string{"net/tcp", "net"}, []string{"net/old", "t"}, "net/older", "net"},
		{[]string{"cpu"}, nil, "cpu/", "cpu"},
		{[]string{"cpu"}, nil, "cpu//two", "cpu"},
		{[]string{"cpu"}, nil, "cpu/two/", "cpu"},
		{tcp, nil, "net/tcp/", "net/tcp"},
		{tcp, nil, "net//tcp", "net"},
		{tcp, nil, "net//tcp/two", "net"},
		{tcp, nil, "net/tcp//two", "net/tcp"},
		{tcp, nil, "net/t,cp", "net"},
		{tcp, nil, "net/tcp/it's", "net/tcp"},
		{[]string{"a", "a/-", "a/^x", "a/]"}, nil, "a/--", "a"},
		{[]string{"a", "a/-", "a/^x", "a/]"}, nil, "a/-/x", "a/-"},
		{[]string{"a", "a/-", "a/^x", "a/]"}, nil, "a/^x", "a/^x"},
		{[]string{"a", "a/-", "a/^x", "a/]"}, nil, "a/.", "a"},
		{[]string{"a", "a/é", "a/è/b"}, nil, "a/ê", "a"},
		{[]string{"a", "a/é", "a/è/b"}, nil, "a/é/x", "a/é"},
		{[]string{"a", "a/é", "a/è/b"}, nil, "a/è/é", "a"},
	}
}

// Valid reports whether the name can be that of an instance: it has something between each two
// slashes and after the last one, and neither quotes nor commas.
func (i Instance) Valid() bool {
	return !strings.HasSuffix(i.Key, "/") && !strings.Contains(i.Key, "//") && !strings.ContainsAny(i.Key, ",'")
}
