package document

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// A Tool is a command of this project, built.
type Tool struct {
	Name    string // plugingen, for instance
	Program string

	mu    sync.Mutex
	helps map[string]help
}

// A help is what a tool prints of one of its commands.
type help struct {
	text string
	err  error
}

// CheckSpan returns an error if the span is a command of the tool, and there is no such
// command or it has no such flag. The span may have a pattern or the like for arguments.
func (t *Tool) CheckSpan(span Span) error {
	words := strings.Fields(span.Text)
	if len(words) > 1 && words[0] == "go" && words[1] == "tool" {
		words = words[2:]
	}
	if len(words) == 0 || words[0] != t.Name {
		return nil
	}
	args := words[1:]
	command := ""
	if len(args) > 0 && isWord(args[0]) {
		command, args = args[0], args[1:]
	}
	if command == "help" && len(args) > 0 && isWord(args[0]) {
		command, args = args[0], args[1:]
	}
	text, err := t.help(command)
	if err != nil {
		return fmt.Errorf("`%s`: %w", span.Text, err)
	}
	for _, arg := range args {
		if name, _, _ := strings.Cut(arg, "="); strings.HasPrefix(name, "-") && !hasFlag(text, name[1:]) {
			return fmt.Errorf("`%s`: %s has no flag %s", span.Text, strings.TrimSpace(t.Name+" "+command), name)
		}
	}
	return nil
}

// isWord reports whether an argument is a command, and neither a flag nor a pattern.
func isWord(arg string) bool { return word.MatchString(arg) }

var word = regexp.MustCompile(`^[a-z]+$`)

// help returns what the tool prints of a command, "" being that without a word.
func (t *Tool) help(command string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h, ok := t.helps[command]; ok {
		return h.text, h.err
	}
	args := []string{"-h"}
	if command != "" {
		args = []string{"help", command}
	}
	out, err := exec.Command(t.Program, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s", strings.TrimSpace(string(out)))
	}
	if t.helps == nil {
		t.helps = map[string]help{}
	}
	t.helps[command] = help{string(out), err}
	return string(out), err
}

// hasFlag reports whether a help describes the flag.
func hasFlag(help, name string) bool {
	for line := range strings.Lines(help) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == "-"+name {
			return true
		}
	}
	return false
}

// PipelineCommands returns the commands in a configuration of continuous integration, in YAML:
// the values of run, of entry, and the lines or items below run and script.
func PipelineCommands(text string) []string {
	var commands []string
	below := -1 // the indentation of the key whose lines follow, -1 if none do
	for line := range strings.Lines(text) {
		command := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		item := strings.TrimPrefix(command, "- ")
		key, value, _ := strings.Cut(item, ":")
		switch value = strings.TrimSpace(value); {
		case command == "" || strings.HasPrefix(command, "#"):
		case below >= 0 && indent > below:
			commands = append(commands, item)
		case key != "run" && key != "script" && key != "entry":
			below = -1
		case value == "" || value == "|" || value == ">":
			below = indent + len(command) - len(item)
		default:
			commands, below = append(commands, value), -1
		}
	}
	return commands
}
