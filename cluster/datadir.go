package cluster

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/raft/snap"
)

// DataDir is what the members of a cluster find on their disks when it begins: the files of an earlier session, as
// after a power cut that lost nothing. It is part of the configuration, so that a run stays a function of that.
type DataDir struct {
	Cluster  uint64        `json:"cluster"`            // the ID in the logs
	Founders bool          `json:"founders,omitempty"` // the log begins with the founders, as etcd's does
	Last     raft.ID       `json:"last"`               // the highest number that a member ever had
	Lives    uint32        `json:"lives"`              // incarnations that the logs know: none may come twice
	Members  []MemberFiles `json:"members"`            // in order of ID
}

// MemberFiles is one member's data directory: member/wal and member/snap together.
type MemberFiles struct {
	ID    raft.ID    `json:"id"`
	Files []DataFile `json:"files"`
}

// DataFile is one file. Its end is mostly zeros, preallocated, which Data leaves out.
type DataFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Data []byte `json:"data"` // deflated: a database is mostly zeros, too
}

const (
	// MaxDataBytes is how much the members' files may hold together, without the preallocated ends of their logs.
	MaxDataBytes = 64 << 20
	// MaxFileSize is the largest file, with zeros: etcd's segments have 64,000,000 bytes.
	MaxFileSize = 1 << 30
)

// Deflate packs the content of a file; zeros at its end may be missing.
func Deflate(name string, size int64, content []byte) DataFile {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(bytes.TrimRight(content, "\x00"))
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		panic("a buffer takes everything: " + err.Error())
	}
	return DataFile{Name: name, Size: size, Data: packed.Bytes()}
}

// inflate unpacks a file of at most budget bytes. Only a log may be longer than what it returns.
func (f *DataFile) inflate(budget *int64) ([]byte, error) {
	if f.Size < 0 || f.Size > MaxFileSize {
		return nil, fmt.Errorf("%s: %d bytes: want at most %d", f.Name, f.Size, MaxFileSize)
	}
	limit := min(*budget, f.Size)
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(f.Data)), limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: it cannot be unpacked: %w", f.Name, err)
	}
	n := int64(len(data))
	if !f.isLog() {
		n = f.Size
	}
	if n > limit {
		return nil, fmt.Errorf("%s: the files hold more than %d bytes", f.Name, MaxDataBytes)
	}
	*budget -= n
	return append(data, make([]byte, n-int64(len(data)))...), nil
}

func (f *DataFile) isLog() bool { return strings.Contains(f.Name, ".wal") }

// checkDataDir refuses what no directory can hold, before anything is made of it.
func (c *Config) checkDataDir() error {
	d := c.DataDir
	switch {
	case d == nil:
		return nil
	case c.restored():
		return errors.New("a cluster begins with a snapshot or with data directories, not with both")
	case d.Last > MaxNodes || int(d.Last) < c.Nodes:
		return fmt.Errorf("data directory: the last member is n%d; want n%d to n%d", d.Last, c.Nodes, MaxNodes)
	}
	before := raft.None
	for _, m := range d.Members {
		if m.ID <= before || m.ID > d.Last {
			return fmt.Errorf("data directory: n%d after n%d; want n1 to n%d in order", m.ID, before, d.Last)
		}
		before = m.ID
	}
	return nil
}

// moveIn makes the members of a cluster that begins with data directories and starts those that have one. Files that
// cannot be trusted leave their member down.
func (c *Cluster) moveIn() error {
	d := c.config.DataDir
	c.grow(d.Last)
	budget := int64(MaxDataBytes)
	for i := range d.Members {
		m := c.member(d.Members[i].ID)
		if err := m.unpack(c, &d.Members[i], &budget); err != nil {
			return fmt.Errorf("data directory of n%d: %w", m.id, err)
		}
	}
	for _, m := range c.members {
		m.inc = d.Lives
		if m.backend != nil {
			m.ran = true
			m.start(c)
		}
	}
	return c.missing()
}

// unpack puts the files onto the member's disk, where they are durable.
func (m *member) unpack(c *Cluster, files *MemberFiles, budget *int64) (err error) {
	for i := range files.Files {
		f := &files.Files[i]
		data, err := f.inflate(budget)
		if err != nil {
			return err
		}
		if err := m.place(c, f, data); err != nil {
			return err
		}
	}
	if m.backend == nil {
		m.backend, err = mvcc.AsFound(c.dir, nil)
	}
	return err
}

func (m *member) place(c *Cluster, f *DataFile, data []byte) (err error) {
	var index raft.Index
	_, _ = fmt.Sscanf(f.Name, "%016x", &index) // other names do not come back from DBName
	switch f.Name {
	case mvcc.DeviceFile:
		m.backend, err = mvcc.AsFound(c.dir, data)
		return err
	case snap.DBName(index):
		file, err := mvcc.AsFound(c.dir, data)
		if err != nil {
			return err
		}
		kept, err := file.Clone() // opened only if it is needed
		m.snapDBs = append(m.snapDBs, snapDB{index, kept})
		return errors.Join(err, file.Close())
	}
	for _, step := range []func() error{
		func() error { return m.disk.Create(f.Name) },
		func() error { return m.disk.WriteAt(f.Name, 0, data) },
		func() error { return m.disk.Truncate(f.Name, f.Size) },
		func() error { return m.disk.SyncFile(f.Name) },
		m.disk.SyncDir,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// downNoFiles is why a member is down whose data directory is not there.
const downNoFiles = "its data directory is missing"

// missing takes from those without files the chance to begin anew: whom the others know as a member that has run, or as
// removed, must never come back with an empty log.
func (c *Cluster) missing() (err error) {
	for _, m := range c.members {
		if m.backend != nil || !c.known(m.id) {
			continue
		}
		if m.backend, err = mvcc.NewBackend(c.dir); err != nil {
			return err
		}
		m.down = downNoFiles
	}
	return nil
}

func (c *Cluster) known(id raft.ID) bool {
	return slices.ContainsFunc(c.members, func(m *member) bool {
		if !m.up {
			return false
		}
		x := m.membership.member(uint64(id))
		return x != nil && x.Name != "" || m.membership.gone(id)
	})
}
