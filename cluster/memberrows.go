package cluster

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// memberKey is a member's number in the file: etcd writes hexadecimal text.
func memberKey(id uint64) string { return strconv.FormatUint(id, 16) }

// peerURL is where a member listens for the others.
func peerURL(id uint64) string { return fmt.Sprintf("http://10.0.0.%d:2380", id) }

func clientURL(id uint64) string { return fmt.Sprintf("http://10.0.0.%d:2379", id) }

// save writes a member's row.
func (s *membership) save(id uint64, store *mvcc.Store) error {
	row, err := json.Marshal(s.member(id))
	if err != nil {
		return fmt.Errorf("member %d: %w", id, err)
	}
	store.SetRow(mvcc.BucketMembers, memberKey(id), row)
	return nil
}

// keep writes what differs from the membership before, in the transaction of the entry that is applied.
func (s *membership) keep(before *membership, store *mvcc.Store) error {
	for i := range before.members {
		if id := before.members[i].ID; s.member(id) == nil {
			store.DeleteRow(mvcc.BucketMembers, memberKey(id))
			store.SetRow(mvcc.BucketMembersRemoved, memberKey(id), []byte("removed"))
		}
	}
	for i := range s.members {
		m := &s.members[i]
		if old := before.member(m.ID); old != nil && reflect.DeepEqual(*old, *m) {
			continue
		}
		if err := s.save(m.ID, store); err != nil {
			return err
		}
	}
	return nil
}

// loadMembership reads the members that a file has.
func loadMembership(store *mvcc.Store) (s membership, err error) {
	err = store.Rows(mvcc.BucketMembers, func(key, value []byte) error {
		var m mvcc.Member
		if err := json.Unmarshal(value, &m); err != nil {
			return fmt.Errorf("member %q: %w", key, err)
		}
		s.put(m)
		return nil
	})
	if err != nil {
		return s, err
	}
	err = store.Rows(mvcc.BucketMembersRemoved, func(key, _ []byte) error {
		id, err := strconv.ParseUint(string(key), 16, 64)
		if err != nil {
			return fmt.Errorf("removed member %q: %w", key, err)
		}
		s.removed = append(s.removed, id)
		return nil
	})
	slices.Sort(s.removed)
	return s, err
}

// confRow is the row of the meta bucket that holds the configuration, in the form of raftpb.ConfState.
const confRow = "confState"

// confState is raftpb.ConfState as etcd writes it to its file.
type confState struct {
	Voters         []raft.ID `json:"voters,omitempty"`
	Learners       []raft.ID `json:"learners,omitempty"`
	VotersOutgoing []raft.ID `json:"voters_outgoing,omitempty"`
	LearnersNext   []raft.ID `json:"learners_next,omitempty"`
	AutoLeave      bool      `json:"auto_leave"`
}

// saveConf writes the configuration in force.
func saveConf(conf raft.ConfState, store *mvcc.Store) error {
	row, err := json.Marshal(confState(conf))
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	store.SetRow(mvcc.BucketMeta, confRow, row)
	return nil
}

// loadConf reads the configuration that a file has; nil when it has none.
func loadConf(store *mvcc.Store) (*raft.ConfState, error) {
	row, ok, err := store.Row(mvcc.BucketMeta, confRow)
	if err != nil || !ok {
		return nil, err
	}
	var c confState
	if err := json.Unmarshal(row, &c); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	out := raft.ConfState(c)
	return &out, nil
}

// checkConf refuses a configuration of members that this world does not have: a file may come from elsewhere.
func (c *Cluster) checkConf(conf *raft.ConfState) error {
	if conf == nil {
		return nil
	}
	n := max(len(c.members), c.config.Nodes)
	for _, id := range slices.Concat(conf.Voters, conf.Learners, conf.VotersOutgoing, conf.LearnersNext) {
		if id == raft.None || uint64(id) > uint64(n) {
			return fmt.Errorf("configuration: it names n%d, and there are n1 to n%d", id, n)
		}
	}
	return nil
}
