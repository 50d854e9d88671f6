package frame

// Color is a colour as a terminal knows it: the default, one of 256 numbered colours, or 24 bits of red, green
// and blue. The zero value is the terminal's default.
type Color uint32

// The kind of a colour stands in its top byte.
const (
	kindShift   = 24
	kindIndexed = 1
	kindRGB     = 2
)

// Index returns the numbered colour n: 0-15 are the colours that the user's terminal defines, 16-255 the usual
// cube and greys.
func Index(n uint8) Color { return kindIndexed<<kindShift | Color(n) }

// RGB returns a 24-bit colour, written as on the web: RGB(0x56B4E9).
func RGB(hex uint32) Color { return kindRGB<<kindShift | Color(hex&0xffffff) }

// IsDefault reports whether c is the colour that the terminal uses when it is told none.
func (c Color) IsDefault() bool { return c == 0 }

// Index returns the number of an indexed colour; ok is false for any other kind.
func (c Color) Index() (n uint8, ok bool) { return uint8(c), c>>kindShift == kindIndexed }

// RGB returns the 24 bits of a direct colour; ok is false for any other kind.
func (c Color) RGB() (hex uint32, ok bool) { return uint32(c & 0xffffff), c>>kindShift == kindRGB }

// Attr is a set of text attributes.
type Attr uint8

// The attributes that a cell may carry.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Underline
	Reverse
	Strike

	// inked are the attributes that can be seen on a space.
	inked = Underline | Reverse | Strike
)

// Style is how text looks: foreground, background, attributes. The zero value is the terminal's plain text.
type Style struct {
	FG, BG Color
	A      Attr
}

// With returns s with the attributes a added.
func (s Style) With(a Attr) Style {
	s.A |= a
	return s
}

// On returns s with the background bg.
func (s Style) On(bg Color) Style {
	s.BG = bg
	return s
}

// Over returns s laid over base: what s leaves at its default is taken from base, attributes add up.
func (s Style) Over(base Style) Style {
	if s.FG == 0 {
		s.FG = base.FG
	}
	if s.BG == 0 {
		s.BG = base.BG
	}
	s.A |= base.A
	return s
}

// Cell is one place of the grid, 16 bytes. R is always visible, or a space.
type Cell struct {
	R      rune
	FG, BG Color
	A      Attr
	W      uint8 // cells that R covers: 1, or 2 for a wide rune; 0 marks the right half of a wide rune
}

// blank is an empty cell.
var blank = Cell{R: ' ', W: 1}

// style returns the look of the cell.
func (c Cell) style() Style { return Style{FG: c.FG, BG: c.BG, A: c.A} }

// newCell returns the one form of a cell: a space on which no ink shows has neither foreground nor attributes,
// so that two cells that look the same are equal.
func newCell(r rune, st Style, width int) Cell {
	c := Cell{R: r, FG: st.FG, BG: st.BG, A: st.A, W: uint8(width)}
	if r == ' ' && st.A&inked == 0 {
		c.FG, c.A = 0, 0
	}
	return c
}
