package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

const repository = "https://github.com/plugingen/plugingen"

var (
	unreleasedHeading = "## [Unreleased]\n"
	unreleasedLink    = regexp.MustCompile(`(?m)^\[Unreleased\]: .*$`)
)

// cutChangelog returns a changelog in which the unreleased changes are those of
// version, below an empty section of unreleased ones. The form of the changelog
// is that of https://keepachangelog.com.
func cutChangelog(changelog, version string, date time.Time) (string, error) {
	before, changes, ok := strings.Cut(changelog, unreleasedHeading)
	if !ok {
		return "", fmt.Errorf("CHANGELOG.md has no line %q", strings.TrimSpace(unreleasedHeading))
	}
	section, _, _ := strings.Cut(changes, "\n## ")
	if !strings.Contains(section, "\n- ") {
		return "", fmt.Errorf("CHANGELOG.md has no unreleased changes: write what %s changes", version)
	}
	if !unreleasedLink.MatchString(changes) {
		return "", fmt.Errorf("CHANGELOG.md has no link [Unreleased]: ... at its end")
	}
	number := strings.TrimPrefix(version, "v")
	heading := fmt.Sprintf("\n## [%s] - %s\n", number, date.Format(time.DateOnly))
	links := fmt.Sprintf("[Unreleased]: %[1]s/compare/%[2]s...HEAD\n[%[3]s]: %[1]s/releases/tag/%[2]s",
		repository, version, number)
	return before + unreleasedHeading + heading + unreleasedLink.ReplaceAllLiteralString(changes, links), nil
}
