// Package clock is virtual time, the queue of what happens next, and keyed chance.
//
// It never reads a wall clock and draws nothing in sequence: a draw is a hash of what it is for, so adding one
// fault or switching one rule changes nobody else's luck. Start reading at Time, then Queue and Draw.
package clock

import "strconv"

// Time is virtual time in microseconds since the start of a run.
type Time int64

// Units of virtual time.
const (
	Microsecond Time = 1
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
)

// String prints milliseconds with one digit behind the point, such as "148.3ms".
func (t Time) String() string {
	tenths := int64(t) / 100
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + "ms"
}
