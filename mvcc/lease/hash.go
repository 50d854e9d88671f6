package lease

import (
	"encoding/binary"
	"math/bits"
)

// digest folds values into 64 bits, to compare states of one version of this program.
type digest uint64

const (
	digestSeedA = 0x8ebc6af09c88c6e3
	digestSeedB = 0x589965cc75374cc3
)

func (d digest) word(w uint64) digest {
	hi, lo := bits.Mul64(uint64(d)^digestSeedA, w^digestSeedB)
	return digest(hi ^ lo)
}

func (d digest) text(s string) digest {
	d = d.word(uint64(len(s)))
	for len(s) > 0 {
		var chunk [8]byte
		n := copy(chunk[:], s)
		d = d.word(binary.LittleEndian.Uint64(chunk[:]))
		s = s[n:]
	}
	return d
}

// Hash is a fingerprint of all leases, deadlines and keys.
func (r *Lessor) Hash() uint64 {
	d := digest(0).word(uint64(r.leases.Len()))
	if r.primary {
		d = d.word(1)
	}
	r.leases.Ascend(func(l *lease) bool {
		d = d.word(uint64(l.id)).word(uint64(l.ttl)).word(uint64(l.remaining))
		d = d.word(uint64(l.expiry)).word(uint64(l.due)).word(uint64(l.checkpoint))
		return true
	})
	r.keys.Ascend(func(a attachment) bool {
		d = d.word(uint64(a.id)).text(a.key)
		return true
	})
	return uint64(d)
}
