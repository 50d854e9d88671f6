package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"etcdscope/cluster/clock"
)

// MaxDuration is the longest duration that a line may name: a day.
const MaxDuration = 24 * 3600 * clock.Second

// units of durations, longest first; a bare number is ticks.
var units = []struct {
	name string
	time clock.Time // 0: ticks
}{
	{"h", 3600 * clock.Second},
	{"min", 60 * clock.Second},
	{"m", 60 * clock.Second},
	{"s", clock.Second},
	{"ms", clock.Millisecond},
	{"us", clock.Microsecond},
	{"µs", clock.Microsecond},
	{"ticks", 0},
	{"tick", 0},
	{"", 0},
}

const durationAdvice = "write ticks as 40 or 40ticks, time as 250us, 200ms, 1.5s or 2min"

// duration reads "200ms", "40ticks", "40 ticks" or "40": either time or ticks is not 0, or both are 0.
func (p *lineParser) duration(what string) (t clock.Time, ticks int) {
	w := p.take(what)
	if isDigits(w.text) && (p.accept("ticks") || p.accept("tick")) {
		w.text += "ticks"
	}
	return p.durationOf(w)
}

func (p *lineParser) durationOf(w word) (t clock.Time, ticks int) {
	if p.err != nil {
		return 0, 0
	}
	digits := len(w.text) - len(strings.TrimLeft(w.text, "0123456789."))
	number, unit := w.text[:digits], w.text[digits:]
	for _, u := range units {
		if unit != u.name || !isDecimal(number) {
			continue
		}
		if u.time == 0 {
			return 0, p.ticksOf(w, number)
		}
		t, ok := scale(number, u.time)
		if !ok {
			p.fail(w, fmt.Sprintf("%s is too long", w.text), "at most 24h, which is "+formatTime(MaxDuration))
		}
		return t, 0
	}
	p.fail(w, fmt.Sprintf("%q is not a duration", w.text), durationAdvice)
	return 0, 0
}

func (p *lineParser) ticksOf(w word, number string) int {
	n, err := strconv.Atoi(number)
	if strings.Contains(number, ".") {
		p.fail(w, fmt.Sprintf("%s is not a whole number of ticks", number), durationAdvice)
		return 0
	}
	if err != nil || n > MaxTicks {
		p.fail(w, fmt.Sprintf("%s is too long", w.text), fmt.Sprintf("at most %d ticks", MaxTicks))
		return 0
	}
	return n
}

// isDecimal says whether s is digits with at most one point between them.
func isDecimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

// scale multiplies a decimal by a unit, exactly, cutting what is below a microsecond.
func scale(number string, unit clock.Time) (clock.Time, bool) {
	whole, fraction, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > int64(MaxDuration/unit) {
		return 0, false
	}
	t := clock.Time(n) * unit
	for _, d := range fraction {
		unit /= 10
		t += clock.Time(d-'0') * unit
	}
	return t, t <= MaxDuration
}

// formatTime writes t in the longest unit that needs no fraction.
func formatTime(t clock.Time) string {
	switch {
	case t%clock.Second == 0:
		return strconv.FormatInt(int64(t/clock.Second), 10) + "s"
	case t%clock.Millisecond == 0:
		return strconv.FormatInt(int64(t/clock.Millisecond), 10) + "ms"
	}
	return strconv.FormatInt(int64(t), 10) + "us"
}

func formatDuration(t clock.Time, ticks int) string {
	if t == 0 {
		return strconv.Itoa(ticks) + "ticks"
	}
	return formatTime(t)
}

// isTime says whether the target of goto is a time: no mark begins with a digit.
func isTime(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func isName(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > 32 {
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' && r != '_') {
			return false
		}
	}
	return true
}

// isTag says whether s can be a tag: predicates name it without quotes.
func isTag(s string) bool { return isName(s) && !strings.Contains(s, "-") }

const maxEvent = math.MaxInt64
