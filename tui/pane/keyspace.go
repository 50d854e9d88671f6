package pane

import (
	"etcdscope/mvcc"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// keySpace is what the mvcc pane has worked out of one store: the newest changes as columns, the keys as rows.
type keySpace struct {
	of      *mvcc.View
	theme   *theme.Theme
	changes []change
	keys    []keyRow
	width   int // of a column with the space behind it
	name    int // width of the longest key
	buf     line
}

// change is one column: one change of one key.
type change struct {
	mvcc.Event
	rev       string // 8, or 8.1 for a later change of the same transaction
	op, value string
}

// keyRow is one key with its generations written out, such as {3 5 7†} {8.0 11}.
type keyRow struct {
	key         string
	name        string
	generations string
}

const (
	changesKept  = 64
	keysKept     = 64
	keyCells     = 12 // cells of a key
	valueCells   = 8  // cells of a value
	changeNarrow = 5  // cells of the narrowest column
)

// sync works the view out anew if it is another one.
func (k *keySpace) sync(v *mvcc.View, t *theme.Theme) {
	if k.of == v && k.theme == t {
		return
	}
	k.of, k.theme, k.width, k.name = v, t, changeNarrow, 4
	k.changes, k.keys = k.changes[:0], k.keys[:0]
	tail := string(t.Glyph.Ellipsis)
	sub := 0
	for i, e := range v.Recent(changesKept) {
		if i > 0 && k.changes[i-1].KV.ModRevision == e.KV.ModRevision {
			sub++
		} else {
			sub = 0
		}
		c := k.change(e, sub, tail)
		k.width = max(k.width, frame.Width(c.op)+1, frame.Width(c.value)+1, len(c.rev)+1)
		k.changes = append(k.changes, c)
	}
	for _, h := range v.Keys(keysKept) {
		row := keyRow{key: h.Key, name: frame.Truncate(h.Key, keyCells, tail), generations: k.generations(&h)}
		k.name = max(k.name, frame.Width(row.name))
		k.keys = append(k.keys, row)
	}
}

// change writes one change down. Only as much of a long value is looked at as can be shown.
func (k *keySpace) change(e mvcc.Event, sub int, tail string) change {
	c := change{Event: e}
	key := frame.Truncate(clip(e.KV.Key), valueCells, tail)
	if e.Delete {
		c.value = string(k.theme.Glyph.Tombstone)
		c.op = c.value + key
	} else {
		c.value = frame.Truncate(clip(e.KV.Value), valueCells, tail)
		c.op = frame.Truncate(key+"="+c.value, valueCells+3, tail)
	}
	k.buf = k.buf[:0].revision(e.KV.ModRevision, int64(sub))
	c.rev = string(k.buf)
	return c
}

// clip returns the beginning of a stranger's bytes, more than fits into any column.
func clip(b []byte) string { return string(b[:min(len(b), 64)]) }

// revision writes a revision; the number of the change inside its transaction only where it is not the first.
func (l line) revision(main, sub int64) line {
	l = l.int(main)
	if sub > 0 {
		l = append(l, '.').int(sub)
	}
	return l
}

// generations writes a key's lives down, each from its creation to its tombstone.
func (k *keySpace) generations(h *mvcc.KeyHistory) string {
	b := k.buf[:0]
	for i, g := range h.Generations {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, '{')
		for j, r := range g.Revisions {
			if j > 0 {
				b = append(b, ' ')
			}
			b = b.revision(r.Main, r.Sub)
		}
		if g.Tombstone {
			b = b.glyph(k.theme.Glyph.Tombstone)
		}
		b = append(b, '}')
	}
	k.buf = b
	return string(b)
}
