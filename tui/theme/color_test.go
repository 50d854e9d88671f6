package theme

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"etcdscope/tui/frame"
)

// named is one style with its name in the sheet.
type named struct {
	name  string
	style frame.Style
}

// all returns every style of a theme.
func all(th *Theme) []named {
	var out []named
	v := reflect.ValueOf(th.Styles)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch s := v.Field(i).Interface().(type) {
		case frame.Style:
			out = append(out, named{name, s})
		case [6]frame.Style:
			for n, style := range s {
				out = append(out, named{fmt.Sprintf("%s[%d]", name, n), style})
			}
		}
	}
	return out
}

// forms returns every theme in every form that a terminal can get.
func forms(t *testing.T) []Theme {
	profiles := []colorprofile.Profile{colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor}
	var out []Theme
	for _, name := range Names() {
		th, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, profile := range profiles {
			out = append(out, th.For(profile, true), th.For(profile, false))
		}
	}
	return out
}

// decoration are the styles of lines that carry no text.
var decoration = map[string]bool{
	"Border": true, "BorderFocus": true, "Lane": true, "LinkOk": true, "Timeline": true,
}

// contrastWanted is what the high contrast theme promises: less where 24 bits were rounded to 256 colours.
func contrastWanted(c frame.Color) float64 {
	if _, rounded := c.Index(); rounded {
		return 6
	}
	return 7
}

func TestContrast(t *testing.T) {
	for _, th := range forms(t) {
		for _, s := range all(&th) {
			want := 4.5
			switch {
			case th.Name == "contrast":
				want = contrastWanted(s.style.FG)
			case decoration[s.name]:
				want = 3
			}
			for _, palette := range []*[16]uint32{&xterm16, &vga16} {
				checkContrast(t, &th, s, palette, want)
			}
		}
	}
}

// checkContrast checks one style against its own background and, if it is text, that of a selected row.
func checkContrast(t *testing.T, th *Theme, s named, palette *[16]uint32, want float64) {
	t.Helper()
	fg, bg := uint32(0x000000), uint32(0xFFFFFF)
	if th.Dark {
		fg, bg = bg, fg
	}
	front, back := resolve(s.style.FG, fg, palette), resolve(s.style.BG, bg, palette)
	if got := ratio(front, back); got < want {
		t.Errorf("%s dark=%v: %s is %06X on %06X: %.2f:1", th.Name, th.Dark, s.name, front, back, got)
	}
	over := resolve(th.Selected.BG, bg, palette)
	if got := ratio(front, over); !decoration[s.name] && got < 4.5 {
		t.Errorf("%s dark=%v: %s selected is %06X on %06X: %.2f:1", th.Name, th.Dark, s.name, front, over, got)
	}
}

func TestRedIsForErrorsOnly(t *testing.T) {
	for _, th := range forms(t) {
		for _, s := range all(&th) {
			if s.style.FG.IsDefault() {
				continue
			}
			degrees, saturation := hue(resolve(s.style.FG, 0, &xterm16))
			red := degrees > -25 && degrees < 15 && saturation > 0.3
			if red != (s.name == "Error") {
				t.Errorf("%s dark=%v: %s has hue %.0f (%.2f)", th.Name, th.Dark, s.name, degrees, saturation)
			}
		}
	}
}

func TestColorBlindEyesTellRolesAndTermsApart(t *testing.T) {
	for _, c := range []struct {
		name         string
		dark         bool
		roles, terms float64
	}{
		{"dark", true, 16.9, 21},
		{"light", false, 16.8, 19},
		{"contrast", true, 19, 18},
		{"contrast", false, 14.5, 10.5},
	} {
		th, err := Named(c.name)
		if err != nil {
			t.Fatal(err)
		}
		th = th.For(colorprofile.TrueColor, c.dark)
		roles := []frame.Style{th.Leader, th.Follower, th.Candidate, th.PreCandidate, th.Learner, th.Down}
		if got := closest(t, roles); got < c.roles {
			t.Errorf("%s dark=%v: roles are only %.1f apart, want %.1f", c.name, c.dark, got, c.roles)
		}
		if got := closest(t, th.Terms[:]); got < c.terms {
			t.Errorf("%s dark=%v: terms are only %.1f apart, want %.1f", c.name, c.dark, got, c.terms)
		}
	}
}

// closest returns the least difference between any two of the styles' colours.
func closest(t *testing.T, styles []frame.Style) float64 {
	least := 1000.0
	for i, a := range styles {
		for _, b := range styles[:i] {
			x, okX := a.FG.RGB()
			y, okY := b.FG.RGB()
			if !okX || !okY {
				t.Fatalf("styles %+v and %+v are not 24-bit colours", a, b)
			}
			least = min(least, apart(x, y))
		}
	}
	return least
}

func TestBoldIsForSelectionAndHeadings(t *testing.T) {
	bold := map[string]bool{
		"Strong": true, "TitleFocus": true, "Selected": true, "Key": true, "Banner": true, "Error": true,
		"Prompt": true, "Question": true, "Now": true,
	}
	for _, th := range forms(t) {
		for _, s := range all(&th) {
			if got := s.style.A&frame.Bold != 0; got != bold[s.name] {
				t.Errorf("%s: %s bold=%v", th.Name, s.name, got)
			}
		}
	}
}

func TestMonoHasNoColor(t *testing.T) {
	th, err := Named("mono")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all(&th) {
		if s.style.FG != 0 || s.style.BG != 0 {
			t.Errorf("%s has a colour: %+v", s.name, s.style)
		}
	}
	for _, s := range []frame.Style{th.Selected, th.Error, th.Banner} {
		if s.A&frame.Reverse == 0 {
			t.Errorf("%+v must stand out without colour", s)
		}
	}
}

func TestStylesOfSixteenColorsUseOnlyThose(t *testing.T) {
	for _, dark := range []bool{true, false} {
		th := Choose(func(string) string { return "" }, colorprofile.ANSI, dark)
		for _, s := range all(&th) {
			for _, c := range []frame.Color{s.style.FG, s.style.BG} {
				if n, ok := c.Index(); !c.IsDefault() && (!ok || n > 15) {
					t.Errorf("dark=%v: %s uses colour %x", dark, s.name, c)
				}
			}
		}
	}
}
