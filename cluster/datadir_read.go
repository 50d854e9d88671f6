package cluster

import (
	"errors"
	"fmt"
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/proto"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// NewDataDir finds out what the data directories of members say about their cluster, and how many members founded it.
// Of a damaged one nothing is believed; its member will say what is wrong. dir is for scratch files.
func NewDataDir(members []MemberFiles, dir string) (d *DataDir, founders int, err error) {
	d = &DataDir{Members: members}
	c := &Cluster{config: &Config{DataDir: d}, dir: dir}
	budget := int64(MaxDataBytes)
	var reason error
	var first raft.ID // whose word about the cluster was taken
	for i := range members {
		f, err := c.inspect(&members[i], &budget)
		switch {
		case err != nil:
			reason = errors.Join(reason, fmt.Errorf("n%d: %w", members[i].ID, err))
			continue
		case f.meta.NodeID > MaxNodes:
			return nil, 0, fmt.Errorf("n%d: its log is that of member %x, as in a real etcd, whose members have numbers of "+
				"64 bits; here they are n1 to n%d: read it with etcdscope dump wal and etcdscope dump db",
				members[i].ID, f.meta.NodeID, MaxNodes)
		case raft.ID(f.meta.NodeID) != members[i].ID:
			return nil, 0, fmt.Errorf("n%d: its log is that of n%d: put it back into n%[2]d", members[i].ID, f.meta.NodeID)
		case first != raft.None && f.meta.ClusterID != d.Cluster:
			return nil, 0, fmt.Errorf("n%d is a member of cluster %x, n%d one of cluster %x: keep two sessions in two "+
				"directories", members[i].ID, f.meta.ClusterID, first, d.Cluster)
		}
		first, d.Cluster = members[i].ID, f.meta.ClusterID
		d.Lives, d.Last = max(d.Lives, f.lives), max(d.Last, f.last)
		if f.founders > 0 {
			founders, d.Founders = f.founders, f.bootstraps
		}
	}
	if first == raft.None {
		return nil, 0, fmt.Errorf("no member's files can be read: %w", reason)
	}
	d.Last = max(d.Last, members[len(members)-1].ID)
	if founders == 0 { // the logs begin behind snapshots, which say who is a member
		founders, d.Founders = int(d.Last), true
	}
	return d, founders, nil
}

// findings is what one member's files say.
type findings struct {
	meta       wal.Metadata
	last       raft.ID
	lives      uint32
	founders   int // 0: they do not say
	bootstraps bool
}

// inspect reads a member's files as it will when it starts.
func (c *Cluster) inspect(files *MemberFiles, budget *int64) (f findings, err error) {
	m := newMember(c, files.ID)
	defer func() { err = errors.Join(err, m.discard()) }()
	if err := m.unpack(c, files, budget); err != nil {
		return f, err
	}
	if !wal.Exist(m.disk) {
		return f, errors.New("it has no log")
	}
	_, found, err := wal.Open(m.disk, wal.Options{})
	if err != nil {
		return f, err
	}
	f.meta = found.Metadata
	if f.meta.NodeID > MaxNodes {
		return f, nil // no member of ours
	}
	if err := m.recoverStore(c, found.Snapshot.Index); err != nil {
		return f, err
	}
	f.lives = livesIn(found.Entries)
	known := m.membership.numbers()
	f.last = slices.Max(append(slices.Clone(known), files.ID))
	for _, id := range known {
		if id > MaxNodes {
			return f, fmt.Errorf("a member has the number %d; want 1 to %d", id, MaxNodes)
		}
	}
	if found.Snapshot.Index == 0 {
		f.founders, f.bootstraps = foundersOf(known, found.Entries)
	}
	return f, nil
}

// discard closes what unpack has opened.
func (m *member) discard() (err error) {
	for i := range m.snapDBs {
		err = errors.Join(err, m.snapDBs[i].file.Close())
	}
	if m.backend != nil {
		err = errors.Join(err, m.backend.Close())
	}
	return err
}

// numbers lists everybody who is or was a member.
func (s *membership) numbers() []raft.ID {
	var out []raft.ID
	for _, m := range s.members {
		out = append(out, raft.ID(m.ID))
	}
	for _, id := range s.removed {
		out = append(out, raft.ID(id))
	}
	return out
}

// foundersOf counts the members whose entries begin the log; if it begins otherwise, those whom no entry has added.
func foundersOf(known []raft.ID, log []raft.Entry) (n int, bootstraps bool) {
	var added []raft.ID
	for i := range log {
		e := &log[i]
		if e.Type == raft.EntryNormal {
			continue
		}
		change, err := raft.DecodeConfChange(e.Type, e.Data)
		if err == nil && e.Term == 1 && e.Index == raft.Index(n+1) {
			n++
			continue
		}
		for _, x := range change.Changes {
			if x.Type == raft.ConfChangeAddNode || x.Type == raft.ConfChangeAddLearnerNode {
				added = append(added, x.Node)
			}
		}
	}
	if n > 0 {
		return n, true
	}
	for _, id := range known {
		if !slices.Contains(added, id) {
			n++
		}
	}
	return n, false
}

// livesIn is the highest incarnation that asked for an entry of a log, see requestID.
func livesIn(log []raft.Entry) (lives uint32) {
	for i := range log {
		var req pb.InternalRaftRequest
		if log[i].Type != raft.EntryNormal || proto.Unmarshal(log[i].Data, &req) != nil || req.Header == nil {
			continue
		}
		lives = max(lives, uint32(req.Header.ID>>32)&0xffff)
	}
	return lives
}
