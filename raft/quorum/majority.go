package quorum

import "slices"

// Everything is what an empty set of voters acknowledges: it holds nobody back, so the
// absent half of a configuration that is not joint has no say.
const Everything = ^uint64(0)

// Answer is what one voter has said so far.
type Answer uint8

// The answers of a voter.
const (
	Silent Answer = iota
	Yes
	No
)

// Result is what the answers so far amount to.
type Result uint8

// The results of a vote. Pending means that the silent voters can still decide it either way.
const (
	Pending Result = iota
	Won
	Lost
)

// String returns the result in one word.
func (r Result) String() string {
	return [...]string{"pending", "won", "lost"}[r]
}

// Majority is one set of voters, without repetition. More than half of it decides.
type Majority[ID ~uint64] []ID

// Size returns how many voters are a majority: 2 of 3, 3 of 4, 3 of 5.
func (m Majority[ID]) Size() int { return len(m)/2 + 1 }

// Committed returns the highest index that a majority has acknowledged; an empty set answers Everything.
func (m Majority[ID]) Committed(acked func(ID) uint64) uint64 { return m.committed(m.Size(), acked) }

// committed returns the highest index that need voters have acknowledged.
func (m Majority[ID]) committed(need int, acked func(ID) uint64) uint64 {
	if len(m) == 0 {
		return Everything
	}
	var room [9]uint64 // keeps clusters of the usual size off the heap
	sorted := room[:0]
	for _, id := range m {
		sorted = append(sorted, acked(id))
	}
	slices.Sort(sorted)
	return sorted[len(sorted)-need]
}

// Vote returns the result of the answers; an empty set is won, so that it does not hold back the other half.
func (m Majority[ID]) Vote(answer func(ID) Answer) Result { return m.vote(m.Size(), answer) }

func (m Majority[ID]) vote(need int, answer func(ID) Answer) Result {
	if len(m) == 0 {
		return Won
	}
	yes, silent := 0, 0
	for _, id := range m {
		switch answer(id) {
		case Yes:
			yes++
		case Silent:
			silent++
		}
	}
	switch {
	case yes >= need:
		return Won
	case yes+silent < need:
		return Lost
	}
	return Pending
}
