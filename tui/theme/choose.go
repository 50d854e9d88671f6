package theme

import (
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Choose returns the theme that suits a terminal when the user has asked for none. It reads the environment
// through env, which returns "" for a variable that is not set; profile is what the terminal's colours were
// found to be.
//
// NO_COLOR with any value but the empty one means mono (colorprofile itself understands only "1" and "true",
// against no-color.org). TERM=dumb means mono and ASCII. A terminal of 16 colours gets the palette made for it
// by hand, one of 256 gets the nearest of them. The Linux console and a locale with another charset than UTF-8
// get ASCII glyphs.
func Choose(env func(string) string, profile colorprofile.Profile, darkBackground bool) Theme {
	if env("NO_COLOR") != "" || env("TERM") == "dumb" {
		profile = colorprofile.ASCII
	}
	name := byBackground(darkBackground)
	th := build(name, darkBackground, colorprofile.TrueColor).For(profile, darkBackground)
	if term := env("TERM"); term == "dumb" || term == "linux" || !unicodeLocale(env) {
		th = th.WithASCII()
	}
	return th
}

// unicodeLocale reports whether the locale allows UTF-8. One that names no charset, such as C, is taken to:
// containers seldom set any, and their terminals know UTF-8.
func unicodeLocale(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := env(name); locale != "" {
			_, charset, named := strings.Cut(locale, ".")
			charset, _, _ = strings.Cut(charset, "@")
			charset = strings.ReplaceAll(strings.ToLower(charset), "-", "")
			return !named || charset == "utf8"
		}
	}
	return true
}
