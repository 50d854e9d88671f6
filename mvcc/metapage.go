package mvcc

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
)

// The layout of a bbolt meta page (bbolt internal/common: page.go, meta.go), little-endian.
const (
	pageHeaderBytes = 16
	metaBytes       = 64
	metaSummed      = 56 // the sum covers all before itself
	boltMagic       = uint32(0xED0CDAED)
	boltVersion     = 2
	noFreelist      = ^uint64(0) // the freelist is not stored but found by a scan
	pageSizeMin     = 1 << 10
	pageSizeMax     = 1 << 16
	txidMax         = 1 << 62 // beyond, counting on would overflow
)

// metaPage is what the walk needs of a bbolt meta page.
type metaPage struct {
	pageSize, root, freelist uint64
	highWater                uint64 // pages from here on are not part of the db
	txid                     uint64
}

// readMeta reads the meta page at an offset, if there is a valid one.
func readMeta(data []byte, offset uint64) (metaPage, error) {
	if offset+pageHeaderBytes+metaBytes > uint64(len(data)) {
		return metaPage{}, errors.New("the file ends before it")
	}
	b := data[offset+pageHeaderBytes:][:metaBytes]
	sum := fnv.New64a()
	sum.Write(b[:metaSummed])
	le := binary.LittleEndian
	switch {
	case le.Uint32(b) != boltMagic:
		return metaPage{}, fmt.Errorf("magic number %08x, want %08x", le.Uint32(b), boltMagic)
	case le.Uint32(b[4:]) != boltVersion:
		return metaPage{}, fmt.Errorf("version %d, want %d", le.Uint32(b[4:]), boltVersion)
	case le.Uint64(b[metaSummed:]) != sum.Sum64():
		return metaPage{}, errors.New("wrong checksum")
	}
	return metaPage{
		pageSize: uint64(le.Uint32(b[8:])), root: le.Uint64(b[16:]), freelist: le.Uint64(b[32:]),
		highWater: le.Uint64(b[40:]), txid: le.Uint64(b[48:]),
	}, nil
}

// findPageSize finds the page size as bbolt does: from the first meta page, or else from the first place
// where the second may stand.
func findPageSize(data []byte) (uint64, error) {
	m, first := readMeta(data, 0)
	if first != nil {
		var err error
		for at := uint64(pageSizeMin); ; at *= 2 {
			if at > pageSizeMax {
				return 0, fmt.Errorf("no valid meta page; in the first: %w", first)
			}
			if m, err = readMeta(data, at); err == nil {
				break
			}
		}
	}
	if ps := m.pageSize; ps < pageSizeMin || ps > pageSizeMax || ps&(ps-1) != 0 {
		return 0, fmt.Errorf("page size %d, want a power of two from %d to %d", ps, pageSizeMin, pageSizeMax)
	}
	return m.pageSize, nil
}

// currentMeta returns the valid meta page of the last transaction.
func currentMeta(data []byte) (metaPage, error) {
	size, err := findPageSize(data)
	if err != nil {
		return metaPage{}, err
	}
	m, err0 := readMeta(data, 0)
	other, err1 := readMeta(data, size)
	if err0 != nil && err1 != nil {
		return metaPage{}, fmt.Errorf("no valid meta page at page size %d: %w, %w", size, err0, err1)
	}
	if err0 != nil || (err1 == nil && other.txid > m.txid) {
		m = other
	}
	switch {
	case m.pageSize != size:
		return metaPage{}, fmt.Errorf("two page sizes, %d and %d", size, m.pageSize)
	case m.txid > txidMax:
		return metaPage{}, fmt.Errorf("transaction %d: cannot count on from there", m.txid)
	case m.highWater > uint64(len(data))/size:
		return metaPage{}, fmt.Errorf("the file ends at page %d of %d", uint64(len(data))/size, m.highWater)
	}
	return m, nil
}

// stripSnapshotSum checks and removes the SHA-256 at the end of a snapshot file, known by its odd size.
func stripSnapshotSum(data []byte) ([]byte, error) {
	if len(data)%512 != sha256.Size {
		return data, nil
	}
	db := data[:len(data)-sha256.Size]
	if sha256.Sum256(db) != [sha256.Size]byte(data[len(db):]) {
		return nil, errors.New("the SHA-256 at the end of the snapshot does not match")
	}
	return db, nil
}

// checkFile finds out whether bbolt may open a file with this content, and returns the part of it that
// belongs to the db.
func checkFile(data []byte) ([]byte, error) {
	db, err := stripSnapshotSum(data)
	if err == nil {
		var m metaPage
		if m, err = currentMeta(db); err == nil {
			db = db[:m.highWater*m.pageSize]
			_, err = walkPages(db, m)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return db, nil
}
