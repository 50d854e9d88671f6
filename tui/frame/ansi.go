package frame

import (
	"strconv"
	"unicode/utf8"
)

// AppendANSI appends the whole frame as styled lines with \n between them: what Bubble Tea takes as the content
// of a view. Each line begins and ends in the terminal's default style; unstyled space at its end is left out.
func (f *Frame) AppendANSI(dst []byte) []byte {
	for y := range f.h {
		if y > 0 {
			dst = append(dst, '\n')
		}
		row := f.cells[y*f.w : (y+1)*f.w]
		end := len(row)
		for end > 0 && row[end-1] == blank {
			end--
		}
		pen := Style{}
		for i := range row[:end] {
			if row[i].W != 0 {
				dst = appendCell(dst, &pen, &row[i])
			}
		}
		dst = appendPen(dst, &pen, Style{})
	}
	return dst
}

// appendCell appends the cell's rune, changing the pen first where that can be seen.
func appendCell(dst []byte, pen *Style, c *Cell) []byte {
	if c.FG != pen.FG || c.BG != pen.BG || c.A != pen.A {
		// On a space without ink only the background shows.
		if c.R != ' ' || c.A != 0 || c.BG != pen.BG || pen.A&inked != 0 {
			dst = appendPen(dst, pen, c.style())
		}
	}
	if c.R < utf8.RuneSelf {
		return append(dst, byte(c.R))
	}
	return utf8.AppendRune(dst, c.R)
}

// attrCodes are the SGR parameters that switch an attribute on and off. Bold and faint share their off code.
var attrCodes = [...]struct {
	attr    Attr
	on, off string
}{
	{Bold, "1;", "22;"},
	{Faint, "2;", "22;"},
	{Italic, "3;", "23;"},
	{Underline, "4;", "24;"},
	{Reverse, "7;", "27;"},
	{Strike, "9;", "29;"},
}

// appendPen appends the shortest SGR sequence that turns the pen into to, nothing if they are the same.
func appendPen(dst []byte, pen *Style, to Style) []byte {
	from := *pen
	if from == to {
		return dst
	}
	*pen = to
	if to == (Style{}) {
		return append(dst, "\x1b[m"...)
	}
	dst = append(dst, "\x1b["...)
	dst = appendAttrs(dst, from.A, to.A)
	if from.FG != to.FG {
		dst = appendColor(dst, to.FG, 0)
	}
	if from.BG != to.BG {
		dst = appendColor(dst, to.BG, 10)
	}
	dst[len(dst)-1] = 'm' // every parameter ends in a semicolon; the last one becomes the end of the sequence
	return dst
}

// appendAttrs appends the parameters that turn the attributes from into to.
func appendAttrs(dst []byte, from, to Attr) []byte {
	if from == to {
		return dst
	}
	if weight := Bold | Faint; from&^to&weight != 0 {
		dst = append(dst, "22;"...)
		from &^= weight
	}
	for _, c := range &attrCodes {
		switch {
		case to&^from&c.attr != 0:
			dst = append(dst, c.on...)
		case from&^to&c.attr != 0:
			dst = append(dst, c.off...)
		}
	}
	return dst
}

// appendColor appends the parameters of a foreground colour; shift 10 makes them those of a background.
func appendColor(dst []byte, c Color, shift int64) []byte {
	if hex, ok := c.RGB(); ok {
		dst = strconv.AppendInt(dst, 38+shift, 10)
		dst = append(dst, ";2;"...)
		dst = appendNumber(dst, int64(hex>>16))
		dst = appendNumber(dst, int64(hex>>8&0xff))
		return appendNumber(dst, int64(hex&0xff))
	}
	n, ok := c.Index()
	switch {
	case !ok:
		return appendNumber(dst, 39+shift)
	case n < 8:
		return appendNumber(dst, 30+shift+int64(n))
	case n < 16:
		return appendNumber(dst, 90+shift+int64(n-8))
	}
	dst = strconv.AppendInt(dst, 38+shift, 10)
	dst = append(dst, ";5;"...)
	return appendNumber(dst, int64(n))
}

// appendNumber appends one SGR parameter and its semicolon.
func appendNumber(dst []byte, n int64) []byte { return append(strconv.AppendInt(dst, n, 10), ';') }
