package theme

import (
	"slices"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"etcdscope/tui/frame"
)

// env is an environment.
type env map[string]string

func TestChoose(t *testing.T) {
	const full = colorprofile.TrueColor
	for _, c := range []struct {
		name    string
		env     env
		profile colorprofile.Profile
		dark    bool
		want    string
		ascii   bool
	}{
		{"true colour, dark", nil, full, true, "dark", false},
		{"true colour, light", nil, full, false, "light", false},
		{"256 colours", nil, colorprofile.ANSI256, true, "dark", false},
		{"16 colours", nil, colorprofile.ANSI, false, "ansi16", false},
		{"no colours", nil, colorprofile.ASCII, true, "mono", false},
		{"no terminal", nil, colorprofile.NoTTY, true, "mono", false},
		{"unknown colours", nil, colorprofile.Unknown, true, "mono", false},
		{"NO_COLOR=1", env{"NO_COLOR": "1"}, full, true, "mono", false},
		{"NO_COLOR=yes", env{"NO_COLOR": "yes"}, full, true, "mono", false},
		{"NO_COLOR=0", env{"NO_COLOR": "0"}, colorprofile.ANSI, true, "mono", false},
		{"dumb", env{"TERM": "dumb"}, full, true, "mono", true},
		{"console", env{"TERM": "linux"}, colorprofile.ANSI, true, "ansi16", true},
		{"latin 1", env{"LANG": "de_DE.ISO-8859-1"}, full, true, "dark", true},
		{"LC_ALL wins", env{"LC_ALL": "zh_CN.utf8", "LANG": "C.latin1"}, full, true, "dark", false},
		{"UTF-8 with a modifier", env{"LANG": "ca_ES.UTF-8@valencia"}, full, true, "dark", false},
		{"C", env{"LANG": "C"}, full, true, "dark", false},
	} {
		th := Choose(func(name string) string { return c.env[name] }, c.profile, c.dark)
		if ascii := th.Glyph.Leader == '*'; th.Name != c.want || ascii != c.ascii || th.Dark != c.dark {
			t.Errorf("%s: %s, ascii %v, dark %v; want %s, ascii %v", c.name, th.Name, ascii, th.Dark, c.want, c.ascii)
		}
	}
}

func TestNamed(t *testing.T) {
	want := []string{"dark", "light", "ansi16", "mono", "contrast"}
	if !slices.Equal(Names(), want) {
		t.Errorf("Names = %q, want %q", Names(), want)
	}
	for _, name := range want {
		if th, err := Named(name); err != nil || th.Name != name || th.Dark != (name != "light") {
			t.Errorf("Named(%q) = %q, dark %v, %v", name, th.Name, th.Dark, err)
		}
	}
}

func TestUnknownNameIsAnsweredWithTheNearest(t *testing.T) {
	for written, want := range map[string]string{
		"drak":   `no theme "drak"; did you mean "dark"? There are dark, light, ansi16, mono, contrast`,
		"Light":  `no theme "Light"; did you mean "light"? There are dark, light, ansi16, mono, contrast`,
		"ansi":   `no theme "ansi"; did you mean "ansi16"? There are dark, light, ansi16, mono, contrast`,
		"contas": `no theme "contas"; did you mean "contrast"? There are dark, light, ansi16, mono, contrast`,
		"\x1b[m": `no theme "\x1b[m"; there are dark, light, ansi16, mono, contrast`,
	} {
		if _, err := Named(written); err == nil || err.Error() != want {
			t.Errorf("Named(%q): %v\nwant %s", written, err, want)
		}
	}
}

func TestForKeepsWhatTheUserAskedFor(t *testing.T) {
	light, err := Named("light")
	if err != nil {
		t.Fatal(err)
	}
	th := light.WithASCII().For(colorprofile.ANSI256, true)
	if th.Name != "light" || th.Dark || th.Glyph.Leader != '*' {
		t.Errorf("light in 256 colours became %s, dark %v, leader %q", th.Name, th.Dark, th.Glyph.Leader)
	}
	if n, ok := th.Leader.FG.Index(); !ok || n < 16 {
		t.Errorf("the leader's colour %x is not one of the 240 fixed ones", th.Leader.FG)
	}
	if th = light.For(colorprofile.ANSI, true); th.Name != "ansi16" || th.Dark {
		t.Errorf("light in 16 colours became %s, dark %v", th.Name, th.Dark)
	}
	if th = light.For(colorprofile.NoTTY, true); th.Name != "mono" {
		t.Errorf("light without colours became %s", th.Name)
	}
}

func TestTermsCycle(t *testing.T) {
	th, err := Named("dark")
	if err != nil {
		t.Fatal(err)
	}
	for term, hue := range map[uint64]int{1: 0, 6: 5, 7: 0, 0: 5} {
		if th.Term(term) != th.Terms[hue] {
			t.Errorf("term %d has style %+v, want hue %d", term, th.Term(term), hue)
		}
	}
}

func TestStylesAreWhatTheirSourceSays(t *testing.T) {
	th, err := Named("dark")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want frame.Style }{
		"follower": {th.Follower, frame.Style{FG: frame.RGB(0x56B4E9)}},
		"error":    {th.Error, frame.Style{FG: frame.RGB(0xFF6060), A: frame.Bold | frame.Reverse}},
		"selected": {th.Selected, frame.Style{BG: frame.RGB(0x1B2430), A: frame.Bold}},
		"key off":  {th.KeyOff, frame.Style{FG: frame.RGB(0x9A9A9A), A: frame.Strike}},
		"text":     {th.Text, frame.Style{}},
	} {
		if c.got != c.want {
			t.Errorf("%s is %+v, want %+v", name, c.got, c.want)
		}
	}
	if !th.Lipgloss.Error.GetReverse() || th.Lipgloss.Leader.GetForeground() == nil {
		t.Error("the lipgloss form is not the definition")
	}
}
