package wal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// image is the content of one segment.
type image struct {
	name string
	data []byte // without the zeros at the end
	size int64  // with them
	last bool   // no segment follows: the only place where a write may be unfinished
}

// load reads a segment; zeros at the end of it are not kept.
func load(d Disk, name string, last bool) (image, error) {
	data, err := d.ReadFile(name)
	if err != nil {
		return image{}, err
	}
	size, err := d.Size(name)
	if err != nil {
		return image{}, err
	}
	size = max(size, int64(len(data)))
	return image{name: name, data: bytes.TrimRight(data, "\x00"), size: size, last: last}, nil
}

// recordBytesMax bounds what a damaged length field can make a reader allocate for the zeros of a sparse file. etcd's
// largest entry is a request of 1.5 MiB by default.
const recordBytesMax = 1 << 28

// bytes returns n bytes at off, which lie within size.
func (m *image) bytes(off, n int64) []byte {
	if off+n <= int64(len(m.data)) {
		return m.data[off : off+n : off+n]
	}
	out := make([]byte, n) // once per file: zeros follow, and zeros end the records
	if off < int64(len(m.data)) {
		copy(out, m.data[off:])
	}
	return out
}

// frames counts the frames of an undamaged segment, and some of a damaged one.
func (m *image) frames() (n int) {
	for off := int64(0); off+lengthBytes <= int64(len(m.data)); n++ {
		length, ok := frameLength(binary.LittleEndian.Uint64(m.data[off:]))
		if !ok {
			return n
		}
		off += lengthBytes + length + (frameAlign-length%frameAlign)%frameAlign
	}
	return n
}

// frame is a record and where it stands.
type frame struct {
	record
	file   string
	offset int64
	length int64 // with length field and padding
}

// chain is the CRC-32C chain of a WAL up to the record that was read last.
type chain struct {
	rules   Rules
	crc     uint32
	started bool // a segment before this one has been read
	records int
}

// decode reads the records of a segment and hands each to visit. It returns where they end. The damage is nil
// when only zeros follow.
func (c *chain) decode(m *image, visit func(frame) *Damage) (end int64, damage *Damage) {
	for position := 0; ; position++ {
		f, damage := c.next(m, end)
		if damage == nil && f.length > 0 {
			damage = c.admit(m, f, position)
		}
		if damage == nil && f.length > 0 {
			damage = visit(f)
		}
		if damage == nil && f.length == 0 && position < c.headRecords() {
			damage = m.corrupt(end, "the segment ends before its metadata record")
		}
		if damage != nil && position < c.headRecords() {
			damage.Torn = false // the head was synced before the segment got its name
		}
		if damage != nil || f.length == 0 {
			c.started = true
			return end, damage
		}
		c.crc = f.crc
		c.records++
		end += f.length
	}
}

// headRecords is how many records begin every segment: crc and metadata.
func (c *chain) headRecords() int {
	if c.rules.BareSegments {
		return 1
	}
	return 2
}

// next reads the frame at off; its length is 0 at the end of the records.
func (c *chain) next(m *image, off int64) (frame, *Damage) {
	if off >= int64(len(m.data)) {
		return frame{}, nil
	}
	if m.size-off < lengthBytes {
		return frame{}, m.unexpectedEnd(off, "the file ends in the middle of a length field")
	}
	field := binary.LittleEndian.Uint64(m.bytes(off, lengthBytes))
	if field == 0 {
		return frame{}, c.missingLength(m, off)
	}
	n, ok := frameLength(field)
	if !ok {
		return frame{}, m.corrupt(off, "length and padding of the frame do not fit together")
	}
	length := lengthBytes + n + (frameAlign-n%frameAlign)%frameAlign
	if length > m.size-off {
		paddingCut := lengthBytes+n <= m.size-off
		if !paddingCut && c.damagedLength(m, off) {
			return frame{}, m.corrupt(off, "the length of the frame is damaged: whole records follow it")
		}
		return frame{}, m.unexpectedEnd(off, "the file ends in the middle of a record")
	}
	if n > recordBytesMax {
		return frame{}, m.corrupt(off, "the record is longer than any that etcd writes")
	}
	body := m.bytes(off+lengthBytes, n)
	r, err := decodeRecord(body)
	if err == nil && !c.sound(&r) {
		err = errChecksum
	}
	if err != nil {
		return frame{}, c.judge(m, off, body, err)
	}
	return frame{record: r, file: m.name, offset: off, length: length}, nil
}

// sound reports whether a record has the checksum that its data give.
func (c *chain) sound(r *record) bool {
	return r.kind == CRCType || crc32.Update(c.crc, castagnoli, r.data) == r.crc || c.rules.SkipChecksums
}

// frameLength takes a length field apart; ok is false when no writer could have written it.
func frameLength(field uint64) (n int64, ok bool) {
	n = int64(field & lengthMask)
	want, _ := lengthField(n)
	return n, n > 0 && field == want
}

// admit checks the place of an intact record.
func (c *chain) admit(m *image, f frame, position int) *Damage {
	switch {
	case (f.kind == CRCType) != (position == 0):
		return m.corrupt(f.offset, "a crc record stands only, and always, at the start of a segment")
	case f.kind == MetadataType && position != 1, f.kind != MetadataType && position == 1 && c.headRecords() == 2:
		return m.corrupt(f.offset, "a metadata record stands only, and always, behind the crc record")
	case f.kind == CRCType && (f.data != nil || c.started && f.crc != c.crc && !c.rules.BreakChain):
		return m.corrupt(f.offset, "the crc chain is broken: the segment does not continue the one before it")
	}
	return nil
}
