package rulestest

// A Plugin is one of a case.
type Plugin struct {
	ID      string // namespace:name
	Aliases []string
	Build   string // build constraint, "" for none
}

// A Requirement is how a requirement of the plugin app:user is looked up.
type Requirement struct {
	Requires string
	Others   []Plugin
	Means    []string // the IDs of those of the others that it requires; none: that is an error
}

// Requirements returns the cases for requirements.
func Requirements() []Requirement {
	other := func(ids ...string) (all []Plugin) {
		for _, id := range ids {
			all = append(all, Plugin{ID: id})
		}
		return all
	}
	aliased := []Plugin{
		{ID: "app:long", Aliases: []string{"short", "with:colon"}},
		{ID: "s3:default", Aliases: []string{"main"}},
	}
	return []Requirement{
		{Requires: "logging", Others: other("app:logging", "core:logging"), Means: []string{"app:logging"}},
		{Requires: "logging", Others: other("core:logging")},
		{Requires: "core:logging", Others: other("app:logging", "core:logging"), Means: []string{"core:logging"}},
		{Requires: "core:logging", Others: other("app:logging")},
		// The own namespace comes first, whatever else is linked.
		{Requires: "s3:default", Others: other("app:s3:default", "s3:default"), Means: []string{"app:s3:default"}},
		{Requires: "s3:default", Others: other("app:s3:default"), Means: []string{"app:s3:default"}},
		{Requires: "s3:default", Others: other("s3:default"), Means: []string{"s3:default"}},
		// The first colon ends the namespace.
		{Requires: "s3:default:eu", Others: other("s3:default:eu", "s3:default"), Means: []string{"s3:default:eu"}},
		{Requires: "app:logging", Others: other("app:logging"), Means: []string{"app:logging"}},
		{Requires: "app:s3:default", Others: other("app:s3:default", "s3:default"), Means: []string{"app:s3:default"}},
		{Requires: "short", Others: aliased, Means: []string{"app:long"}},
		{Requires: "with:colon", Others: aliased, Means: []string{"app:long"}},
		{Requires: "s3:main", Others: aliased, Means: []string{"s3:default"}},
		{Requires: "main", Others: aliased},
		{Requires: "s3:*", Others: other("s3:a", "s3:b", "app:c"), Means: []string{"s3:a", "s3:b"}},
		{Requires: "s3:*", Others: other("app:c")},
	}
}

// A Clash is whether plugins, of different packages, have a name in common.
type Clash struct {
	Plugins []Plugin
	IDs     []string // which two plugins claim
}

// Clashes returns the cases for names. Where there are build constraints, a program
// has only one of the plugins.
func Clashes() []Clash {
	return []Clash{
		{Plugins: []Plugin{{ID: "app:a"}, {ID: "app:b"}, {ID: "other:a"}}},
		{Plugins: []Plugin{{ID: "app:a"}, {ID: "app:a"}}, IDs: []string{"app:a"}},
		{Plugins: []Plugin{{ID: "app:a"}, {ID: "app:A"}}},
		{Plugins: []Plugin{{ID: "app:a"}, {ID: "app:b", Aliases: []string{"a"}}}, IDs: []string{"app:a"}},
		{
			Plugins: []Plugin{{ID: "app:a", Aliases: []string{"x"}}, {ID: "app:b", Aliases: []string{"x"}}},
			IDs:     []string{"app:x"},
		},
		{Plugins: []Plugin{{ID: "app:a", Aliases: []string{"x"}}, {ID: "other:b", Aliases: []string{"x"}}}},
		{Plugins: []Plugin{{ID: "app:a", Build: "linux"}, {ID: "app:a", Build: "!linux"}}},
		{Plugins: []Plugin{{ID: "app:a", Build: "linux"}, {ID: "app:b", Build: "!linux", Aliases: []string{"a"}}}},
		{Plugins: []Plugin{{ID: "app:a", Build: "linux && pro"}, {ID: "app:a", Build: "!pro"}}},
	}
}

// A Misspelling is a name that no plugin has.
type Misspelling struct {
	Word    string
	Known   []string // names of plugins
	Aliases []string // of the first of these
	Want    string   // the name that is suggested, "" if none is

	// Doubtful is set if the word may be right: it is no error in a package whose plugins
	// are those of programs that are not known.
	Doubtful bool
}

