package frame

import (
	"strings"
	"unicode/utf8"
)

// Plain returns the text of the frame without styles: every row in full width, each ended by a newline.
func (f *Frame) Plain() string { return f.plain(false) }

// Trimmed is [Frame.Plain] without the spaces at the end of the rows: for golden files and for pipes.
func (f *Frame) Trimmed() string { return f.plain(true) }

func (f *Frame) plain(trim bool) string {
	var out strings.Builder
	out.Grow(f.h * (f.w + 1) * 2)
	for y := range f.h {
		row := f.Row(y)
		for trim && len(row) > 0 && row[len(row)-1].R == ' ' {
			row = row[:len(row)-1]
		}
		for i := range row {
			if c := &row[i]; c.R < utf8.RuneSelf && c.W == 1 {
				out.WriteByte(byte(c.R))
			} else if c.W != 0 {
				out.WriteRune(c.R)
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}
