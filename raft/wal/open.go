package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"etcdscope/raft"
)

// contents is a WAL as it was read.
type contents struct {
	history
	chain
	tail   segment
	end    int64     // of the records in the tail
	size   int64     // of the tail
	damage *Damage   // an unfinished write behind end, or nil
	lost   []segment // behind damage; only with CutAtDamage
}

// scan reads all segments. A damage that cannot be repaired is the error.
func scan(d Disk, rules Rules) (*contents, error) {
	segs := segments(d)
	if len(segs) == 0 {
		return &contents{}, fmt.Errorf("open WAL: no segments: %w", fs.ErrNotExist)
	}
	c := &contents{chain: chain{rules: rules}}
	for i, s := range segs {
		if want := segs[0].seq + uint64(i); s.seq != want {
			return c, &Damage{File: s.name, Reason: fmt.Sprintf("segment %d of the chain is missing", want)}
		}
		m, err := load(d, s.name, i == len(segs)-1)
		if err != nil {
			return c, fmt.Errorf("open WAL: %w", err)
		}
		c.steps = slices.Grow(c.steps, m.frames())
		end, damage := c.decode(&m, c.add)
		if damage != nil && !damage.Torn {
			return c, c.cut(damage, s, end, m.size, segs[i:])
		}
		c.tail, c.end, c.size, c.damage = s, end, m.size, damage
	}
	return c, nil
}

// cut treats any damage like a torn tail, if CutAtDamage says so: what follows it is lost.
func (c *contents) cut(damage *Damage, s segment, end, size int64, rest []segment) error {
	if !c.rules.CutAtDamage || end == 0 {
		return damage
	}
	c.tail, c.end, c.size, c.damage, c.lost = s, end, size, damage, rest[1:]
	return nil
}

// Open reads the WAL from its newest snapshot record on, cuts a torn tail (a copy stays as NAME.broken),
// and is then ready to append. Any other damage is refused with a *Damage and nothing is changed.
// The error is fs.ErrNotExist when there is no WAL.
//
// What was read is synced first: a member acts on it, so a power cut must not take it back.
func Open(d Disk, o Options) (*WAL, Recovered, error) {
	return openFrom(d, o, (*history).newest)
}

// OpenAt is Open from the record of one snapshot on: the newest whose file could be read.
func OpenAt(d Disk, snap raft.SnapshotMeta, o Options) (*WAL, Recovered, error) {
	return openFrom(d, o, func(h *history) (int, error) { return h.find(snap) })
}

func openFrom(d Disk, o Options, start func(*history) (int, error)) (*WAL, Recovered, error) {
	c, err := scan(d, o.Rules)
	if err != nil {
		return nil, Recovered{}, err
	}
	snap, entries, err := c.recover(start)
	if err != nil {
		return nil, Recovered{}, err
	}
	w := &WAL{d: d, o: o, meta: c.meta, name: c.tail.name, file: c.tail.name, seq: c.tail.seq}
	w.size, w.crc, w.state = c.end, c.crc, c.state
	// Behind a leader's snapshot the next segment begins with its next entry. etcd names it by the last entry that it
	// read, and then looks for the snapshot's record in it, where it is not.
	w.last = max(c.lastSeen, snap.Index)
	w.pages.written = c.end
	w.held = firstHeld(segments(d), snap.Index)
	for _, info := range c.infos {
		w.note(info)
	}
	if err := w.repair(c); err != nil {
		return nil, Recovered{}, err
	}
	if err := w.Sync(); err != nil {
		return nil, Recovered{}, err
	}
	if err := w.syncDir(); err != nil {
		return nil, Recovered{}, err
	}
	return w, Recovered{
		Metadata: c.meta, HardState: c.state, Snapshot: snap, Entries: entries,
		Repaired: c.damage, Records: c.records,
	}, nil
}

// recover picks the snapshot to start from and replays the log behind it.
func (c *contents) recover(start func(*history) (int, error)) (raft.SnapshotMeta, []raft.Entry, error) {
	at, err := start(&c.history)
	if err == nil {
		var entries []raft.Entry
		var damage *Damage
		if entries, damage = c.replay(at); damage == nil {
			return *c.steps[at].snap, entries, nil
		}
		err = damage
	}
	var damage *Damage
	if errors.As(err, &damage) && damage.File == "" {
		damage.File = c.tail.name
	}
	return raft.SnapshotMeta{}, nil, err
}

// ValidSnapshotEntries lists the snapshot records that a restart may begin with, in the order in which they were
// written. A record above the last commit index was written by a member that died before it installed the snapshot.
func ValidSnapshotEntries(d Disk, o Options) ([]raft.SnapshotMeta, error) {
	c, err := scan(d, o.Rules)
	if err != nil {
		return nil, err
	}
	var out []raft.SnapshotMeta
	for _, s := range c.steps {
		if s.snap != nil && s.snap.Index <= c.state.Commit {
			out = append(out, *s.snap)
		}
	}
	return out, nil
}

// repair cuts off what was torn.
func (w *WAL) repair(c *contents) error {
	if c.damage == nil {
		return nil
	}
	if w.o.Rules.NoRepair {
		return c.damage
	}
	for _, s := range c.lost {
		if err := w.d.Rename(s.name, s.name+".broken"); err != nil {
			return fmt.Errorf("repair WAL: %w", err)
		}
	}
	if err := keepCopy(w.d, c.tail.name, c.size); err != nil {
		return fmt.Errorf("repair WAL: %w", err)
	}
	if w.o.Rules.KeepTail {
		return nil
	}
	if err := zeroTail(w.d, c.tail.name, c.end, c.size); err != nil {
		return fmt.Errorf("repair WAL: %w", err)
	}
	return nil
}

// zeroTail zeroes a file from end on: a shorter record written there later must not have the rest of an older one
// behind it.
func zeroTail(d Disk, name string, end, size int64) error {
	if err := d.Truncate(name, end); err != nil {
		return err
	}
	return d.Truncate(name, size)
}

// keepCopy copies a segment to NAME.broken.
func keepCopy(d Disk, name string, size int64) error {
	broken := name + ".broken"
	if slices.Contains(d.Names(), broken) {
		if err := d.Remove(broken); err != nil {
			return err
		}
	}
	data, err := d.ReadFile(name)
	if err != nil {
		return err
	}
	if err := d.Create(broken); err != nil {
		return err
	}
	if err := d.WriteAt(broken, 0, data); err != nil {
		return err
	}
	if err := d.Truncate(broken, size); err != nil {
		return err
	}
	return d.SyncFile(broken)
}

// Verify reads the whole WAL and changes nothing. n is how many records are intact; the error is a *Damage, also
// for a torn tail.
func Verify(d Disk) (n int, err error) {
	c, err := scan(d, Rules{})
	if err != nil {
		return c.records, err
	}
	if c.damage != nil {
		return c.records, c.damage
	}
	_, _, err = c.recover((*history).newest)
	return c.records, err
}
