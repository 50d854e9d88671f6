package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
)

// whyCommit keeps the conditions under which an entry is committed, for one view.
type whyCommit struct {
	view  *cluster.View
	of    *raft.View
	index raft.Index
	list  []raft.Conjunct
}

// get returns the conditions under which the member of l commits the entry at i.
func (c *whyCommit) get(v *cluster.View, l *raft.View, i raft.Index) []raft.Conjunct {
	if c.view != v || c.of != l || c.index != i {
		*c = whyCommit{view: v, of: l, index: i, list: raft.WhyNotCommitted(l, i)}
	}
	return c.list
}
