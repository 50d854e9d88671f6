package disk

import "encoding/binary"

// chunkBytes is the unit of sharing. Together with its owner a chunk fills a size class of the allocator;
// it is a multiple of 8 so that no word of the content sum straddles two chunks.
const chunkBytes = 8<<10 - 8

// owner is an identity: a chunk or a chunk table may be changed in place only by the disk whose owner it carries.
// The field keeps two owners from sharing an address.
type owner struct{ _ byte }

// chunk is a piece of a file's content at a multiple of chunkBytes.
type chunk struct {
	owner *owner
	data  [chunkBytes]byte
}

// file is the content of one file in the page cache, and what must be undone to get the content on the platter.
type file struct {
	used   bool
	size   int64    // with preallocated zeros
	extent int64    // end of the data: zeros from there to size; <= size
	sum    uint64   // of all words that are not zero, see wordSum; kept by write and zero
	chunks []*chunk // nil is zeros
	table  *owner   // whose chunks slice may be changed in place
	undo   []undo   // changes that are not durable, oldest first
}

// write stores p at off in the page cache.
func (d *Disk) write(f *file, off int64, p []byte) {
	end := off + int64(len(p))
	f.extent = max(f.extent, end)
	f.size = max(f.size, end)
	for len(p) > 0 {
		i, at := off/chunkBytes, int(off%chunkBytes)
		n := min(len(p), chunkBytes-at)
		d.change(f, i, at, p[:n])
		off += int64(n)
		p = p[n:]
	}
}

// change overwrites a part of one chunk and keeps the sum.
func (d *Disk) change(f *file, i int64, at int, p []byte) {
	c := d.ownChunk(f, i)
	lo, hi := at&^7, (at+len(p)+7)&^7
	word := (i*chunkBytes + int64(lo)) / 8
	f.sum -= wordSum(c.data[lo:hi], word)
	copy(c.data[at:], p)
	f.sum += wordSum(c.data[lo:hi], word)
}

// zero clears [from, to) and lets go of chunks that lie in it.
func (d *Disk) zero(f *file, from, to int64) {
	for from < to {
		i, at := from/chunkBytes, from%chunkBytes
		n := min(to-from, chunkBytes-at)
		from += n
		if i >= int64(len(f.chunks)) || f.chunks[i] == nil {
			continue
		}
		if at == 0 && (n == chunkBytes || from >= f.extent) {
			d.drop(f, i)
			continue
		}
		d.change(f, i, int(at), zeros[:n])
	}
}

// zeros is what zero writes; nothing changes it.
var zeros [chunkBytes]byte

// drop replaces a chunk by zeros.
func (d *Disk) drop(f *file, i int64) {
	c := f.chunks[i]
	f.sum -= wordSum(c.data[:], i*chunkBytes/8)
	d.ownTable(f, i)
	f.chunks[i] = nil
	if c.owner == d.owner {
		d.own -= chunkBytes
	}
}

// ownChunk returns chunk i, copied first when a clone may see it.
func (d *Disk) ownChunk(f *file, i int64) *chunk {
	if i < int64(len(f.chunks)) && f.chunks[i] != nil && f.chunks[i].owner == d.owner {
		return f.chunks[i]
	}
	d.ownTable(f, i)
	c := &chunk{owner: d.owner}
	if old := f.chunks[i]; old != nil {
		c.data = old.data
	}
	f.chunks[i] = c
	d.own += chunkBytes
	return c
}

// ownTable makes f.chunks hold index i and be safe to change in place.
func (d *Disk) ownTable(f *file, i int64) {
	if f.table != d.owner {
		f.chunks = append(make([]*chunk, 0, len(f.chunks)+1), f.chunks...)
		f.table = d.owner
	}
	for i >= int64(len(f.chunks)) {
		f.chunks = append(f.chunks, nil)
	}
}

// read copies [from, to).
func (f *file) read(from, to int64) []byte {
	if to <= from {
		return nil
	}
	out := make([]byte, to-from)
	for p := out; len(p) > 0; {
		i, at := from/chunkBytes, from%chunkBytes
		n := min(int64(len(p)), chunkBytes-at)
		if i < int64(len(f.chunks)) && f.chunks[i] != nil {
			copy(p[:n], f.chunks[i].data[at:])
		}
		p = p[n:]
		from += n
	}
	return out
}

// wordSum adds up one number for each 8-byte word of p that is not zero; word is the position of the first.
// A sum over positions can be kept while words change, in any order, and zeros cost nothing.
func wordSum(p []byte, word int64) (sum uint64) {
	for ; len(p) >= 8; p = p[8:] {
		if w := binary.LittleEndian.Uint64(p); w != 0 {
			sum += mix(w ^ mix(uint64(word)+1))
		}
		word++
	}
	return sum
}

// mix spreads x over 64 bits; it is a bijection (multiplications by odd numbers and xor-shifts).
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0x9fb21c651e98df25
	x ^= x >> 29
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}
