package mvcc

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Page flags and element sizes of bbolt (internal/common: page.go, bucket.go).
const (
	branchPage        = 0x01
	leafPage          = 0x02
	freelistPage      = 0x10
	elementBytes      = 16 // of leaf and branch elements alike
	bucketElement     = 0x01
	bucketHeaderBytes = 16
	manyFree          = 0xFFFF // the freelist's count stands in its first word
	depthMax          = 32     // far beyond any tree of pages that hold two keys or more
)

// pageWalk follows every page that bbolt can reach, before bbolt does: it follows page numbers without
// looking, in a goroutine of its own, where nothing can be recovered.
type pageWalk struct {
	data []byte
	meta metaPage
	seen []bool // pages that have an owner
}

// page is one page with its overflow, or the content of an inline bucket.
type page struct {
	id           uint64
	flags, count uint16
	body         []byte // header included: element positions count from their element
}

// walkPages checks that the pages of a db form a tree of buckets and rows in key order, within bounds,
// each page with one owner.
func walkPages(data []byte, m metaPage) (*pageWalk, error) {
	w := &pageWalk{data: data, meta: m, seen: make([]bool, m.highWater)}
	if err := w.tree(m.root, nil, nil, w.bucket, 0); err != nil {
		return nil, err
	}
	if m.freelist == noFreelist {
		return w, nil
	}
	return w, w.freelist()
}

// claim returns page id and marks it and its overflow as owned.
func (w *pageWalk) claim(id uint64) (page, error) {
	if id < 2 || id >= w.meta.highWater {
		return page{}, fmt.Errorf("page %d is outside the db of %d pages", id, w.meta.highWater)
	}
	size := w.meta.pageSize
	b := w.data[id*size:]
	p := page{id, binary.LittleEndian.Uint16(b[8:]), binary.LittleEndian.Uint16(b[10:]), nil}
	n := 1 + uint64(binary.LittleEndian.Uint32(b[12:]))
	if self := binary.LittleEndian.Uint64(b); self != id {
		return page{}, fmt.Errorf("page %d says that it is page %d", id, self)
	}
	if n > w.meta.highWater-id {
		return page{}, fmt.Errorf("page %d: its %d pages do not fit into the db", id, n)
	}
	for i := id; i < id+n; i++ {
		if w.seen[i] {
			return page{}, fmt.Errorf("page %d has two owners", i)
		}
		w.seen[i] = true
	}
	p.body = b[:n*size]
	return p, nil
}

// element returns the bytes of an element's key and what follows it.
func (p page) element(i int) (head, rest []byte, err error) {
	at := pageHeaderBytes + i*elementBytes
	if at+elementBytes > len(p.body) {
		return nil, nil, fmt.Errorf("page %d: its %d elements do not fit", p.id, p.count)
	}
	return p.body[at : at+elementBytes], p.body[at:], nil
}

// cut returns n bytes of b from position pos on.
func cut(b []byte, pos, n uint64) ([]byte, bool) {
	if pos > uint64(len(b)) || n > uint64(len(b))-pos {
		return nil, false
	}
	return b[pos : pos+n], true
}

// leafElement returns row i of a leaf page.
func (p page) leafElement(i int) (key, value []byte, flags uint32, err error) {
	head, rest, err := p.element(i)
	if err != nil {
		return nil, nil, 0, err
	}
	le := binary.LittleEndian
	pos, ksize, vsize := uint64(le.Uint32(head[4:])), uint64(le.Uint32(head[8:])), uint64(le.Uint32(head[12:]))
	both, ok := cut(rest, pos, ksize+vsize)
	if !ok || ksize == 0 {
		return nil, nil, 0, fmt.Errorf("page %d: row %d lies outside the page or has no key", p.id, i)
	}
	return both[:ksize], both[ksize:], le.Uint32(head), nil
}

// branchElement returns child i of a branch page and the key where it begins.
func (p page) branchElement(i int) (key []byte, child uint64, err error) {
	head, rest, err := p.element(i)
	if err != nil {
		return nil, 0, err
	}
	key, ok := cut(rest, uint64(binary.LittleEndian.Uint32(head)), uint64(binary.LittleEndian.Uint32(head[4:])))
	if !ok || len(key) == 0 {
		return nil, 0, fmt.Errorf("page %d: child %d lies outside the page or has no key", p.id, i)
	}
	return key, binary.LittleEndian.Uint64(head[8:]), nil
}

// rowFunc checks one row of a leaf page.
type rowFunc func(p page, key, value []byte, flags uint32) error

