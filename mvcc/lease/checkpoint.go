package lease

// CheckpointBatch is how many leases etcd puts into one checkpoint request.
const CheckpointBatch = 1000

// Checkpoint says how many seconds a lease has left: leaders tell members who may lead after them. 0 takes back
// what was said before.
type Checkpoint struct {
	ID        ID
	Remaining int64
}

// plan plans the next checkpoint of a lease that has been given its time.
func (r *Lessor) plan(l *lease, now Time) { r.planFrom(l, l.left(), now) }

// planFrom plans the next checkpoint; a lease that has no more left than the interval needs none.
func (r *Lessor) planFrom(l *lease, left int64, now Time) {
	l.checkpoint = 0
	if r.counts() && left > r.config.CheckpointInterval && !r.config.Rules.NoCheckpoints {
		l.checkpoint = now + r.seconds(r.config.CheckpointInterval)
	}
}

// DueCheckpoints returns up to limit checkpoints (0: CheckpointBatch) that are to be proposed. The next ones are
// planned at once, in case that a proposal is lost, and again when it is applied.
func (r *Lessor) DueCheckpoints(now Time, limit int) (due []Checkpoint) {
	if limit <= 0 {
		limit = CheckpointBatch
	}
	var past []ID
	r.checkpoints.Ascend(func(m moment) bool {
		if m.at > now || len(past) == limit {
			return false
		}
		past = append(past, m.id)
		return true
	})
	for _, id := range past {
		l, _ := r.find(id)
		left := int64((l.expiry - now + r.config.Second - 1) / r.config.Second)
		r.planFrom(&l, left, now)
		r.put(l)
		if l.expiry > now && left < l.ttl {
			due = append(due, Checkpoint{id, left})
		}
	}
	return due
}

// NextCheckpoint is when DueCheckpoints has something to return; ok is false when that is never.
func (r *Lessor) NextCheckpoint() (at Time, ok bool) {
	m, ok := r.checkpoints.Min()
	return m.at, ok
}

// Checkpoint applies a checkpoint and returns the lease's row. The error is ErrNotFound.
func (r *Lessor) Checkpoint(c Checkpoint, now Time) (Row, error) {
	l, ok := r.find(c.ID)
	if !ok {
		return Row{}, ErrNotFound
	}
	l.remaining = c.Remaining
	r.plan(&l, now)
	r.put(l)
	if r.config.Rules.CheckpointNotSaved {
		l.remaining = 0
	}
	return rowOf(&l), nil
}
