package raft

import (
	"slices"
	"sort"
)

// entryLog is the log in memory. A slot of the backing array is written once and never again:
// a truncation cuts the capacity too, so that the next append moves to another array. Views,
// messages, Readys and clones may therefore share the array for ever.
//
// prev <= applied <= applying <= committed <= last, applying <= durable <= handed <= last. While an
// installed snapshot is on its way to the disk, prev, applying and committed run ahead of applied and durable.
type entryLog struct {
	prevIndex Index // the entry before the first one: discarded or inside a snapshot, or 0
	prevTerm  Term
	entries   []Entry
	waste     int       // discarded entries in front of entries, in the same array
	snapshot  *Snapshot // installed from the leader and not durable yet

	unhanded  bool  // snapshot was not handed out yet
	handed    Index // entries up to here were handed out to be persisted
	durable   Index // entries up to here are on disk
	committed Index // never moves back
	applying  Index // handed out to be applied
	applied   Index // acknowledged by Applied
}

func (l *entryLog) lastIndex() Index { return l.prevIndex + Index(len(l.entries)) }

func (l *entryLog) lastTerm() Term {
	t, _ := l.term(l.lastIndex())
	return t
}

// term returns the term of the entry at i, or false when the log does not reach it.
func (l *entryLog) term(i Index) (Term, bool) {
	switch {
	case i == l.prevIndex:
		return l.prevTerm, true
	case i < l.prevIndex || i > l.lastIndex():
		return 0, false
	}
	return l.entries[i-l.prevIndex-1].Term, true
}

func (l *entryLog) matches(i Index, t Term) bool {
	have, ok := l.term(i)
	return ok && have == t
}

// slice returns the entries lo..hi. Its capacity ends at hi, so an append by the receiver cannot reach the log.
func (l *entryLog) slice(lo, hi Index) []Entry {
	if lo > hi {
		return nil
	}
	from, to := lo-l.prevIndex-1, hi-l.prevIndex
	return l.entries[from:to:to]
}

// append doubles the array where Go would add a quarter: a log is long, and every entry would move four times.
func (l *entryLog) append(entries ...Entry) {
	if len(l.entries)+len(entries) > cap(l.entries) {
		l.entries = slices.Grow(l.entries, max(len(l.entries), len(entries)))
	}
	l.entries = append(l.entries, entries...)
}

// compact discards everything up to index and remembers the term there. What is left moves to a smaller
// array when most of the old one is waste: the discarded entries are freed, at a constant cost for each.
func (l *entryLog) compact(index Index) {
	l.prevTerm, _ = l.term(index)
	rest := l.entries[index-l.prevIndex:]
	if l.waste += int(index - l.prevIndex); l.waste > cap(rest) {
		rest, l.waste = append(make([]Entry, 0, len(rest)+len(rest)/4), rest...), 0
	}
	l.prevIndex, l.entries = index, rest
}

// restore replaces the whole log by a snapshot. What the disk held of the old log beyond its commit
// index is not part of this log.
func (l *entryLog) restore(s *Snapshot) {
	l.durable = min(l.durable, l.committed, s.Meta.Index)
	l.prevIndex, l.prevTerm, l.entries, l.waste = s.Meta.Index, s.Meta.Term, nil, 0
	l.handed, l.committed, l.applying = s.Meta.Index, s.Meta.Index, s.Meta.Index
	l.snapshot, l.unhanded = s, true
}

// truncate removes everything after keep. The caller has checked that keep >= committed.
func (l *entryLog) truncate(keep Index) {
	n := keep - l.prevIndex
	l.entries = l.entries[:n:n]
	l.handed = min(l.handed, keep)
	l.durable = min(l.durable, keep)
}

// conflict returns the index of the first of entries that the log lacks or holds with another
// term, or 0 when it holds them all.
func (l *entryLog) conflict(entries []Entry) Index {
	for i := range entries {
		if !l.matches(entries[i].Index, entries[i].Term) {
			return entries[i].Index
		}
	}
	return 0
}

// backtrack returns the largest index <= i whose term is not above t, and its term. Terms never
// decrease along a log, so nothing above that index can match an entry of term t (etcd findConflictByTerm).
func (l *entryLog) backtrack(i Index, t Term) (Index, Term) {
	i = min(i, l.lastIndex())
	switch {
	case i < l.prevIndex:
		return i, 0
	case i == l.prevIndex && l.prevTerm <= t:
		return i, l.prevTerm
	case i == l.prevIndex:
		return max(i, 1) - 1, 0 // unknown: it is discarded
	}
	later := sort.Search(int(i-l.prevIndex), func(k int) bool { return l.entries[k].Term > t })
	if later == 0 {
		return l.backtrack(l.prevIndex, t)
	}
	return l.entries[later-1].Index, l.entries[later-1].Term
}

// appliable returns how far entries may be handed out to be applied. Like etcd with asynchronous
// storage writes it stops at the own disk: what a crash could take back is never applied. Nothing
// is applied behind a snapshot that is not installed.
func (l *entryLog) appliable() Index {
	if l.snapshot != nil {
		return l.applying
	}
	return min(l.committed, l.durable)
}

// clone shares the entries. Only the original keeps the spare capacity: the copy moves to an
// array of its own with its first append, so neither can reach the other's slots.
func (l *entryLog) clone() entryLog {
	c := *l
	c.entries = slices.Clip(l.entries)
	return c
}