// tree checks the subtree of page id, whose keys must lie in [low, high); nil is open.
func (w *pageWalk) tree(id uint64, low, high []byte, row rowFunc, depth int) error {
	if depth > depthMax {
		return fmt.Errorf("page %d: the tree is more than %d pages deep", id, depthMax)
	}
	p, err := w.claim(id)
	if err != nil {
		return err
	}
	if p.count == 0 && (depth > 0 || p.flags == branchPage) {
		return fmt.Errorf("page %d is empty", id)
	}
	if err := p.begins(low); err != nil {
		return err
	}
	switch p.flags {
	case branchPage:
		return w.branch(p, low, high, row, depth)
	case leafPage:
		return w.leaf(p, low, high, row)
	}
	return fmt.Errorf("page %d has flags %#x, want a branch or a leaf", id, p.flags)
}

// begins checks that a page begins with the key that its parent has for it; nil is a root. bbolt finds its way back to
// the parent by that key: where it is another one, the next commit leaves a tree that kills whoever opens it.
func (p page) begins(key []byte) error {
	if key == nil {
		return nil
	}
	first, _, _, err := p.leafElement(0)
	if p.flags == branchPage {
		first, _, err = p.branchElement(0)
	}
	if err == nil && !bytes.Equal(first, key) {
		err = fmt.Errorf("page %d: child 0 or row 0 is out of order: its parent knows it by another key", p.id)
	}
	return err
}

func (w *pageWalk) branch(p page, low, high []byte, row rowFunc, depth int) error {
	key, child, err := p.branchElement(0)
	for i := 0; i < int(p.count); i++ {
		if err != nil {
			return err
		}
		if outOfOrder(key, low, high) {
			return fmt.Errorf("page %d: child %d is out of order", p.id, i)
		}
		next, end, nextChild := high, high, uint64(0)
		if i+1 < int(p.count) {
			if next, nextChild, err = p.branchElement(i + 1); err != nil {
				return err
			}
			end = next
		}
		if err := w.tree(child, key, end, row, depth+1); err != nil {
			return err
		}
		low = append(bytes.Clone(key), 0) // the least key behind key
		key, child = next, nextChild
	}
	return nil
}

func (w *pageWalk) leaf(p page, low, high []byte, row rowFunc) error {
	for i := range int(p.count) {
		key, value, flags, err := p.leafElement(i)
		if err != nil {
			return err
		}
		if outOfOrder(key, low, high) {
			return fmt.Errorf("page %d: row %d is out of order", p.id, i)
		}
		if err := row(p, key, value, flags); err != nil {
			return err
		}
		low = append(bytes.Clone(key), 0)
	}
	return nil
}

func outOfOrder(key, low, high []byte) bool {
	return bytes.Compare(key, low) < 0 || (high != nil && bytes.Compare(key, high) >= 0)
}

// bucket is a row of the root: etcd has nothing but buckets there.
func (w *pageWalk) bucket(p page, name, value []byte, flags uint32) error {
	if flags != bucketElement {
		return fmt.Errorf("page %d: %q is no bucket: not the db of an etcd member", p.id, name)
	}
	if len(value) < bucketHeaderBytes {
		return fmt.Errorf("bucket %q has a header of %d bytes", name, len(value))
	}
	var err error
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		err = w.tree(root, nil, nil, plainRow, 0)
	} else {
		err = w.inline(value[bucketHeaderBytes:])
	}
	if err != nil {
		return fmt.Errorf("bucket %q: %w", name, err)
	}
	return nil
}

// inline checks a bucket so small that its only page is its value.
func (w *pageWalk) inline(body []byte) error {
	if len(body) < pageHeaderBytes {
		return fmt.Errorf("an inline page of %d bytes", len(body))
	}
	p := page{0, binary.LittleEndian.Uint16(body[8:]), binary.LittleEndian.Uint16(body[10:]), body}
	if p.flags != leafPage {
		return fmt.Errorf("an inline page with flags %#x, want a leaf", p.flags)
	}
	return w.leaf(p, nil, nil, plainRow)
}

func plainRow(p page, key, _ []byte, flags uint32) error {
	if flags != 0 {
		return fmt.Errorf("page %d: row %x has flags %#x: not the db of an etcd member", p.id, key, flags)
	}
	return nil
}

// freelist checks that free pages exist, once each, and that nobody owns them.
func (w *pageWalk) freelist() error {
	p, err := w.claim(w.meta.freelist)
	if err != nil {
		return fmt.Errorf("freelist: %w", err)
	}
	if p.flags != freelistPage {
		return fmt.Errorf("page %d has flags %#x, want a freelist", p.id, p.flags)
	}
	ids, count := p.body[pageHeaderBytes:], uint64(p.count)
	if p.count == manyFree {
		count, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids))/8 {
		return fmt.Errorf("freelist: %d pages do not fit into it", count)
	}
	for ; count > 0; count-- {
		id := binary.LittleEndian.Uint64(ids)
		if id < 2 || id >= w.meta.highWater || w.seen[id] {
			return fmt.Errorf("freelist: page %d is outside the db, in use or free twice", id)
		}
		w.seen[id], ids = true, ids[8:]
	}
	return nil
}
