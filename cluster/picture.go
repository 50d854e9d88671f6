package cluster

import (
	"slices"

	"etcdscope/cluster/disk"
)

// recordsShown is how many of the newest WAL records a view describes.
const recordsShown = 48

// View returns the present as an immutable value.
func (c *Cluster) View() *View {
	if c.view != nil && c.view.Event == c.events && c.view.At == c.now {
		return c.view
	}
	v := &View{
		Event: c.events, At: c.now, Config: c.config, Links: c.net.View(),
		Dropped: c.dropped, Duplicated: c.duplicated, Delivered: c.delivered,
		Flights: c.flights(),
	}
	v.Members = make([]*MemberView, len(c.members))
	for i, m := range c.members {
		v.Members[i] = m.picture(c.config)
	}
	for _, cl := range c.clients {
		v.Clients = append(v.Clients, &ClientView{ID: cl.id, Endpoint: cl.endpoint, Pending: cl.pending, Paused: cl.paused})
	}
	if c.view != nil && !c.opsNew {
		v.Ops = c.view.Ops
	} else {
		v.Ops = slices.Clone(c.ops)
		c.opsNew = false
	}
	c.view = v
	return v
}

// picture returns the member as an immutable value, the one of before while nothing has changed.
func (m *member) picture(c *Config) *MemberView {
	if m.view != nil && !m.dirty {
		return m.view
	}
	v := &MemberView{ID: m.id, Up: m.up, Paused: m.paused, Down: m.down, Inc: m.inc, Raft: m.last}
	v.Disk = DiskView{Files: m.disk.Files(), Syncing: m.syncing, Torn: m.torn, Faults: m.disk.Faults()}
	if m.up {
		v.Raft = m.node.View()
		v.Disk.Tail, _ = m.wal.Tail()
		v.Disk.Records = m.wal.Records(recordsShown)
		v.Store = m.store.View()
		v.Watchers = m.hub.View()
		v.Members, v.Removed = m.membership.members, m.membership.removed
		v.Checking = m.checking
		v.Receiving, v.Installing = slices.Clone(m.receiving), m.installing
		v.Saving, v.Saved = m.saving.Index, m.saved
	}
	for i := range m.snapDBs {
		d := &m.snapDBs[i]
		v.Disk.Files = append(v.Disk.Files, disk.File{
			Name: d.name(), Size: d.file.Size(), Written: d.file.Size(), Synced: d.file.Size(),
		})
	}
	v.Disk.Durable = v.Raft.DurableIndex
	for _, a := range m.inbox {
		v.Inbox = append(v.Inbox, a.msg)
	}
	v.ToApply, v.Batch = len(m.committed), m.batch
	v.Waiting = len(m.waiting) + len(m.unled) + len(m.reads) + len(m.earlier)
	v.UpkeepView = m.upkeepView(c)
	m.view, m.dirty = v, false
	return v
}

// Member returns the member with an ID, or nil when the cluster has no such member.
func (v *View) Member(id uint64) *MemberView {
	if id == 0 || id > uint64(len(v.Members)) {
		return nil
	}
	return v.Members[id-1]
}

// Leader returns the member that leads the highest term and is up, or nil.
func (v *View) Leader() *MemberView {
	var best *MemberView
	for _, m := range v.Members {
		if m.Leads() && (best == nil || m.Raft.Term > best.Raft.Term) {
			best = m
		}
	}
	return best
}

// OpTagged returns the newest operation with a tag, or nil.
func (v *View) OpTagged(tag string) *Op {
	for _, o := range slices.Backward(v.Ops) {
		if o.Spec.Tag == tag {
			return o
		}
	}
	return nil
}
