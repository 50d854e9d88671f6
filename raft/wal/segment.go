package wal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/raft"
)

// segmentName is etcd's name of a WAL file: its number in the chain and the index of the first entry that may be in it.
func segmentName(seq uint64, first raft.Index) string {
	return fmt.Sprintf("%016x-%016x.wal", seq, uint64(first))
}

// segment is one WAL file by its name.
type segment struct {
	name  string
	seq   uint64
	first raft.Index
}

// parseSegment takes a file name apart; ok is false for files that are not segments.
func parseSegment(name string) (s segment, ok bool) {
	const digits = 16
	base, found := strings.CutSuffix(name, ".wal")
	if !found || len(base) != 2*digits+1 || base[digits] != '-' {
		return s, false
	}
	seq, err1 := strconv.ParseUint(base[:digits], 16, 64)
	first, err2 := strconv.ParseUint(base[digits+1:], 16, 64)
	s = segment{name: name, seq: seq, first: raft.Index(first)}
	return s, err1 == nil && err2 == nil && segmentName(seq, s.first) == name
}

// segments lists the WAL files of a directory in the order of the chain.
func segments(d Disk) []segment {
	var out []segment
	for _, name := range d.Names() {
		if s, ok := parseSegment(name); ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b segment) int { return strings.Compare(a.name, b.name) })
	return out
}

// Exist reports whether the directory holds a WAL.
func Exist(d Disk) bool { return len(segments(d)) > 0 }

// newSegment makes the next file of the chain under a temporary name, with its head (crc and what head appends),
// and gives it its real name when all of it is durable: a segment without its head is never seen.
func (w *WAL) newSegment(seq uint64, first raft.Index, head func()) error {
	tmp := strconv.FormatUint(seq%2, 10) + ".tmp"
	if slices.Contains(w.d.Names(), tmp) {
		if err := w.d.Remove(tmp); err != nil {
			return err
		}
	}
	if err := w.d.Create(tmp); err != nil {
		return err
	}
	if err := w.d.Truncate(tmp, w.segmentBytes()); err != nil {
		return err
	}
	name := segmentName(seq, first)
	w.file, w.name, w.seq, w.size, w.pages = tmp, name, seq, 0, pageWriter{}
	w.buf = w.buf[:0]
	w.appendRecord(RecordInfo{Type: CRCType}, nil, nil)
	head()
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.Sync(); err != nil {
		return err
	}
	if err := w.d.Rename(tmp, name); err != nil {
		return err
	}
	w.file = name
	return w.syncDir()
}

// syncDir makes the names of files durable.
func (w *WAL) syncDir() error {
	if w.o.Rules.NoDirSync {
		return nil
	}
	return w.d.SyncDir()
}

// cut ends the segment where its records end and goes on in the next one, which repeats the hard state: older segments
// may then be purged. The file system must have the file's name before an entry in it is acknowledged.
func (w *WAL) cut() error {
	if err := w.d.Truncate(w.file, w.size); err != nil {
		return err
	}
	if err := w.Sync(); err != nil {
		return err
	}
	return w.newSegment(w.seq+1, w.last+1, func() {
		if w.o.Rules.BareSegments {
			return
		}
		w.appendMetadata()
		if w.state != (raft.HardState{}) {
			w.appendState(w.state)
		}
	})
}
