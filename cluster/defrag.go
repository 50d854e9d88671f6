package cluster

import "etcdscope/mvcc"

// defragRun is a defragmentation between two steps.
type defragRun struct {
	done, total int // rows copied, and how many there are
	limit       int // rows in a step
	op          OpID
	stalled     []OpID // requests that came meanwhile
}

// defragSteps is in how many steps a small file is copied at least, so that something can happen in between.
const defragSteps = 3

// startDefrag stops the work on the store and begins to copy it.
func (m *member) startDefrag(c *Cluster, o *Op, e *Event) {
	rows, err := m.store.RowCount()
	if err != nil {
		m.fail(c, "backend: ", err, e)
		return
	}
	rows += m.store.Pending()
	limit := min(mvcc.DefragBatch, rows/defragSteps+1)
	m.defrag = &defragRun{total: rows, limit: limit, op: o.ID}
	e.Note = "defragmentation begins: the store is locked"
	c.after(c.config.Timing.Fsync, item{kind: DefragStep, member: m.id, inc: m.inc, op: o.ID, cause: e.ID})
}

// defragStep copies rows; with the last ones the copy takes the place of the file, and the work goes on.
func (m *member) defragStep(c *Cluster, e *Event) bool {
	if m.defrag == nil {
		return false
	}
	if m.batch { // a commit that was running has the lock
		c.after(c.config.Timing.Fsync, item{kind: DefragStep, member: m.id, inc: m.inc, op: e.Op, cause: e.Causes[0]})
		return false
	}
	done, err := m.store.DefragStep(m.defrag.limit)
	if err != nil {
		m.fail(c, "backend: ", err, e)
		return true
	}
	m.dirty = true
	m.defrag.done = min(m.defrag.done+m.defrag.limit, m.defrag.total)
	e.N = m.defrag.done
	if !done {
		c.after(c.config.Timing.Fsync, item{kind: DefragStep, member: m.id, inc: m.inc, op: e.Op, cause: e.ID})
		return true
	}
	run := m.defrag
	m.defrag = nil
	e.Note = "the copy is in the place of the file"
	c.respond(run.op, m.id, &reply{rev: m.store.Revision()}, e.ID)
	for _, id := range run.stalled {
		if o, _ := c.op(id); o != nil && o.State == OpPending {
			m.serve(c, o, e)
		}
	}
	m.serveReads(c, e)
	m.wantInstall(c, e.ID)
	m.wantApply(c)
	m.wantBatch(c, e)
	return true
}
