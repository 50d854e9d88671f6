package cluster

import "etcdscope/cluster/clock"

// TrueRate is the rate of a clock that runs as time does, in thousandths.
const TrueRate = 1000

// LocalClock is the clock of a member's machine: it may run fast or slow, or stand still. It goes on when the member
// is paused or dead. The zero value is not a clock; see trueClock.
type LocalClock struct {
	Rate int64      // thousandths of true time; 0: it stands still
	from clock.Time // the true time at which Rate began to hold
	base clock.Time // what the clock showed then
}

func trueClock() LocalClock { return LocalClock{Rate: TrueRate} }

// At is what the clock shows at a true time.
func (l LocalClock) At(now clock.Time) clock.Time {
	return l.base + (now-l.from)*clock.Time(l.Rate)/TrueRate
}

// when is the first true time at which the clock shows local; ok is false when that is never.
func (l LocalClock) when(local clock.Time) (at clock.Time, ok bool) {
	switch {
	case local <= l.base:
		return l.from, true
	case l.Rate == 0:
		return 0, false
	}
	rate := clock.Time(l.Rate)
	return l.from + ((local-l.base)*TrueRate+rate-1)/rate, true
}

// nextBeat is the next true time at which the clock shows a multiple of beat.
func (l LocalClock) nextBeat(now, beat clock.Time) (at clock.Time, ok bool) {
	return l.when((l.At(now)/beat + 1) * beat)
}

// set lets the clock run at another rate from now on; it does not jump.
func (l *LocalClock) set(now clock.Time, rate int64) {
	*l = LocalClock{Rate: rate, from: now, base: l.At(now)}
}
