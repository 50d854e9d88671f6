package invariant

import "etcdscope/cluster"

// fresh checks real-time order. etcd's revisions are the order in which operations took effect, so it is
// enough to compare them: who asks after somebody got an answer must not get an older one, and a put gets a
// newer one. Serializable reads promise none of this.
func (c *Checker) fresh(op *cluster.Op) {
	told := c.toldBefore(op.Called)
	if op.Rev < told || op.Kind == cluster.ClientPut && op.Rev == told {
		c.violate(linearizable,
			"op %d was asked at %v and answered with revision %d; before that, somebody knew revision %d",
			op.ID, op.Called, op.Rev, told)
	}
}
