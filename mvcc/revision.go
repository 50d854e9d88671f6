package mvcc

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
)

// Revision is the main revision of a transaction and the number of the change inside it.
type Revision struct{ Main, Sub int64 }

// Compare orders revisions by Main, then Sub.
func (r Revision) Compare(o Revision) int {
	if c := cmp.Compare(r.Main, o.Main); c != 0 {
		return c
	}
	return cmp.Compare(r.Sub, o.Sub)
}

// String writes 9 for the first change of revision 9 and 9.1 for the second.
func (r Revision) String() string {
	if r.Sub == 0 {
		return fmt.Sprint(r.Main)
	}
	return fmt.Sprintf("%d.%d", r.Main, r.Sub)
}

// maxRevision is the last main revision there is.
const maxRevision = math.MaxInt64

// A row key of the key bucket is main, '_' and sub, big-endian so that bytes sort as revisions do; a
// tombstone has one more byte.
const (
	revisionBytes  = 17
	tombstoneBytes = 18
	revisionSep    = '_'
	tombstoneMark  = 't'
)

// appendRowKey appends the row key of a change.
func appendRowKey(dst []byte, rev Revision, tombstone bool) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(rev.Main))
	dst = append(dst, revisionSep)
	dst = binary.BigEndian.AppendUint64(dst, uint64(rev.Sub))
	if tombstone {
		dst = append(dst, tombstoneMark)
	}
	return dst
}

// parseRowKey is the inverse of appendRowKey.
func parseRowKey(b []byte) (rev Revision, tombstone bool, err error) {
	tombstone = len(b) == tombstoneBytes && b[revisionBytes] == tombstoneMark
	if (len(b) != revisionBytes && !tombstone) || b[8] != revisionSep {
		return Revision{}, false, fmt.Errorf("row key %x is not a revision", b)
	}
	main, sub := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[9:])
	if main > math.MaxInt64 || sub > math.MaxInt64 {
		return Revision{}, false, fmt.Errorf("row key %x: revision out of range", b)
	}
	return Revision{int64(main), int64(sub)}, tombstone, nil
}
