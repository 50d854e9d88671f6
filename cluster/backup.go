package cluster

import (
	"fmt"
	"io"
	"slices"

	"etcdscope/mvcc"
)

// Backup is a database that a client was sent: what etcdctl snapshot save writes to a file.
type Backup struct {
	Revision int64
	Size     int64 // bytes

	file *mvcc.Backend // never opened, only cloned
}

// WriteTo writes the database and its SHA-256, as etcdctl does.
func (b *Backup) WriteTo(w io.Writer) (int64, error) {
	file, err := b.file.Clone()
	if err != nil {
		return 0, err
	}
	n, err := file.WriteSnapshot(w)
	if failed := file.Close(); err == nil {
		err = failed
	}
	return n, err
}

// sendBackup commits the backend and streams the file to a client (etcd Maintenance.Snapshot). A member that dies
// meanwhile breaks the stream.
func (m *member) sendBackup(c *Cluster, o *Op, e *Event) {
	b, err := m.backup()
	if err != nil {
		e.Note = wireError(err)
		c.respond(o.ID, m.id, &reply{err: e.Note}, e.ID)
		return
	}
	m.backups = append(slices.Clip(m.backups), o.ID)
	r := &reply{rev: b.Revision, Answer: Answer{Backup: b}}
	c.after(c.config.Timing.Client+c.streamTime(b.Size), item{
		kind: ClientResponse, member: m.id, op: o.ID, cause: e.ID, reply: r,
	})
}

func (m *member) backup() (*Backup, error) {
	if err := m.store.Commit(); err != nil {
		return nil, err
	}
	file, err := m.backend.Clone()
	if err != nil {
		return nil, err
	}
	file.Settle()
	return &Backup{Revision: m.store.Revision(), Size: file.Size(), file: file}, nil
}

func (b *Backup) text() string {
	return fmt.Sprintf("snapshot of revision %d, %s", b.Revision, bytesText(b.Size))
}

// SnapshotText inspects the content of a snapshot file and says what etcdutl snapshot status does: hash, revision,
// keys, size, version. dir is for a private copy of it.
func SnapshotText(dir string, data []byte) (string, error) {
	s, err := mvcc.ReadSnapshotStatus(dir, data)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("hash %x, revision %d, %d keys, %s, version %s",
		s.Hash, s.Revision, s.TotalKey, bytesText(s.TotalSize), s.Version), nil
}