// Misspellings returns the cases for the nearest name.
func Misspellings() []Misspelling {
	return []Misspelling{
		{Word: "loging", Known: []string{"logging", "loading"}, Want: "logging"},
		{Word: "ogging", Known: []string{"logging"}, Want: "logging"},
		{Word: "lgoging", Known: []string{"logging"}, Want: "logging"}, // neighbours that changed places
		{Word: "Logging", Known: []string{"logging"}, Want: "logging"},
		{Word: "LOGGING", Known: []string{"logging"}, Want: "logging"},
		{Word: "lggng", Known: []string{"logging"}}, // two edits in a short word
		{Word: "configrtion", Known: []string{"configuration"}, Want: "configuration"},
		{Word: "cnfigrtion", Known: []string{"configuration"}},
		{Word: "bat", Known: []string{"cat", "bar"}, Want: "bar"}, // of equals, the first in order
		{Word: "x", Known: []string{"y"}},
		{Word: "oo", Known: []string{"o"}, Want: "o", Doubtful: true},
		{Word: "s4", Known: []string{"s3", "s44"}, Want: "s3", Doubtful: true},
		{Word: "über", Known: []string{"uber"}, Want: "uber"}, // one character, of two bytes
		{Word: "log", Known: []string{"logging"}},
		{Word: "something", Known: []string{"logging", "loading"}},
		{Word: "regoin1", Known: []string{"region1", "region2"}, Want: "region1"},
		{Word: "region3", Known: []string{"region1", "region2"}, Want: "region1", Doubtful: true},
		{Word: "regio1", Known: []string{"regio2", "region1"}, Want: "regio2", Doubtful: true},
		{Word: "loging", Known: []string{"journal"}, Aliases: []string{"logging"}, Want: "logging"},
		{Word: "bat", Known: []string{"cat"}, Aliases: []string{"bar"}, Want: "bar"},
		{Word: "bat", Known: []string{"bar"}, Aliases: []string{"cat"}, Want: "bar"},
	}
}

// A Match is whether a glob matches a text.
type Match struct {
	Glob, Text string
	Want       bool
}

// Matches returns the cases for globs.
func Matches() []Match {
	return []Match{
		{"my.plugins", "my.plugins", true},
		{"my", "my.plugins", false},
		{"plugins", "my.plugins", false},
		{"my.*", "my.plugins", true},
		{"my.*", "my.plugins.cli", true}, // an asterisk passes dots,
		{"my.*", "my.plugins:a", true},   // colons
		{"a*z", "a/b/z", true},           // and slashes
		{"a/*", "a/b", true},
		{"a/b", "a/b", true},
		{"a?b", "a/b", true},
		{"my.plugins.*", "my.plugins", false},
		{"*", "anything", true},
		{"*", "", true},
		{"**a**", "bab", true},
		{"?", "é", true}, // a character and not a byte
		{"?", "", false},
		{"?", "ab", false},
		{"[ab]c", "ac", true},
		{"[ab]c", "bc", true},
		{"[ab]c", "cc", false},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "cx", true}, // both ends are of the range
		{"[a-c]x", "ax", true},
		{"[a-c]x", "dx", false},
		{"[a-c]x", "-x", false},
		{"[a-cx-z]", "y", true},
		{"[c-a]", "b", false},
		{"[!a-c]x", "dx", true},
		{"[!a-c]x", "bx", false},
		{"[^a]", "b", false}, // only an exclamation mark negates
		{"[^a]", "^", true},
		{"[-a]", "-", true},
		{"[a-]", "-", true},
		{"[]]", "]", true},
		{"[]a]", "a", true},
		{"[!]]", "]", false},
		{"[!]]", "a", true},
		{"[!]", "!", false}, // no set, and then this is text
		{"[!]", "[!]", true},
		{"[also", "[also", true},
		{"[*]", "*", true},
		{"[*]", "a", false},
		{`\*`, `\a`, true}, // a backslash is text
		{"*a*s*e", "also-simple", true},
		{"*a*s*x", "also-simple", false},
	}
}

// Sections returns the cases for sections of a configuration, and whether each is one.
func Sections() map[string]bool {
	return map[string]bool{
		"services": true, "a.b-c.D_4": true, "größe": true, "a/b": true, "s3:default": true, "a`b": true,
		"": false, ".": false, "a.": false, ".a": false, "a..b": false, " ": false, "a b": false, "a=b": false,
		"a[0]": false, "a]": false, "'a'": false, `"a"`: false, "a.\"b\"": false, "a\tb": false, "a\nb": false,
		"a\u00a0b": false, "a\u202eb": false, "\x1b": false, "\ufffd": false,
	}
}

// PluginNames returns the cases for names of plugins, and whether each is one.
func PluginNames() map[string]bool {
	return map[string]bool{
		"cpu": true, "a.b/c:d-e_f@g+h": true, "größe": true, "二": true, "a b": true, "a=b": true, "*": true,
		"a\\b": true, "$HOME": true, "//": true, "[a]": true, "a//b": true,
		"é": true, "e\u0301": true, ".": true, "😀": true,
		"": false, " ": false, " a": false, "a ": false, "a,b": false, `a"b`: false, "a'b": false, "a`b": false,
		"a\tb": false, "a\nb": false, "a\u00a0b": false, "a\u200bb": false, "a\u202eb": false, "\x1b": false,
		"\ufffd": false, "\u0085": false,
	}
}

// Namespaces returns the cases for namespaces, and whether each is one.
func Namespaces() map[string]bool {
	return map[string]bool{
		"app": true, "app.inputs": true, "a-b.c_d.E1": true, "größe": true, "二.三": true, "1": true, "-": true,
		"_": true,
		"":  false, ".": false, "a.": false, ".a": false, "a..b": false, " ": false, "a b": false, "a/b": false,
		"a:b": false, "a=b": false, "a*": false, "a+b": false, "a,b": false, `a"b`: false, "a\nb": false,
		"a\u200bb": false, "e\u0301": false, "²": false, "Ⅻ": false, "\ufffd": false, "😀": false,
	}
}
