package main

import (
	"bufio"
	"cmp"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
)

//go:embed completion
var scripts embed.FS

var shells = []string{"bash", "zsh", "fish"}

// completionCommand returns the command that prints the script of a shell.
func completionCommand() *command {
	return &command{
		name: "completion", args: strings.Join(shells, "|"), run: completion, complete: completeShell,
		short: "print a script that completes command lines",
		long: `Completion prints a script by which a shell completes commands, flags and their values,
packages, namespaces, plugins and keys. Put it where the shell looks for it:

	plugingen completion bash >~/.local/share/bash-completion/completions/plugingen
	plugingen completion zsh >"${fpath[1]}/_plugingen"
	plugingen completion fish >~/.config/fish/completions/plugingen.fish

or, for one session of bash:

	source <(plugingen completion bash)

If plugingen is a tool of your modules, give it a short name that completes, too. This is
for bash and zsh; in fish, write function plugingen; go tool plugingen $argv; end:

	plugingen() { go tool plugingen "$@"; }`,
		examples: []example{
			{"completion bash", "the script for bash"},
		},
	}
}

// completeShell offers the shells.
func completeShell(l *line, _ string, before []string) {
	if len(before) == 0 {
		for _, shell := range shells {
			l.offer(shell, "")
		}
	}
}

// completion prints the script by which a shell completes command lines.
func completion(c *invocation) int {
	if len(c.args) != 1 || !slices.Contains(shells, c.args[0]) {
		return c.fail(errors.New("name a shell: plugingen completion " + strings.Join(shells, "|")))
	}
	script, err := scripts.ReadFile("completion/" + c.args[0])
	if err == nil {
		_, err = c.out.Write(script)
	}
	if err != nil {
		return c.fail(err)
	}
	return done
}

// completeCommand is the command that the scripts run, with the words of a command line. It
// isn't for people.
const completeCommand = "__complete"

// complete prints what the last word may become, one value on each line, with a description
// after a tab. The lines ":files" and ":directories" leave it to the shell. It writes and
// downloads nothing, and prints no errors.
func (c *invocation) complete(words []string) int {
	c.err = io.Discard
	if len(words) == 0 {
		words = []string{""}
	}
	out := bufio.NewWriter(c.out)
	l := line{word: words[len(words)-1], out: out}
	l.complete(words[:len(words)-1])
	if err := out.Flush(); err != nil {
		return failed
	}
	return done
}

// A line is a command line whose last word is to be completed.
type line struct {
	word   string
	prefix string // of the word, that is no part of the value
	out    io.Writer
}

// offer prints a value that the word may become, unless it begins in another way. Values that
// a terminal would not show as they are come from files of strangers.
func (l *line) offer(value, description string) {
	value = l.prefix + value
	if strings.HasPrefix(value, l.word) && terminal.Line(value) == value {
		description, _, _ = strings.Cut(description, "\n")
		fmt.Fprintf(l.out, "%s\t%s\n", value, terminal.Line(description))
	}
}

// complete offers values for what follows the words.
func (l *line) complete(before []string) {
	cmd := commandNamed("generate")
	before, err := enter(before)
	switch {
	case err != nil:
		return
	case len(before) == 0:
		l.commands()
	case commandNamed(before[0]) != nil:
		cmd, before = commandNamed(before[0]), before[1:]
	}
	flags := cmd.flagSet(&invocation{})
	n := 0 // arguments that are no flags
	for i := 0; i < len(before); i++ {
		f, value, given := flagOf(flags, before[i])
		switch {
		case n > 0 || !strings.HasPrefix(before[i], "-"):
			n++
		case f == nil || isBool(f):
		case given || i+1 < len(before):
			if !given {
				i++
				value = before[i]
			}
			if f.Name == "C" && terminal.Chdir(value) != nil {
				return
			}
		default:
			l.value(cmd, f)
			return
		}
	}
	if n > 0 || !strings.HasPrefix(l.word, "-") {
		l.argument(cmd, before[len(before)-n:]) // flags come first
		return
	}
	if f, value, given := flagOf(flags, l.word); f != nil && given {
		l.prefix = strings.TrimSuffix(l.word, value)
		l.value(cmd, f)
		return
	}
	l.flags(flags)
}

