package mvcc

import (
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A db file as the quota sees it: the pages of rows at bbolt's fill, and those that every file has.
const (
	pageBytes  = 4096
	fixedPages = 4 // two meta pages, the freelist and the root
	rowsInPage = pageBytes * 9 / 10
)

// pagesFor is how many pages a file with so many bytes of rows needs.
func pagesFor(used int64) int64 { return fixedPages + max(1, (used+rowsInPage-1)/rowsInPage) }

func (b *Backend) count(bytes int64, rows *rowCounts) {
	b.used += bytes
	for i, n := range rows {
		b.counts[i] += n
	}
	b.high = max(b.high, pagesFor(b.used))
}

// recount counts the rows of a file that came from elsewhere.
func (b *Backend) recount() error {
	b.used, b.high, b.counts = 0, 0, rowCounts{}
	var used int64
	var rows rowCounts
	err := b.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			at := slices.Index(buckets[:], string(name))
			return bucket.ForEach(func(k, v []byte) error {
				used += rowBytes(k, v)
				rows.add(at, 1)
				return nil
			})
		})
	})
	b.count(used, &rows)
	return err
}

// Size is how long the db file is, in bytes: it grows with the rows and shrinks only by defragmentation. It is
// counted from the rows, because where bbolt puts its pages is chance, and chance must not decide who writes.
func (b *Backend) Size() int64 { return max(b.high, pagesFor(0)) * pageBytes }

// SizeInUse is the part of Size that rows need; the rest are free pages, which compaction leaves behind.
func (b *Backend) SizeInUse() int64 { return pagesFor(b.used) * pageBytes }

// DefaultQuota is etcd's --quota-backend-bytes when none is set.
const DefaultQuota = 2 << 30

// What a request costs beside its bytes (etcd storage/quota.go).
const (
	putOverhead = 256 // index entry, revision and page
	leaseCost   = 64
)

// QuotaAllows says whether a db file of size bytes has room for a request that costs cost. A quota of 0 is etcd's
// default; a negative one has no limit.
func QuotaAllows(quota, size, cost int64) bool {
	if quota == 0 {
		quota = DefaultQuota
	}
	return quota < 0 || size+cost < quota
}

// PutCost is what etcd's quota reckons for a put, in bytes.
func PutCost(key, value []byte) int64 { return putOverhead + int64(len(key)+len(value)) }

// LeaseCost is what etcd's quota reckons for granting a lease, in bytes.
func LeaseCost() int64 { return leaseCost }
