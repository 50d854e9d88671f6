package invariant

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// sameState checks that a member that has applied everything up to an index has the keys, users and roles that all
// others had there. The digest of the keys covers every version that a compaction has left, so it also tells of rows
// that are missing or twice; the other one covers the hashes of passwords.
func (c *Checker) sameState(id raft.ID, index raft.Index, state, auth uint64) {
	k := c.commits.at(uint64(index))
	switch {
	case k.state == 0:
		k.state, k.auth = state, auth
	case k.state != state:
		c.violate(sameState, "n%d has other keys behind entry %d than the members before it", id, index)
	case k.auth != auth:
		c.violate(sameState, "n%d has other users or roles behind entry %d than the members before it", id, index)
	}
}

// recoveredState compares what a member found in its database with what others had at that place.
func (c *Checker) recoveredState(v *cluster.MemberView) {
	if v.Store == nil || v.Store.ConsistentIndex == 0 {
		return
	}
	index := raft.Index(v.Store.ConsistentIndex)
	switch k := c.commits.get(uint64(index)); {
	case k.state == 0:
	case k.state != v.Store.Digest:
		c.violate(sameState, "n%d finds other keys in its file behind entry %d than it had there", v.ID, index)
	case k.auth != v.AuthDigest():
		c.violate(sameState, "n%d finds other users or roles in its file behind entry %d than it had there", v.ID, index)
	}
}
