package theme

import (
	"fmt"
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"etcdscope/nearest"
	"etcdscope/tui/frame"
)

// Theme is a set of styles and a set of glyphs. It is read only once made; panes share a pointer to it.
type Theme struct {
	Name string // one of Names
	Dark bool   // made for a dark background
	Styles
	Glyph    Glyphs
	Lipgloss *Source // the same styles for output without a frame
}

// themes are the themes by name, in the order that Names returns.
var themes = []struct {
	name    string
	palette func(dark bool) palette
}{
	{"dark", normal},
	{"light", normal},
	{"ansi16", ansi},
	{"mono", func(bool) palette { return mono() }},
	{"contrast", contrast},
}

// Names returns the names of all themes.
func Names() []string {
	names := make([]string, len(themes))
	for i, t := range themes {
		names[i] = t.name
	}
	return names
}

// Named returns a theme with Unicode glyphs, made for a dark background unless it is light. The error for an
// unknown name says which name is nearest.
func Named(name string) (Theme, error) {
	for _, t := range themes {
		if t.name == name {
			return build(name, name != "light", colorprofile.TrueColor), nil
		}
	}
	all := strings.Join(Names(), ", ")
	if near := nearest.Word(name, Names()); near != "" {
		return Theme{}, fmt.Errorf("no theme %q; did you mean %q? There are %s", name, near, all)
	}
	return Theme{}, fmt.Errorf("no theme %q; there are %s", name, all)
}

// build makes a theme. Its name must be one of themes.
func build(name string, dark bool, profile colorprofile.Profile) Theme {
	th := Theme{Name: name, Dark: dark, Glyph: Unicode()}
	for _, t := range themes {
		if t.name == name {
			th.Lipgloss = define(t.palette(dark))
		}
	}
	transfer(&th.Styles, th.Lipgloss, func(s lipgloss.Style) frame.Style { return compile(s, profile) })
	return th
}

// WithASCII returns the theme with ASCII glyphs.
func (t Theme) WithASCII() Theme {
	t.Glyph = ASCII()
	return t
}

// For returns the theme as a terminal with these colours and this background can show it, glyphs kept: reduced
// to ansi16 or mono where colours lack, and with the nearest of 256 colours where those are all there are. The
// background chooses the form of ansi16 and contrast; dark and light stay what the user asked for.
func (t Theme) For(profile colorprofile.Profile, darkBackground bool) Theme {
	name, dark := t.Name, darkBackground
	if name == "dark" || name == "light" {
		dark = t.Dark
	}
	switch {
	case profile < colorprofile.ANSI:
		name = "mono"
	case profile == colorprofile.ANSI && name != "mono":
		name = "ansi16"
	}
	out := build(name, dark, max(profile, colorprofile.ANSI256))
	out.Glyph = t.Glyph
	return out
}

// byBackground returns the name of the usual theme for a background.
func byBackground(dark bool) string {
	if dark {
		return "dark"
	}
	return "light"
}

// Term returns the style of a term: six hues in a cycle, neighbours far apart. The number must stand beside it.
func (t *Theme) Term(term uint64) frame.Style {
	n := uint64(len(t.Terms))
	return t.Terms[(term+n-1)%n]
}

// compile turns a style into what a frame can hold, with the colours that a terminal of the profile has.
func compile(s lipgloss.Style, profile colorprofile.Profile) frame.Style {
	out := frame.Style{FG: toFrame(s.GetForeground(), profile), BG: toFrame(s.GetBackground(), profile)}
	for _, a := range []struct {
		on   bool
		attr frame.Attr
	}{
		{s.GetBold(), frame.Bold},
		{s.GetFaint(), frame.Faint},
		{s.GetItalic(), frame.Italic},
		{s.GetUnderline(), frame.Underline},
		{s.GetReverse(), frame.Reverse},
		{s.GetStrikethrough(), frame.Strike},
	} {
		if a.on {
			out.A |= a.attr
		}
	}
	return out
}

// toFrame turns a colour into the frame's form.
func toFrame(c color.Color, profile colorprofile.Profile) frame.Color {
	if _, none := c.(lipgloss.NoColor); none {
		return 0
	}
	switch c := profile.Convert(c).(type) {
	case nil:
		return 0
	case lipgloss.ANSIColor:
		return frame.Index(uint8(c))
	default:
		r, g, b, _ := c.RGBA()
		return frame.RGB(r>>8<<16 | g>>8<<8 | b>>8)
	}
}
