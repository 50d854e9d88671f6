package invariant

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// sameState checks that a member that has applied everything up to an index has the keys that all others had there.
// The digest covers every version that a compaction has left, so it also tells of rows that are missing or twice.
func (c *Checker) sameState(id raft.ID, index raft.Index, state uint64) {
	k := c.commits.at(uint64(index))
	switch {
	case k.state == 0:
		k.state = state
	case k.state != state:
		c.violate(sameState, "n%d has other keys behind entry %d than the members before it", id, index)
	}
}

// recoveredState compares what a member found in its database with what others had at that place.
func (c *Checker) recoveredState(v *cluster.MemberView) {
	if v.Store == nil || v.Store.ConsistentIndex == 0 {
		return
	}
	index := raft.Index(v.Store.ConsistentIndex)
	if k := c.commits.get(uint64(index)); k.state != 0 && k.state != v.Store.Digest {
		c.violate(sameState, "n%d finds other keys in its file behind entry %d than it had there", v.ID, index)
	}
}
