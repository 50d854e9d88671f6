package mvcc

import (
	"bytes"
	"fmt"
	"hash/crc32"
)

// crashImage is what a commit leaves in whose middle the power went: the file of before, in which those of the n
// changed pages that keep names hold what the commit wrote. bbolt writes the meta page last and after an fsync, so an
// image with metaToo is legal only with every page.
func crashImage(before, after *image, keep func(i, n int) bool, metaToo bool) *image {
	m := &image{pages: append([]*pageData(nil), before.pages...)}
	changed := changedPages(before, after)
	for i, page := range changed {
		if keep(i, len(changed)) {
			m.put(page, after.pages[page])
		}
	}
	if metaToo {
		for page := range min(2, len(after.pages)) {
			m.put(page, after.pages[page])
		}
	}
	m.judge(before, after)
	return m
}

// changedPages lists the pages that a commit wrote before its meta page.
func changedPages(before, after *image) []int {
	var out []int
	for i := 2; i < len(after.pages); i++ {
		if i >= len(before.pages) || before.pages[i] != after.pages[i] && *before.pages[i] != *after.pages[i] {
			out = append(out, i)
		}
	}
	return out
}

// put stores a page; what lies between it and the old end is zeros.
func (m *image) put(i int, p *pageData) {
	for len(m.pages) <= i {
		m.pages = append(m.pages, &pageData{})
	}
	m.pages[i] = p
}

// judge finds out whether bbolt would find a whole commit in a crash image: every page that can be reached from the
// meta page must be the one that this commit wrote or kept. If so the image is sound, whatever its other pages hold.
func (m *image) judge(before, after *image) {
	m.sums = make([]uint32, len(m.pages))
	for i, page := range m.pages {
		m.sums[i] = crc32.Checksum(page[:], castagnoli)
	}
	data := m.bytes()
	meta, err := currentMeta(data)
	if err != nil {
		m.damage = fmt.Errorf("%w: %w", ErrDamaged, err)
		return
	}
	want := before
	if last, err := currentMeta(after.bytes()); err == nil && last.txid == meta.txid {
		want = after
	}
	w, err := walkPages(data, meta)
	if err != nil {
		m.damage = fmt.Errorf("%w: %w", ErrDamaged, err)
		return
	}
	for id, reached := range w.seen {
		if reached {
			m.compare(want, uint64(id)*meta.pageSize, meta.pageSize)
		}
	}
}

// compare notes a damage when the bytes from off on are not those of want.
func (m *image) compare(want *image, off, n uint64) {
	for i := off / imagePage; i*imagePage < off+n; i++ {
		if m.damage == nil && (int(i) >= len(want.sums) || m.sums[i] != want.sums[i]) {
			m.damage = fmt.Errorf("%w: page %d is not the one that its commit wrote: checksum %08x",
				ErrDamaged, i, m.sums[i])
		}
	}
}

// misdirected is a commit whose first page was written over another one. Sums stay those of what was meant.
func misdirected(before, after *image, place int) *image {
	from := 0
	if changed := changedPages(before, after); len(changed) > 0 {
		from = changed[0]
	}
	if place == from {
		place++
	}
	m := &image{pages: append([]*pageData(nil), after.pages...), sums: after.sums}
	m.pages[from] = &pageData{}
	if from < len(before.pages) {
		m.pages[from] = before.pages[from]
	}
	m.pages[place%len(m.pages)] = after.pages[from]
	return m
}

// bytes is the file that the image is a copy of.
func (m *image) bytes() []byte {
	var b bytes.Buffer
	b.Grow(int(m.size()))
	_, _ = m.WriteTo(&b) // a buffer takes everything
	return b.Bytes()
}
