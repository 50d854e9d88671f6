package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// ink is a colour with the attributes that go with it wherever it is used.
type ink struct {
	color                    color.Color
	faint, italic, underline bool
}

// palette is the few inks that a coloured theme is made of.
type palette struct {
	text, faint, line, accent ink
	error, good, warn         ink

	leader, follower, candidate, preCandidate, learner, down ink

	terms    [6]ink
	selected lipgloss.Style
}

// hex returns a choice between two 24-bit colours, the first for a light and the second for a dark background.
func hex(dark bool) func(light, dark string) ink {
	choose := lipgloss.LightDark(dark)
	return func(l, d string) ink {
		return ink{color: choose(lipgloss.Color("#"+l), lipgloss.Color("#"+d))}
	}
}

// normal returns the palette of the themes dark and light. The hues of the four common roles were measured to
// stay apart for protan, deutan and tritan eyes; the others were searched for by the same measure. The light
// hues also stay clear of red when a terminal rounds them to 256 colours.
func normal(dark bool) palette {
	c := hex(dark)
	plain := ink{color: lipgloss.NoColor{}}
	bg := lipgloss.LightDark(dark)(lipgloss.Color("#FFFBDD"), lipgloss.Color("#1B2430"))
	return palette{
		text:   plain,
		faint:  c("606060", "9A9A9A"),
		line:   c("8A8A8A", "6A6A6A"),
		accent: c("0050C8", "56B4E9"),
		error:  c("B00020", "FF6060"),
		good:   c("00665A", "5FD7AF"),
		warn:   c("8A4400", "E69F00"),

		leader:       c("BD00ED", "F0E442"),
		follower:     c("0050C8", "56B4E9"),
		candidate:    c("8A4400", "E69F00"),
		preCandidate: c("4A0072", "C85AF0"),
		learner:      c("00403A", "A8F08C"),
		down:         c("6B6B6B", "8A8A8A"),

		terms: [6]ink{
			c("006FA8", "8FA8C0"), c("6B5800", "F0E442"), c("A0006E", "5FD7AF"),
			c("5A0090", "E0A0FF"), c("BD00ED", "A070FF"), c("303030", "C08A5A"),
		},
		selected: lipgloss.NewStyle().Bold(true).Background(bg),
	}
}

// contrast returns the palette of the high contrast theme: 7:1 and more for everything, decoration too (6:1
// where a terminal rounds to 256 colours). It names black and white instead of trusting the terminal's own text
// colour.
func contrast(dark bool) palette {
	c := hex(dark)
	p := normal(dark)
	p.text, p.faint, p.line = c("000000", "FFFFFF"), c("303030", "D8D8D8"), c("202020", "E8E8E8")
	p.accent = c("0000AF", "80E0FF")
	p.error, p.good, p.warn = c("980018", "FF8080"), c("004A40", "70F0C0"), c("703A00", "FF9A20")
	p.leader, p.follower, p.candidate = c("8C00B0", "FFE000"), c("0000AF", "80E0FF"), c("703A00", "FF9A20")
	p.preCandidate, p.learner, p.down = c("38005A", "D880FF"), c("00302C", "FFFFFF"), c("505050", "A8A8A8")
	p.terms = [6]ink{
		c("004A78", "8FA8C0"), c("4A3C00", "FFF04D"), c("80005A", "5FE0B0"),
		c("4A0080", "F0B0FF"), c("8C00B0", "B080FF"), c("202020", "C89060"),
	}
	p.selected = lipgloss.NewStyle().Bold(true).Reverse(true)
	return p
}

// ansi returns the palette of the theme ansi16. Blue and dark magenta cannot be read on black, nor yellow,
// green and cyan on white, whatever the terminal; bright black may equal the background. So hues are few, and
// attributes help.
func ansi(dark bool) palette {
	p := palette{selected: lipgloss.NewStyle().Bold(true).Reverse(true)}
	plain := ink{color: lipgloss.NoColor{}}
	faint := ink{color: lipgloss.NoColor{}, faint: true}
	p.text, p.faint, p.line, p.down = plain, faint, faint, faint
	n := func(n uint8) ink { return ink{color: lipgloss.ANSIColor(n)} }
	under := func(i ink) ink { i.underline = true; return i }
	if dark {
		p.accent, p.error, p.good, p.warn = n(14), n(9), n(10), n(11)
		p.leader, p.follower, p.candidate, p.preCandidate = n(11), n(14), n(13), n(13)
		p.learner = n(10)
		p.terms = [6]ink{n(14), n(11), n(13), n(10), n(7), n(6)}
	} else {
		p.accent, p.error, p.good, p.warn = n(4), n(1), n(4), n(5)
		p.leader, p.follower, p.candidate, p.preCandidate = n(5), n(4), plain, plain
		p.learner = under(n(4))
		p.terms = [6]ink{n(4), n(5), plain, under(n(4)), under(n(5)), under(plain)}
	}
	p.preCandidate.italic = true
	return p
}

// mono returns the palette of the theme mono, which has attributes only.
func mono() palette {
	plain := ink{color: lipgloss.NoColor{}}
	faint := ink{color: lipgloss.NoColor{}, faint: true}
	under := ink{color: lipgloss.NoColor{}, underline: true}
	return palette{
		text: plain, faint: faint, line: plain, accent: plain,
		error: plain, good: plain, warn: under,
		leader: under, follower: plain, candidate: plain, preCandidate: plain, learner: plain, down: faint,
		terms:    [6]ink{plain, plain, plain, plain, plain, plain},
		selected: lipgloss.NewStyle().Bold(true).Reverse(true),
	}
}
