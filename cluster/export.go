package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"etcdscope/raft"
)

// Export writes a member's data directory as it would be found if its process died now: the WAL as written, the
// database as of its last commit. dir must not exist or be empty; what real etcd tools expect is made in it
// (member/wal, member/snap). Nothing in the world changes.
func (c *Cluster) Export(id raft.ID, dir string) error {
	if id == raft.None || int(id) > len(c.members) {
		return fmt.Errorf("there is no member n%d: this cluster has n1 to n%d", id, len(c.members))
	}
	if !c.HasFiles(id) {
		return fmt.Errorf("n%d has no files: it was never started, or they were deleted", id)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	err = c.ExportInto(id, root)
	return errors.Join(err, root.Close())
}

// HasFiles says whether a member has a data directory.
func (c *Cluster) HasFiles(id raft.ID) bool {
	m := c.member(id)
	return m.backend != nil && len(m.disk.Names()) > 0
}

// ExportInto is Export of a member that has files, into an open directory.
func (c *Cluster) ExportInto(id raft.ID, root *os.Root) error { return c.member(id).export(root) }

func (m *member) export(root *os.Root) error {
	for _, sub := range []string{"member", "member/wal", "member/snap"} {
		if err := root.Mkdir(sub, 0o700); err != nil {
			if errors.Is(err, fs.ErrExist) {
				err = fmt.Errorf("%s holds a data directory already: name a new one", root.Name())
			}
			return err
		}
	}
	for _, name := range m.disk.Names() {
		if err := m.exportFile(root, name); err != nil {
			return err
		}
	}
	for i := range m.snapDBs {
		d := &m.snapDBs[i]
		if err := writeNew(root, path.Join("member/snap", d.name()), d.file.WriteAsFound); err != nil {
			return err
		}
	}
	return writeNew(root, "member/snap/db", m.backend.WriteAsFound)
}

// exportFile writes one file of the disk, preallocated zeros included.
func (m *member) exportFile(root *os.Root, name string) error {
	data, err := m.disk.ReadFile(name)
	if err != nil {
		return err
	}
	size, err := m.disk.Size(name)
	if err != nil {
		return err
	}
	to := path.Join("member/snap", name)
	if strings.Contains(name, ".wal") {
		to = path.Join("member/wal", name)
	}
	err = writeNew(root, to, func(w io.Writer) (int64, error) {
		n, err := w.Write(data)
		return int64(n), err
	})
	if err != nil || size == int64(len(data)) {
		return err
	}
	f, err := root.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Close())
}

// writeNew makes a file that must not exist.
func writeNew(root *os.Root, name string, write func(io.Writer) (int64, error)) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = write(f)
	return errors.Join(err, f.Close())
}
