package mvcc

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// ErrDamaged says that a db file or image must not be opened.
var ErrDamaged = errors.New("mvcc: the db file is damaged")

// imagePage is the unit in which images are shared and checked. It is etcd's page size on most machines,
// but need not be that of the file.
const imagePage = 4096

type pageData [imagePage]byte

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// image is an immutable copy of a db file. bbolt checksums only its two meta pages, so every page carries
// our own sum, checked before bbolt sees it.
type image struct {
	pages  []*pageData
	sums   []uint32
	damage error // found when the image was made
}

// readImage copies size bytes of r, sharing pages with prev (may be nil) where they are equal at the same
// place. fresh is how many bytes it could not share.
func readImage(r io.ReaderAt, size int64, prev *image) (m *image, fresh int64, err error) {
	n := int((size + imagePage - 1) / imagePage)
	m = &image{pages: make([]*pageData, n), sums: make([]uint32, n)}
	buf := make([]byte, min(n, 16)*imagePage)
	for first := 0; first < n; first += 16 {
		chunk := buf[:min(n-first, 16)*imagePage]
		got, err := r.ReadAt(chunk, int64(first)*imagePage)
		if err != nil && err != io.EOF {
			return nil, 0, err
		}
		clear(chunk[got:])
		for i := 0; i < len(chunk); i += imagePage {
			fresh += m.set(first+i/imagePage, (*pageData)(chunk[i:]), prev)
		}
	}
	return m, fresh, nil
}

// set fills page i with p, or with prev's page when that is equal; it returns the bytes it copied.
func (m *image) set(i int, p *pageData, prev *image) int64 {
	if prev != nil && i < len(prev.pages) && *prev.pages[i] == *p {
		m.pages[i], m.sums[i] = prev.pages[i], prev.sums[i]
		return 0
	}
	page := *p
	m.pages[i], m.sums[i] = &page, crc32.Checksum(page[:], castagnoli)
	return imagePage
}

// verify checks every page against its sum. It does not say which page is wrong: where bbolt puts what is not the same
// in every run, and what happens in a run must be.
func (m *image) verify() error {
	if m.damage != nil {
		return m.damage
	}
	if len(m.pages) != len(m.sums) {
		return fmt.Errorf("%w: it was cut", ErrDamaged)
	}
	for i, page := range m.pages {
		if sum := crc32.Checksum(page[:], castagnoli); sum != m.sums[i] {
			return fmt.Errorf("%w: a page does not have the checksum that it was written with", ErrDamaged)
		}
	}
	return nil
}

// withFlippedBit returns an image with one bit of one byte changed and the sums left as they were.
func (m *image) withFlippedBit(offset int64, bit uint) *image {
	n := &image{pages: append([]*pageData(nil), m.pages...), sums: m.sums, damage: m.damage}
	i := offset / imagePage
	page := *n.pages[i]
	page[offset%imagePage] ^= 1 << (bit % 8)
	n.pages[i] = &page
	return n
}

func (m *image) size() int64 { return int64(len(m.pages)) * imagePage }

// WriteTo writes the file that the image is a copy of.
func (m *image) WriteTo(w io.Writer) (int64, error) {
	buf := make([]byte, 0, min(len(m.pages), 64)*imagePage)
	var total int64
	for i, page := range m.pages {
		buf = append(buf, page[:]...)
		if len(buf) < cap(buf) && i < len(m.pages)-1 {
			continue
		}
		n, err := w.Write(buf)
		total += int64(n)
		if err != nil {
			return total, err
		}
		buf = buf[:0]
	}
	return total, nil
}

// readFileImage takes an image of the file at path.
func readFileImage(path string, prev *image) (m *image, fresh int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return readImage(f, info.Size(), prev)
}
