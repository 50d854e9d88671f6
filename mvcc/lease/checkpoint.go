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
	next := Forever
	if r.counts() && left > r.config.CheckpointInterval && !r.config.Rules.NoCheckpoints {
		next = now + r.seconds(r.config.CheckpointInterval)
	}
	r.checkpoints.move(l, &l.checkpoint, next)
}

// DueCheckpoints returns up to limit checkpoints (0: CheckpointBatch) that are to be proposed. The next ones are
// planned at once, in case that a proposal is lost, and again when it is applied.
func (r *Lessor) DueCheckpoints(now Time, limit int) (due []Checkpoint) {
	if limit <= 0 {
		limit = CheckpointBatch
	}
	for range limit {
		l, at := r.first(r.checkpoints, (*lease).checkpointAt)
		if l == nil || at > now {
			break
		}
		l = r.own(l)
		left := int64((l.expiry - now + r.config.Second - 1) / r.config.Second)
		r.planFrom(l, left, now)
		if l.expiry > now && left < l.ttl {
			due = append(due, Checkpoint{l.id, left})
		}
	}
	return due
}

// NextCheckpoint is when DueCheckpoints has something to return; ok is false when that is never.
func (r *Lessor) NextCheckpoint() (at Time, ok bool) {
	l, at := r.first(r.checkpoints, (*lease).checkpointAt)
	return at, l != nil
}

// Checkpoint applies a checkpoint and returns the lease's row. The error is ErrNotFound.
func (r *Lessor) Checkpoint(c Checkpoint, now Time) (Row, error) {
	l := r.find(c.ID)
	if l == nil {
		return Row{}, ErrNotFound
	}
	l = r.own(l)
	l.remaining = c.Remaining
	r.plan(l, now)
	saved := *l
	if r.config.Rules.CheckpointNotSaved {
		saved.remaining = 0
	}
	return rowOf(&saved), nil
}
