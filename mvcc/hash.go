package mvcc

import (
	"encoding/binary"
	"math/bits"
)

// digest folds values into 64 bits. It is for comparing states of one version of this program: it is not
// etcd's hash (HashKV is) and no defence against anybody who wants a collision.
type digest uint64

const (
	digestSeedA = 0x9e3779b97f4a7c15 // odd, half of its bits set: the golden ratio
	digestSeedB = 0xd6e8feb86659fd93
)

func (d digest) word(w uint64) digest {
	hi, lo := bits.Mul64(uint64(d)^digestSeedA, w^digestSeedB)
	return digest(hi ^ lo)
}

func (d digest) bytes(b []byte) digest {
	d = d.word(uint64(len(b)))
	for ; len(b) >= 8; b = b[8:] {
		d = d.word(binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		d = d.word(binary.LittleEndian.Uint64(tail[:]))
	}
	return d
}

// change folds in a row of the key bucket.
func (d digest) change(c *change) digest {
	d = d.word(uint64(c.rev.Main)).word(uint64(c.rev.Sub)).bytes(c.KV.Key)
	if c.Delete {
		return d.word(1)
	}
	d = d.word(0).bytes(c.KV.Value).word(uint64(c.KV.CreateRevision))
	return d.word(uint64(c.KV.Version)).word(uint64(c.KV.Lease))
}
