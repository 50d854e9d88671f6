package watch

import (
	"encoding/binary"
	"math/bits"

	"etcdscope/mvcc"
)

// digest folds values into 64 bits, to compare states of one version of this program.
type digest uint64

const (
	digestSeedA = 0xa0761d6478bd642f
	digestSeedB = 0xe7037ed1a0b428db
)

func (d digest) word(w uint64) digest {
	hi, lo := bits.Mul64(uint64(d)^digestSeedA, w^digestSeedB)
	return digest(hi ^ lo)
}

func (d digest) bytes(b []byte) digest {
	d = d.word(uint64(len(b)))
	for len(b) > 0 {
		var chunk [8]byte
		n := copy(chunk[:], b)
		d = d.word(binary.LittleEndian.Uint64(chunk[:]))
		b = b[n:]
	}
	return d
}

func (d digest) flag(b bool) digest {
	if b {
		return d.word(1)
	}
	return d.word(0)
}

// Hash is a fingerprint of all cursors and buffers. An event counts with its key and revision: its value
// follows from the store.
func (h *Hub) Hash() uint64 {
	d := digest(0).word(uint64(h.lastID)).word(uint64(h.nextSync))
	for _, w := range h.watchers {
		d = d.word(uint64(w.id)).bytes(w.key).flag(w.end == nil).bytes(w.end)
		d = d.word(uint64(w.startRev)).word(uint64(w.minRev)).word(uint64(w.state))
		d = d.flag(w.prevKV).flag(w.noPut).flag(w.noDelete)
		d = d.response(&w.retained).word(uint64(len(w.queue)))
		for i := range w.queue {
			d = d.response(&w.queue[i])
		}
	}
	for i := range h.late {
		d = d.event(&h.late[i])
	}
	return uint64(d)
}

func (d digest) response(r *Response) digest {
	d = d.word(uint64(r.Revision)).word(uint64(r.CompactRevision)).word(uint64(len(r.Events)))
	for i := range r.Events {
		d = d.event(&r.Events[i])
	}
	return d
}

func (d digest) event(e *mvcc.Event) digest {
	return d.word(uint64(e.KV.ModRevision)).bytes(e.KV.Key).flag(e.Delete).flag(e.Prev != nil)
}
