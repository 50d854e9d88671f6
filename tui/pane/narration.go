package pane

import "etcdscope/tui/frame"

// Narrate draws a box with a title and wrapped paragraphs, with an empty row between two where there is
// room, and returns the rows that the text takes. It is for lessons, demos and messages of the program; text
// that does not fit ends in the ellipsis.
func Narrate(f *frame.Frame, r frame.Rect, s *Scene, title string, paragraphs ...string) int {
	t := s.Theme
	inside := f.Box(r, t.Border, t.Glyph.Border, title, t.Title).Inset(1, 0)
	rows := 0
	for _, text := range paragraphs {
		rows += len(frame.Wrap(text, inside.W))
	}
	between := 0
	if rows+len(paragraphs)-1 <= inside.H {
		between = 1
	}
	for _, text := range paragraphs {
		if inside.Empty() {
			break
		}
		_, inside = inside.SplitTop(f.TextWrap(inside, t.Text, text) + between)
	}
	return rows + between*(len(paragraphs)-1)
}

// cover draws what stands where a pane would give the answer to an open question away.
func cover(f *frame.Frame, r frame.Rect, s *Scene) {
	t := s.Theme
	f.Fill(r, t.Cover, t.Glyph.Cover)
	text := s.words().covered
	box := r.Center(frame.Width(text)+4, 3)
	f.Clear(box, frame.Style{})
	f.TextIn(box.Inset(2, 0).Row(box.H/2), frame.Center, t.Question, text)
}
