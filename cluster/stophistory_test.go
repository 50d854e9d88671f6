package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// access is what a client does to one key. The value "" stands for none.
type access struct {
	write bool
	value string // written, or read
}

// cell is one key as clients see it.
var cell = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, _ any) (bool, any) {
		a := input.(access)
		if a.write {
			return true, a.value
		}
		return a.value == state, state
	},
}

// histories is what clients did and saw, by key.
type histories map[string][]porcupine.Operation

// add takes in a request. One without an answer may take effect at any time; a refused one never does.
func (h *histories) add(o *Op) {
	if *h == nil {
		*h = histories{}
	}
	end := int64(o.Returned)
	switch o.State {
	case OpFailed:
		return
	case OpPending, OpUnknown:
		end = math.MaxInt64
	}
	note := func(key []byte, a access) {
		(*h)[string(key)] = append((*h)[string(key)], porcupine.Operation{
			ClientId: int(o.ID), Input: a, Call: int64(o.Called), Return: end,
		})
	}
	switch {
	case o.Spec.Lease != "":
	case o.Kind == ClientPut:
		note(o.Spec.Key, access{true, string(o.Spec.Value)})
	case o.Kind == ClientDelete:
		note(o.Spec.Key, access{true, ""})
	case o.Kind == ClientTxn:
		for _, op := range o.Spec.Txn.Success {
			note(op.Put.Key, access{true, string(op.Put.Value)})
		}
	case o.Kind == ClientGet && o.State == OpDone:
		a := access{}
		if len(o.KVs) > 0 {
			a.value = string(o.KVs[0].Value)
		}
		note(o.Spec.Key, a)
	}
}

// judge asks porcupine whether there is an order of all requests that explains what the clients saw before the stop and
// what is there after it.
func (r *stopRun) judge(d *Cluster) error {
	all := histories{}
	for key, history := range r.seen {
		all[key] = slices.Clip(history)
	}
	for _, o := range r.c.ops {
		if o.State == OpPending {
			all.add(o)
		}
	}
	store := belonging(d)[0].store
	for key, history := range all {
		res, err := store.Range([]byte(key), nil, mvcc.RangeOptions{})
		if err != nil {
			return err
		}
		a := access{}
		if len(res.KVs) > 0 {
			a.value = string(res.KVs[0].Value)
		}
		last := porcupine.Operation{Input: a, Call: int64(d.now) + 1, Return: int64(d.now) + 1}
		if !porcupine.CheckOperations(cell, append(history, last)) {
			return fmt.Errorf("what clients saw of %s, and %q at the end, is not linearizable", key, a.value)
		}
		r.judged++
	}
	return nil
}

// change is a change of the membership that makes sense: learners come and are promoted, voters go.
func (r *stopRun) change() Command {
	s := &r.c.member(r.c.leader()).membership
	for _, m := range s.members {
		if m.IsLearner {
			return Command{Kind: ClientMemberPromote, Op: &OpSpec{Member: &MemberSpec{ID: raft.ID(m.ID)}}}
		}
	}
	if len(s.members) < 4 {
		return Command{Kind: ClientMemberAdd, Op: &OpSpec{Member: &MemberSpec{Learner: r.draw(3) > 0}}}
	}
	gone := s.members[r.draw(len(s.members))]
	return Command{Kind: ClientMemberRemove, Op: &OpSpec{Member: &MemberSpec{ID: raft.ID(gone.ID)}}}
}

// waits says whether a member was added and has never been started.
func (c *Cluster) waits(m *member) bool {
	return m.backend == nil && slices.ContainsFunc(c.members, func(x *member) bool {
		return x.up && x.membership.member(uint64(m.id)) != nil
	})
}

// startNew starts the members that wait for it.
func (r *stopRun) startNew(d *Cluster) {
	var e Event
	for _, m := range d.members {
		if !d.waits(m) {
			continue
		}
		if err := d.Do(Command{Kind: Restart, Members: []raft.ID{m.id}}, &e); err != nil {
			r.t.Fatal(err)
		}
	}
}

// startAgain stops everybody and starts who has data and who was to be started. Only who was removed may refuse.
func (r *stopRun) startAgain(d *Cluster, kind CommandKind) error {
	var up, all []raft.ID
	for _, m := range d.members {
		if m.up {
			up = append(up, m.id)
		}
		if m.backend != nil || d.waits(m) {
			all = append(all, m.id)
		}
	}
	var e Event
	for _, cmd := range []Command{{Kind: kind, Members: up}, {Kind: Restart, Members: all}} {
		if err := d.Do(cmd, &e); err != nil {
			return err
		}
	}
	for _, id := range all {
		if m := d.member(id); !m.up && m.down != errRemovedMember.Error() {
			return fmt.Errorf("n%d refuses to start: %s", m.id, m.down)
		}
	}
	return nil
}

// belonging lists the members that the leader knows; nil without a leader.
func belonging(d *Cluster) (out []*member) {
	if lead := d.leader(); lead != raft.None {
		for _, m := range d.member(lead).membership.members {
			out = append(out, d.member(raft.ID(m.ID)))
		}
	}
	return out
}

// settled says whether a leader's whole log is applied by all who belong to its cluster.
func settled(d *Cluster) bool {
	members := belonging(d)
	if len(members) == 0 {
		return false
	}
	last := d.member(d.leader()).node.View().Last
	return !slices.ContainsFunc(members, func(m *member) bool { return m.applied != last || m.installing })
}

// savedDB is a database that a client was sent, and what was in it.
type savedDB struct {
	file []byte
	keys string
}

// keep remembers the answer of snapshot save, with the keys as the leader has them at that revision.
func (r *stopRun) keep(o *Op) {
	lead := r.c.leader()
	if lead == raft.None {
		return
	}
	keys, err := keysAt(r.c.member(lead).store, o.Backup.Revision)
	switch {
	case errors.Is(err, mvcc.ErrCompacted), errors.Is(err, mvcc.ErrFutureRev):
		return
	case err != nil:
		r.t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := o.Backup.WriteTo(&file); err != nil {
		r.t.Fatal(err)
	}
	r.saved = &savedDB{file.Bytes(), keys}
}

func keysAt(s *mvcc.Store, rev int64) (string, error) {
	res, err := s.Range([]byte{0}, []byte{}, mvcc.RangeOptions{Rev: rev})
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	for _, kv := range res.KVs {
		fmt.Fprintf(&text, "%s=%s created %d, changed %d, version %d, lease %x\n",
			kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version, kv.Lease)
	}
	return text.String(), nil
}

// restore begins another cluster with the saved database, and stops it in the middle: after another start all its
// members hold just what was in it.
func (r *stopRun) restore() error {
	c, err := New(Config{Seed: r.seed, Nodes: 3, Restore: &Restore{Snapshot: r.saved.file}}, r.t.TempDir())
	if err != nil {
		return err
	}
	defer closeCluster(r.t, c)
	var e Event
	for range r.draw(60) {
		c.Step(&e)
	}
	r.restored++
	_, err = restoreAgain(r.t, c, []CommandKind{Crash, Poweroff}[r.draw(2)], r.saved.keys)
	return err
}
