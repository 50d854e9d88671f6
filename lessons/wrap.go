package lessons

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// wrap breaks text into lines of at most width columns: at spaces, and between Chinese characters, which are
// two columns wide. A line never begins with closing punctuation.
func wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used, space := 0, false
	for _, piece := range pieces(text) {
		if piece == " " {
			space = used > 0
			continue
		}
		w := displaywidth.String(piece)
		gap := 0
		if space {
			gap = 1
		}
		if used > 0 && used+gap+w > width {
			lines = append(lines, line.String())
			line.Reset()
			used, gap = 0, 0
		}
		line.WriteString(strings.Repeat(" ", gap) + piece)
		used, space = used+gap+w, false
	}
	if used > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// pieces cuts text into what may not be broken: Latin words, and Chinese characters with the opening
// punctuation before them and the closing punctuation behind. Spaces come as " ".
func pieces(text string) []string {
	var out []string
	glue, opened := false, false // the next Latin letter, the next character of any kind, belongs to the last piece
	for _, c := range text {
		closing := strings.ContainsRune("，。！？；：、）》”’", c)
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			out = append(out, " ")
			glue, opened = false, false
			continue
		case len(out) > 0 && out[len(out)-1] != " " && (closing || opened || (glue && !isChinese(c))):
			out[len(out)-1] += string(c)
		default:
			out = append(out, string(c))
		}
		opened = strings.ContainsRune("（《“‘", c)
		glue = !isChinese(c) && !closing
	}
	return out
}
