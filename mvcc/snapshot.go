package mvcc

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// WriteSnapshot writes what etcdctl snapshot save leaves: the db file as of the last commit and its SHA-256.
func (b *Backend) WriteSnapshot(w io.Writer) (int64, error) {
	sum := sha256.New()
	n, err := b.WriteTo(io.MultiWriter(w, sum))
	if err != nil {
		return n, err
	}
	more, err := w.Write(sum.Sum(nil))
	return n + int64(more), err
}

// SnapshotStatus is what etcdutl snapshot status prints of a file.
type SnapshotStatus struct {
	Hash      uint32 // of all buckets
	Revision  int64
	TotalKey  int   // keys that live
	TotalSize int64 // bytes of the db without the checksum behind it
	Version   string
}

// ReadSnapshotStatus inspects the content of a snapshot or db file; dir is for a copy of it.
func ReadSnapshotStatus(dir string, data []byte) (status SnapshotStatus, err error) {
	b, err := openAsIs(dir, data)
	if err != nil {
		return SnapshotStatus{}, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = b.view(func(tx *bolt.Tx) error {
		status.TotalSize = tx.Size()
		return status.read(tx)
	})
	return status, err
}

// read hashes every bucket in order and looks at the rows that the status tells of.
func (s *SnapshotStatus) read(tx *bolt.Tx) error {
	living := map[string]bool{}
	err := tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		s.Hash = crc32.Update(s.Hash, castagnoli, name)
		return b.ForEach(func(k, v []byte) error {
			s.Hash = crc32.Update(s.Hash, castagnoli, k)
			s.Hash = crc32.Update(s.Hash, castagnoli, v)
			if string(name) != bucketKey {
				return nil
			}
			c, err := parseRow(k, v)
			if err != nil {
				return fmt.Errorf("%w: key bucket: %w", ErrDamaged, err)
			}
			s.Revision = c.rev.Main
			if c.Delete {
				delete(living, string(c.KV.Key))
			} else {
				living[string(c.KV.Key)] = true
			}
			return nil
		})
	})
	s.TotalKey = len(living)
	if meta := tx.Bucket([]byte(bucketMeta)); meta != nil {
		s.Version = string(meta.Get([]byte(metaStorageVersion)))
	}
	return err
}

// Member is a row of the bucket members, as etcd writes it in JSON.
type Member struct {
	ID         uint64   `json:"id"`
	PeerURLs   []string `json:"peerURLs"`
	IsLearner  bool     `json:"isLearner,omitempty"`
	Name       string   `json:"name,omitempty"`
	ClientURLs []string `json:"clientURLs,omitempty"`
}

// RestoreOptions say which cluster a snapshot becomes a member of.
type RestoreOptions struct {
	Members       []Member
	BumpRevision  int64 // how far the revision jumps, so that no watcher takes the restored past for the future
	MarkCompacted bool  // everything up to the jump is compacted
}

// RestoreSnapshot turns the file into that of a member of another cluster, as etcdutl snapshot restore does:
// its members are those of o, its log begins with one entry for each in term 1, and its keys stay.
func (b *Backend) RestoreSnapshot(o RestoreOptions) error {
	switch {
	case len(o.Members) == 0:
		return errors.New("a restored cluster has no members: name them")
	case o.BumpRevision < 0:
		return fmt.Errorf("bump revision %d: want a number above 0", o.BumpRevision)
	case o.MarkCompacted != (o.BumpRevision > 0):
		return errors.New("mark-compacted and bump-revision belong together: give both or none")
	}
	return b.write(func(w *rowWriter) error {
		if err := w.replaceMembers(o.Members); err != nil || o.BumpRevision == 0 {
			return err
		}
		return w.bumpRevision(o.BumpRevision)
	})
}

// replaceMembers writes the members of another cluster and where its log begins.
func (w *rowWriter) replaceMembers(members []Member) error {
	for _, name := range [...]Bucket{BucketMembers, BucketMembersRemoved} {
		if err := w.clear(string(name)); err != nil {
			return err
		}
	}
	var conf struct {
		Voters    []uint64 `json:"voters"`
		AutoLeave bool     `json:"auto_leave"`
	}
	for _, m := range members {
		conf.Voters = append(conf.Voters, m.ID)
		if err := w.setJSON(string(BucketMembers), strconv.FormatUint(m.ID, 16), m); err != nil {
			return err
		}
	}
	slices.Sort(conf.Voters)
	if err := w.setJSON(bucketMeta, metaConfState, conf); err != nil {
		return err
	}
	index := binary.BigEndian.AppendUint64(nil, uint64(len(members)))
	if err := w.set(bucketMeta, []byte(metaConsistentIndex), index); err != nil {
		return err
	}
	return w.set(bucketMeta, []byte(metaTerm), binary.BigEndian.AppendUint64(nil, 1))
}

func (w *rowWriter) setJSON(bucket, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return w.set(bucket, []byte(key), text)
}

// clear removes all rows of a bucket.
func (w *rowWriter) clear(bucket string) error {
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	var keys [][]byte
	if err := b.ForEach(func(k, _ []byte) error { keys = append(keys, bytes.Clone(k)); return nil }); err != nil {
		return err
	}
	for _, k := range keys {
		if err := w.remove(bucket, k); err != nil {
			return err
		}
	}
	return nil
}

// bumpRevision adds an empty row behind the last one, and marks all up to it as compacted.
func (w *rowWriter) bumpRevision(by int64) error {
	b, err := w.bucket(bucketKey)
	if err != nil {
		return err
	}
	var last Revision
	if k, _ := b.Cursor().Last(); k != nil {
		if last, _, err = parseRowKey(k); err != nil {
			return fmt.Errorf("%w: key bucket: %w", ErrDamaged, err)
		}
	}
	if last.Main > lastRevision-by {
		return fmt.Errorf("bump revision %d: behind %d there are not so many", by, last.Main)
	}
	row := appendRowKey(nil, Revision{Main: last.Main + by}, false)
	if err := w.add(row, nil); err != nil {
		return err
	}
	return w.set(bucketMeta, []byte(metaScheduledCompact), row)
}
