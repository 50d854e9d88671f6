package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Damage says where a WAL is damaged and why; it is an error when it cannot be repaired.
type Damage struct {
	File   string
	Offset int64 // of the record's frame
	Torn   bool  // an unfinished write at the very end: repairable
	Reason string
}

// Error names file, offset and reason.
func (d *Damage) Error() string {
	kind := "corrupt"
	if d.Torn {
		kind = "torn"
	}
	return fmt.Sprintf("WAL %s:%d: %s: %s", d.File, d.Offset, kind, d.Reason)
}

var errChecksum = errors.New("the checksum does not match")

// sectorBytes is what a disk writes at once or not at all; zeroed preallocation makes a sector that was not written
// recognizable.
const sectorBytes = 512

func (m *image) corrupt(off int64, reason string) *Damage {
	return &Damage{File: m.name, Offset: off, Reason: reason}
}

// unexpectedEnd is a record that the file is too short for: an unfinished write, if no other segment was begun.
func (m *image) unexpectedEnd(off int64, reason string) *Damage {
	return &Damage{File: m.name, Offset: off, Torn: m.last, Reason: reason}
}

// judge decides whether a whole record that does not verify was torn: only in the last segment, and only if
// one of its sectors is still as zero as it was preallocated. Everything else is corruption, also a length that reaches
// into the zeros while the record itself is sound.
func (c *chain) judge(m *image, off int64, body []byte, err error) *Damage {
	if m.last && zeroSector(off+lengthBytes, body) && !c.intact(body) {
		return &Damage{File: m.name, Offset: off, Torn: true, Reason: "a sector of the record was never written"}
	}
	return m.corrupt(off, err.Error())
}

// zeroSector reports whether the part of p in some sector of the file is all zero; p stands at off.
func zeroSector(off int64, p []byte) bool {
	for len(p) > 0 {
		n := min(sectorBytes-off%sectorBytes, int64(len(p)))
		if allZero(p[:n]) {
			return true
		}
		p = p[n:]
		off += n
	}
	return false
}

// allZero compares p with itself, one byte apart.
func allZero(p []byte) bool {
	return len(p) == 0 || p[0] == 0 && bytes.Equal(p[1:], p[:len(p)-1])
}

// missingLength judges a zero length field that bytes follow. etcd takes it for the end of the log, and so it is when
// the sector of the field was never written while one behind it was. But a sector is not written in parts: a record
// that begins in the same sector has lost its length to something else.
func (c *chain) missingLength(m *image, off int64) *Damage {
	end := min(off+sectorBytes-off%sectorBytes, int64(len(m.data)))
	if !m.last || !allZero(m.data[off:end]) && c.damagedLength(m, off) {
		return m.corrupt(off, "the length of the frame is zero, and records follow it")
	}
	return &Damage{File: m.name, Offset: off, Torn: true, Reason: "bytes follow the end of the records"}
}

// intact reports whether b begins with the record that continues the chain, whatever the length field says.
func (c *chain) intact(b []byte) bool {
	r, ok := recordPrefix(b)
	return ok && r.kind != CRCType && crc32.Update(c.crc, castagnoli, r.data) == r.crc
}

// damagedLength tells a bad length field from a file that ends too early: it looks for the record itself behind
// the field, and for any intact record behind that. etcd would cut all of them off.
func (c *chain) damagedLength(m *image, off int64) bool {
	body := m.bytes(off+lengthBytes, min(m.size-off-lengthBytes, recordBytesMax))
	if c.intact(body) {
		return true
	}
	damaged, known := recordPrefix(body)
	effort := 4 * len(m.data) // checksummed bytes; crafted frames inside frames would make this quadratic
	for at := off + frameAlign; at < int64(len(m.data)) && effort > 0; at += frameAlign {
		r, next, ok := m.tryFrame(at)
		if !ok {
			continue
		}
		effort -= len(r.data)
		if known && crc32.Update(damaged.crc, castagnoli, r.data) == r.crc {
			return true
		}
		if s, _, ok := m.tryFrame(next); ok {
			effort -= len(s.data)
			if crc32.Update(r.crc, castagnoli, s.data) == s.crc {
				return true
			}
		}
	}
	return effort <= 0
}

// tryFrame decodes what may be a frame at off, without its place in the chain.
func (m *image) tryFrame(off int64) (r record, next int64, ok bool) {
	if off+lengthBytes > int64(len(m.data)) {
		return r, 0, false
	}
	n, ok := frameLength(binary.LittleEndian.Uint64(m.data[off:]))
	if !ok || off+lengthBytes+n > min(m.size, int64(len(m.data))+sectorBytes) {
		return r, 0, false
	}
	r, err := decodeRecord(m.bytes(off+lengthBytes, n))
	ok = err == nil && r.kind >= MetadataType && r.kind <= SnapshotType && r.kind != CRCType
	return r, off + lengthBytes + n + (frameAlign-n%frameAlign)%frameAlign, ok
}

// recordPrefix decodes the record that b begins with, whose length is not known, as etcd lays it out: type, crc, data.
func recordPrefix(b []byte) (r record, ok bool) {
	rest := b
	for num := uint64(1); num <= 3; num++ {
		tag, n := binary.Uvarint(rest)
		if n <= 0 {
			return r, false
		}
		v, k := binary.Uvarint(rest[n:])
		if k <= 0 || tag>>3 != num {
			return r, false
		}
		rest = rest[n+k:]
		switch num {
		case 1:
			r.kind = RecordType(v)
		case 2:
			r.crc = uint32(v)
		case 3:
			if v > uint64(len(rest)) {
				return r, false
			}
			r.data = rest[:v]
		}
	}
	return r, r.kind >= MetadataType && r.kind <= SnapshotType
}
