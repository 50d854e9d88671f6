package disk

import (
	"bytes"
	"encoding/binary"
)

// Hash is a fingerprint of names, bytes and marks, the same on every machine. Its cost does not depend on how
// much the files hold: the sum of a file's content is kept while it is written.
func (d *Disk) Hash() uint64 {
	h := hash(uint64(len(d.names)))
	for _, dir := range [2][]entry{d.names, d.durable} {
		for _, e := range dir {
			h.text(e.name)
			h.file(&d.files[e.slot])
		}
		h.add(uint64(len(dir)))
	}
	for _, f := range d.faults {
		h.add(uint64(f.Kind))
		h.text(f.File)
		h.add(uint64(f.N))
		if f.Kept {
			h.add(1)
		}
	}
	return uint64(h)
}

// hash is a running fingerprint.
type hash uint64

func (h *hash) add(v uint64) { *h = hash(mix(uint64(*h)+0x9e3779b97f4a7c15) ^ mix(v)) }

func (h *hash) text(s string) {
	h.add(uint64(len(s)))
	for ; len(s) > 0; s = s[min(8, len(s)):] {
		var w [8]byte
		copy(w[:], s)
		h.add(binary.LittleEndian.Uint64(w[:]))
	}
}

func (h *hash) file(f *file) {
	h.add(uint64(f.size))
	h.add(uint64(f.extent))
	h.add(f.sum)
	for i := range f.undo {
		u := &f.undo[i]
		h.add(uint64(u.off))
		h.add(uint64(u.n))
		h.add(uint64(u.size))
		h.add(uint64(u.extent))
		h.text(string(bytes.TrimRight(u.old, "\x00")))
	}
}