// flagOf returns the flag that a word is, nil if it is none, and the value that it has after a
// sign of equality, if it has one.
func flagOf(flags *flag.FlagSet, word string) (f *flag.Flag, value string, given bool) {
	name := strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
	name, value, given = strings.Cut(name, "=")
	return flags.Lookup(name), value, given
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func (l *line) commands() {
	for _, cmd := range commands() {
		l.offer(cmd.name, cmd.short)
	}
}

func (l *line) flags(flags *flag.FlagSet) {
	dashes := "-"
	if strings.HasPrefix(l.word, "--") {
		dashes = "--"
	}
	flags.VisitAll(func(f *flag.Flag) {
		_, usage := flag.UnquoteUsage(f)
		if isBool(f) {
			l.offer(dashes+f.Name, usage)
		} else {
			l.offer(dashes+f.Name+"=", usage)
		}
	})
}

// value offers values of a flag of a command. Its usage names what kind of a value it has.
func (l *line) value(cmd *command, f *flag.Flag) {
	switch kind, _ := flag.UnquoteUsage(f); kind {
	case "when":
		for _, color := range terminal.Colors() {
			l.offer(string(color), "")
		}
	case "file":
		fmt.Fprintln(l.out, ":files")
	case "directory", "dir":
		fmt.Fprintln(l.out, ":directories")
	default:
		if cmd.complete != nil {
			cmd.complete(l, kind, nil)
		}
	}
}

// skipList has the value begin behind the last comma of the word.
func (l *line) skipList() {
	begun := strings.TrimPrefix(l.word, l.prefix)
	l.prefix += begun[:strings.LastIndex(begun, ",")+1]
}

// plugins offers the namespaces of the module or, outside of modules, those of the workspace's
// modules below, and, if they are wanted, the plugins in them.
func (l *line) plugins(wanted bool) {
	dir, _ := mainModule()
	plugins, err := gen.Declared(cmp.Or(dir, "."), []string{"./..."})
	if err != nil {
		return
	}
	namespace := ""
	for _, p := range plugins {
		if p.Namespace != namespace {
			namespace = p.Namespace
			l.offer(namespace, "a namespace")
		}
		if wanted {
			l.offer(namespace+":"+p.Name, p.Doc)
		}
	}
}

// argument offers values of an argument of a command that is no flag. before are the arguments
// before it.
func (l *line) argument(cmd *command, before []string) {
	switch kind := cmd.argument(len(before)); {
	case kind == "packages" || kind == "host":
		l.packages()
	case cmd.complete != nil:
		cmd.complete(l, kind, before)
	}
}

// argument returns what the usage of a command calls its nth argument, "" if it takes fewer.
func (cmd *command) argument(n int) string {
	words := strings.Fields(cmd.args)
	if len(words) > 0 && words[0] == "[flags]" {
		words = words[1:]
	}
	if len(words) == 0 || n >= len(words) && words[len(words)-1] != "[packages]" {
		return ""
	}
	return strings.Trim(words[min(n, len(words)-1)], "[]")
}

// packages offers directories and patterns, or import paths if the word begins like one.
func (l *line) packages() {
	if l.word == "" || l.word[0] == '.' || filepath.IsAbs(l.word) {
		l.directories("", l.word)
		return
	}
	dir, path := mainModule()
	if rel, ok := strings.CutPrefix(l.word, path+"/"); ok {
		l.directories(dir+"/", path+"/"+rel)
	} else if path != "" {
		l.offer(path, "")
		l.offer(path+"/...", "")
	}
}

// directories offers the directories in the one that the word names, and a pattern for all
// below it. The word is an import path if root is the directory of the module.
func (l *line) directories(root, word string) {
	parent := word[:strings.LastIndexAny(word, `/\`)+1]
	if parent == "" {
		parent = "./" // the go command takes other words for import paths
	}
	dir := parent
	if root != "" {
		_, path := mainModule()
		dir = root + strings.TrimPrefix(parent, path+"/")
	}
	l.offer(parent+"...", "")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() && !rules.IsIgnoredDir(e.Name()) {
			l.offer(parent+e.Name()+"/", "")
		}
	}
}

// mainModule returns the directory of the module that the working directory is in, and its path;
// "" if there is none, or a workspace is closer.
func mainModule() (dir, path string) {
	dir, err := os.Getwd()
	if err != nil {
		return "", ""
	}
	for {
		src, err := readfile.GoMod(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, modfile.ModulePath(src)
		}
		_, err = os.Stat(filepath.Join(dir, "go.work"))
		parent := filepath.Dir(dir)
		if err == nil || parent == dir {
			return "", ""
		}
		dir = parent
	}
}
