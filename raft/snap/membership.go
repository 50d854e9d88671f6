package snap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Membership is what etcd 3.7 keeps in the Data of a snapshot: who is in the cluster, in the form of the store of
// etcd 2. The keys of etcd 3 are in the database.
type Membership struct {
	Members []Member
	Removed []uint64 // IDs that are never used again
	Version string   // of the cluster, such as "3.7.0", or ""
}

// Member is one member as the others know it.
type Member struct {
	ID         uint64
	PeerURLs   []string
	Learner    bool
	Name       string
	ClientURLs []string // nil before the member has published them
}

// raftAttributes and attributes are etcd's values of a member's two keys.
type (
	raftAttributes struct {
		PeerURLs  []string `json:"peerURLs"`
		IsLearner bool     `json:"isLearner,omitempty"`
	}
	attributes struct {
		Name       string   `json:"name,omitempty"`
		ClientURLs []string `json:"clientURLs,omitempty"`
	}
)

// Encode writes the store that results when the members are put into an empty one, in the order of their IDs, then
// the removed ones, then the version. etcd takes them in the order of a map.
func (m Membership) Encode() ([]byte, error) {
	s := newStore()
	members := slices.SortedFunc(slices.Values(m.Members), func(a, b Member) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	for _, one := range members {
		if err := s.addMember(one); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(slices.Values(m.Removed)) {
		s.put("create", "", "removed_members", hexID(id))
	}
	if m.Version != "" {
		s.put("set", m.Version, "version")
	}
	return json.Marshal(s)
}

func (s *v2store) addMember(m Member) error {
	value, err := json.Marshal(raftAttributes{m.PeerURLs, m.Learner})
	if err != nil {
		return err
	}
	s.put("create", string(value), "members", hexID(m.ID), "raftAttributes")
	if m.ClientURLs == nil {
		return nil
	}
	value, err = json.Marshal(attributes{m.Name, m.ClientURLs})
	if err != nil {
		return err
	}
	s.put("set", string(value), "members", hexID(m.ID), "attributes")
	return nil
}

// DecodeMembership reads the Data of a snapshot. What else a store of etcd 2 may hold is left out.
func DecodeMembership(data []byte) (Membership, error) {
	var s struct{ Root v2node }
	if err := json.Unmarshal(data, &s); err != nil {
		return Membership{}, fmt.Errorf("snap: membership: %w", err)
	}
	cluster := s.Root.child("0")
	m := Membership{Version: cluster.child("version").Value}
	for _, name := range cluster.child("members").names() {
		one, err := cluster.child("members").child(name).member(name)
		if err != nil {
			return Membership{}, fmt.Errorf("snap: member %s: %w", name, err)
		}
		m.Members = append(m.Members, one)
	}
	for _, name := range cluster.child("removed_members").names() {
		id, err := strconv.ParseUint(name, 16, 64)
		if err != nil {
			return Membership{}, fmt.Errorf("snap: removed member %s: %w", name, err)
		}
		m.Removed = append(m.Removed, id)
	}
	return m, nil
}

func (n *v2node) member(name string) (Member, error) {
	id, err := strconv.ParseUint(name, 16, 64)
	if err != nil {
		return Member{}, err
	}
	var r raftAttributes
	if err := json.Unmarshal([]byte(n.child("raftAttributes").Value), &r); err != nil {
		return Member{}, err
	}
	m := Member{ID: id, PeerURLs: r.PeerURLs, Learner: r.IsLearner}
	if value := n.child("attributes").Value; value != "" {
		var a attributes
		if err := json.Unmarshal([]byte(value), &a); err != nil {
			return Member{}, err
		}
		m.Name, m.ClientURLs = a.Name, a.ClientURLs
	}
	return m, nil
}

func hexID(id uint64) string { return strconv.FormatUint(id, 16) }
