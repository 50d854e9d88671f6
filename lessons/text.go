package lessons

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spoken is one en: or zh: line with its continuation.
type spoken struct {
	lang string
	text string
	at   int
}

// spoken splits lines into en: and zh: texts; a continuation is indented.
func (r *reader) spoken(lines []Line) []spoken {
	var out []spoken
	for _, l := range lines {
		trimmed := strings.TrimSpace(l.Text)
		lang, rest, found := cutLang(l.Text)
		indented := strings.HasPrefix(l.Text, " ") || strings.HasPrefix(l.Text, "\t")
		switch {
		case trimmed == "":
		case found:
			out = append(out, spoken{lang, rest, l.At})
		case indented && len(out) > 0:
			last := &out[len(out)-1]
			last.text = join(last.text, trimmed)
		case len(out) > 0:
			r.problem(l.At, "%q stands at the margin: begin with en: or zh:, or indent it to continue the line above",
				short(trimmed))
		default:
			r.problem(l.At, "%q is in no language: begin with en: or zh:", short(trimmed))
		}
	}
	return out
}

// cutLang cuts "en:" or "zh:" off a line that is not indented.
func cutLang(line string) (lang, rest string, found bool) {
	for _, lang := range []string{"en", "zh"} {
		if rest, ok := strings.CutPrefix(line, lang+":"); ok {
			return lang, strings.TrimSpace(rest), true
		}
	}
	return "", "", false
}

// pair makes one Text of exactly one en: and one zh:.
func (r *reader) pair(lines []Line) Text {
	pairs := r.pairs(r.spoken(lines))
	if len(pairs) == 0 {
		return Text{}
	}
	if len(pairs) > 1 {
		r.problem(pairs[1].at, "a second en: line: one en: and one zh: belong here, continued on indented lines")
	}
	return pairs[0].Text
}

type textAt struct {
	Text
	at int
}

// pairs groups texts as en, zh, en, zh, …; what misses its other half is a problem.
func (r *reader) pairs(texts []spoken) []textAt {
	var out []textAt
	for i := 0; i < len(texts); i++ {
		s := texts[i]
		if s.text == "" {
			r.problem(s.at, "%s: has no words", s.lang)
		}
		switch {
		case s.lang == "zh":
			r.problem(s.at, "zh: without an en: line above it")
		case i+1 >= len(texts) || texts[i+1].lang != "zh":
			r.problem(s.at, "en: without a zh: line below it")
		default:
			out = append(out, textAt{Text{s.text, texts[i+1].text}, s.at})
			i++
			if texts[i].text == "" {
				r.problem(texts[i].at, "zh: has no words")
			}
		}
	}
	return out
}

// join puts a continuation behind a line; between two Chinese characters there is no space.
func join(a, b string) string {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	if a == "" || (isChinese(last) && isChinese(first)) {
		return a + b
	}
	return a + " " + b
}

func isChinese(c rune) bool {
	wide := (c >= 0x3000 && c <= 0x303f) || (c >= 0xff00 && c <= 0xffef) // punctuation, full width
	return unicode.Is(unicode.Han, c) || wide || c == '“' || c == '”'
}

// short is the beginning of a text, for errors.
func short(s string) string {
	if utf8.RuneCountInString(s) <= 40 {
		return s
	}
	return string([]rune(s)[:39]) + "…"
}
