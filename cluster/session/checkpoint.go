package session

import (
	"errors"
	"slices"

	"etcdscope/cluster"
	"etcdscope/cluster/invariant"
)

const (
	// checkpointEvery is the distance in events of the checkpoints that recording leaves.
	checkpointEvery = 1024
	// maxPassing is how many checkpoints of the other sort, left by seeking, are kept.
	maxPassing = 12
)

// checkpoint is the world right after an event, kept to be cloned.
type checkpoint struct {
	pos     uint64
	world   *cluster.Cluster
	checker *invariant.Checker // the ghost state there; nil: not known
	bytes   int64
	passing bool   // left by a seek: the least recently used of these go first
	used    uint64 // by the stock's clock
}

// stock bounds the memory of all checkpoints.
type stock struct {
	budget  int64
	total   int64
	clock   uint64
	passing int
}

// nearest returns the newest checkpoint of b's line at or before id, or nil. With checked it wants ghost state.
func (b *branch) nearest(id uint64, checked bool) *checkpoint {
	for ; b != nil; b = b.parent {
		for _, c := range slices.Backward(b.checkpoints) {
			if c.pos <= id && (!checked || c.checker != nil) {
				return c
			}
		}
		id = min(id, b.forkAt)
	}
	return nil
}

// find returns the place of position id in b's own checkpoints.
func (b *branch) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(b.checkpoints, id, func(c *checkpoint, id uint64) int {
		switch {
		case c.pos < id:
			return -1
		case c.pos > id:
			return 1
		}
		return 0
	})
}

// keep files world as a checkpoint of the branch that owns position pos, or says that one is there already.
// now is the present position, to which checkpoints are kept dense.
func (t *stock) keep(branches []*branch, line *branch, c *checkpoint, now uint64) bool {
	b := line.owner(c.pos)
	i, found := b.find(c.pos)
	if found {
		return false
	}
	b.checkpoints = slices.Insert(b.checkpoints, i, c)
	c.bytes = c.world.Bytes()
	t.total += c.bytes
	t.touch(c)
	if c.passing {
		t.passing++
	}
	for t.passing > maxPassing {
		t.dropOldestPassing(branches)
	}
	for t.total > t.budget && t.thin(branches, line, now) {
	}
	return true
}

func (t *stock) touch(c *checkpoint) {
	t.clock++
	c.used = t.clock
}

func (t *stock) dropOldestPassing(branches []*branch) {
	var at *branch
	var oldest *checkpoint
	for _, b := range branches {
		for _, c := range b.checkpoints {
			if c.passing && (oldest == nil || c.used < oldest.used) {
				at, oldest = b, c
			}
		}
	}
	t.remove(at, oldest)
}

// thin drops the checkpoint that is missed least: the gap it leaves is small for its distance from now. That
// keeps distances between neighbours in proportion to their distance from the present. The start is never
// dropped.
func (t *stock) thin(branches []*branch, line *branch, now uint64) bool {
	var at *branch
	var victim *checkpoint
	least := 0.0
	for _, b := range branches {
		reach := line.reach(b)
		for i, c := range b.checkpoints {
			if c.pos == 0 || c.used == t.clock {
				continue
			}
			before, after := b.forkAt, b.end()
			if i > 0 {
				before = b.checkpoints[i-1].pos
			}
			if i+1 < len(b.checkpoints) {
				after = b.checkpoints[i+1].pos
			}
			score := float64(after-before+1) / float64(distance(c.pos, now)+distance(min(c.pos, reach), c.pos)+checkpointEvery)
			if victim == nil || score < least {
				at, victim, least = b, c, score
			}
		}
	}
	if victim == nil {
		return false
	}
	t.remove(at, victim)
	return true
}

// reach is the last event of other that line shares.
func (b *branch) reach(other *branch) uint64 {
	limit := b.end()
	for ; b != nil; b = b.parent {
		if b == other {
			return limit
		}
		limit = min(limit, b.forkAt)
	}
	return 0
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }

// remove drops one checkpoint. An error of closing costs a file descriptor until the session is closed.
func (t *stock) remove(b *branch, c *checkpoint) {
	b.checkpoints = slices.DeleteFunc(b.checkpoints, func(o *checkpoint) bool { return o == c })
	t.total -= c.bytes
	if c.passing {
		t.passing--
	}
	_ = c.world.Close()
}

// clear drops all checkpoints of a branch.
func (t *stock) clear(b *branch) error {
	var problems []error
	for _, c := range b.checkpoints {
		t.total -= c.bytes
		if c.passing {
			t.passing--
		}
		problems = append(problems, c.world.Close())
	}
	b.checkpoints = nil
	return errors.Join(problems...)
}
