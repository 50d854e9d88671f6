package raft

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// modelLog is the naive log: every copy is a full copy, and what is discarded stays, below gone.
type modelLog struct {
	terms []Term
	gone  int
}

func (m modelLog) clone() modelLog { return modelLog{slices.Clone(m.terms), m.gone} }

func (m modelLog) backtrack(i Index, t Term) Index {
	i = min(i, Index(len(m.terms)))
	for i > 0 && int(i) >= m.gone && m.terms[i-1] > t {
		i--
	}
	return i
}

// TestLogSharesSafely drives logs, their clones and views with random appends, truncations and compactions: none
// may ever see what another did after they parted.
func TestLogSharesSafely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs, models := []*entryLog{{}}, []modelLog{{}}
		var views []View
		var seen []modelLog
		term := Term(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, len(logs)-1).Draw(t, "log")
			l, m := logs[i], &models[i]
			switch rapid.IntRange(0, 5).Draw(t, "op") {
			case 0, 1:
				term++ // every entry differs from every other, so a leak cannot go unseen
				l.append(Entry{Index: l.lastIndex() + 1, Term: term})
				m.terms = append(m.terms, term)
			case 2:
				keep := rapid.IntRange(m.gone, len(m.terms)).Draw(t, "keep")
				l.truncate(Index(keep))
				m.terms = m.terms[:keep]
			case 4:
				m.gone = rapid.IntRange(m.gone, len(m.terms)).Draw(t, "gone")
				l.compact(Index(m.gone))
			case 3:
				c := l.clone()
				logs, models = append(logs, &c), append(models, m.clone())
			default:
				views = append(views, View{First: l.prevIndex + 1, Last: l.lastIndex(), entries: slices.Clip(l.entries)})
				seen = append(seen, m.clone())
			}
			for i := range logs {
				compareLog(t, logs[i], models[i])
			}
			for i := range views {
				compareView(t, &views[i], seen[i])
			}
		}
	})
}

func compareLog(t *rapid.T, l *entryLog, m modelLog) {
	if l.lastIndex() != Index(len(m.terms)) {
		t.Fatalf("last index %d, want %d", l.lastIndex(), len(m.terms))
	}
	for i, want := range m.terms {
		switch got, ok := l.term(Index(i + 1)); {
		case i+1 < m.gone && ok:
			t.Fatalf("entry %d is discarded, but its term is %d", i+1, got)
		case i+1 >= m.gone && (!ok || got != want):
			t.Fatalf("term of %d is %d, want %d", i+1, got, want)
		}
	}
}

func compareView(t *rapid.T, v *View, m modelLog) {
	for i, want := range m.terms {
		if e, ok := v.Entry(Index(i + 1)); ok != (i >= m.gone) || ok && e.Term != want {
			t.Fatalf("a view changed: term of %d is %d, was %d", i+1, e.Term, want)
		}
	}
	if _, ok := v.Entry(v.Last + 1); ok {
		t.Fatalf("a view shows entry %d behind its end", v.Last+1)
	}
}

func TestBacktrackAgainstScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Uint64Range(1, 8), 0, 20).Draw(t, "terms")
		slices.Sort(terms)
		l, m := &entryLog{}, modelLog{}
		for i, term := range terms {
			l.append(Entry{Index: Index(i + 1), Term: Term(term)})
			m.terms = append(m.terms, Term(term))
		}
		m.gone = rapid.IntRange(0, len(terms)).Draw(t, "gone")
		l.compact(Index(m.gone))
		i := Index(rapid.IntRange(0, 25).Draw(t, "index"))
		term := Term(rapid.IntRange(0, 9).Draw(t, "term"))
		got, gotTerm := l.backtrack(i, term)
		if want := m.backtrack(i, term); got != want {
			t.Fatalf("backtrack(%d, %d) on %v = %d, want %d", i, term, terms, got, want)
		}
		if want, _ := l.term(got); gotTerm != want {
			t.Fatalf("backtrack(%d, %d) on %v: term %d, want %d", i, term, terms, gotTerm, want)
		}
	})
}

// TestInflightsAgainstQueue compares the ring with a plain queue.
func TestInflightsAgainstQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := inflights{limit: rapid.IntRange(1, 9).Draw(t, "limit"), maxBytes: rapid.Uint64Range(0, 20).Draw(t, "bytes")}
		var queue []inflight
		last := Index(0)
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "op") {
			case 0:
				f.reset()
				queue = nil
			case 1, 2:
				upTo := Index(rapid.Uint64Range(0, uint64(last)+1).Draw(t, "upTo"))
				f.freeTo(upTo)
				for len(queue) > 0 && queue[0].last <= upTo {
					queue = queue[1:]
				}
			default:
				if !f.full() {
					last += Index(rapid.IntRange(1, 3).Draw(t, "entries"))
					size := f.payload([]Entry{{Data: make([]byte, rapid.IntRange(0, 9).Draw(t, "size"))}})
					f.add(last, size)
					queue = append(queue, inflight{last, size})
				}
			}
			bytes := uint64(0)
			for _, q := range queue {
				bytes += q.bytes
			}
			full := len(queue) == f.limit || f.maxBytes > 0 && bytes >= f.maxBytes
			if f.count != len(queue) || f.bytes != bytes || f.full() != full {
				t.Fatalf("%d messages with %d bytes in flight, want %d with %d", f.count, f.bytes, len(queue), bytes)
			}
			f = f.clone()
		}
	})
}

// TestCompactFreesMemory discards most of a long log bit by bit: what is left must not keep the rest alive, and
// nothing may be copied again and again.
func TestCompactFreesMemory(t *testing.T) {
	l, moved := &entryLog{}, 0
	for i := range Index(10_000) {
		l.append(Entry{Index: i + 1, Term: 1})
	}
	for i := range Index(9_990) {
		before := &l.entries[len(l.entries)-1]
		l.compact(i + 1)
		if before != &l.entries[len(l.entries)-1] {
			moved += len(l.entries)
		}
	}
	if cap(l.entries) > 100 || moved > 10_000 {
		t.Errorf("room for %d entries behind 10, %d were moved", cap(l.entries), moved)
	}
}
