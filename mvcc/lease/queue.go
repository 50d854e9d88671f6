package lease

import "github.com/google/btree"

// moment is something that is due for a lease.
type moment struct {
	at Time
	id ID
}

// queue says for which lease something is due first. It holds a moment for every lease at its time or before: one
// that is put off stays where it is, and goes on to its new place when the old one is reached. A lease that
// is renewed again and again costs nothing here, and one that is revoked is not looked for.
type queue struct{ tree *btree.BTreeG[moment] }

func newQueue() queue {
	return queue{btree.NewG(degree, func(a, b moment) bool { return a.at < b.at || a.at == b.at && a.id < b.id })}
}

func (q queue) clone() queue { return queue{q.tree.Clone()} }

// move changes the time of a lease, from Forever if it had none, and to Forever if it shall have none.
func (q queue) move(l *lease, time *Time, at Time) {
	if at < *time {
		q.tree.ReplaceOrInsert(moment{at, l.id})
	}
	*time = at
}

// putOff moves the lease that is first to a later time.
func (q queue) putOff(l *lease, time *Time, at Time) {
	q.tree.DeleteMin()
	*time = Forever
	q.move(l, time, at)
}

// first returns the lease whose time comes first, and that time; nil when there is none.
func (r *Lessor) first(q queue, time func(*lease) Time) (*lease, Time) {
	for {
		m, ok := q.tree.Min()
		if !ok {
			return nil, Forever
		}
		l, at := r.find(m.id), Forever
		if l != nil {
			at = time(l)
		}
		if at == m.at {
			return l, at
		}
		q.tree.DeleteMin()
		if at != Forever {
			q.tree.ReplaceOrInsert(moment{at, m.id})
		}
	}
}

func (l *lease) dueAt() Time        { return l.due }
func (l *lease) checkpointAt() Time { return l.checkpoint }
