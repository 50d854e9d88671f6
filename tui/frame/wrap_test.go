package frame

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      int
		want       string // lines joined by |
	}{
		{"empty", "", 5, ""},
		{"fits", "a leader", 8, "a leader"},
		{"words", "a leader counts only entries", 9, "a leader|counts|only|entries"},
		{"spaces at the break are dropped", "one   two", 4, "one|two"},
		{"inner spaces stay", "a  b c", 6, "a  b c"},
		{"space just past the edge", "abcd ef", 4, "abcd|ef"},
		{"long word is cut", "abcdefgh i", 3, "abc|def|gh|i"},
		{"word after a cut word", "xy abcdef", 4, "xy|abcd|ef"},
		{"paragraphs", "a b\n\nc", 9, "a b||c"},
		{"indent stays", "  - one two", 8, "  - one|two"},
		{"indent wider than half", "        x y", 4, "  x|y"},
		{"Chinese by character", "领导者只提交自己任期", 8, "领导者只|提交自己|任期"},
		{"odd width", "领导者只提交", 5, "领导|者只|提交"},
		{"no line begins with a full stop", "提交日志。选举", 8, "提交日|志。选举"},
		{"no line ends with a bracket", "提交（日志）", 6, "提交|（日|志）"},
		{"mixed", "commit 提交 index 索引", 10, "commit 提|交 index|索引"},
		{"Latin word beside Chinese stays whole", "成员leader当选", 8, "成员|leader当|选"},
		{"escapes count", "a\x1bb", 3, `a\x|1bb`},
		{"wide rune in one cell", "中文", 1, "中|文"},
		{"no indent without a word beside it", " 中", 2, "中"},
		{"no width", "abc", 0, ""},
	} {
		if got := strings.Join(Wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("%s: Wrap = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWrapLosesOnlySpaces(t *testing.T) {
	squeeze := strings.NewReplacer(" ", "", "\n", "")
	rapid.Check(t, func(t *rapid.T) {
		text, width := textGen.Draw(t, "text")+" "+textGen.Draw(t, "more"), rapid.IntRange(2, 12).Draw(t, "width")
		lines := Wrap(text, width)
		for _, line := range lines {
			if Width(line) > width {
				t.Fatalf("line %q of %q is wider than %d", line, text, width)
			}
			if strings.HasSuffix(line, " ") {
				t.Fatalf("line %q ends in a space", line)
			}
		}
		got, want := squeeze.Replace(strings.Join(lines, "")), squeeze.Replace(SafeLines(text))
		if got != want {
			t.Fatalf("wrapped %q holds %q", want, got)
		}
	})
}
