package lease

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// broken plays a scene with all rules in force and without the named rule, and wants only the second to go wrong.
func broken(t *testing.T, rule string, scene func(r Rules) error) {
	t.Helper()
	if err := scene(Rules{}); err != nil {
		t.Errorf("with all rules: %v", err)
	}
	var r Rules
	if err := r.Switch(rule, false); err != nil {
		t.Fatal(err)
	}
	if err := scene(r); err == nil {
		t.Errorf("without %s nothing went wrong", rule)
	} else {
		t.Logf("without %s: %v", rule, err)
	}
}

func TestRuleTable(t *testing.T) {
	all := AllRules()
	if !slices.IsSortedFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }) || len(all) != 6 {
		t.Errorf("%d rules, or not in order of name", len(all))
	}
	seen := map[Rules]string{}
	for _, rule := range all {
		var r Rules
		if err := r.Switch(rule.Name, false); err != nil || r == (Rules{}) || seen[r] != "" {
			t.Errorf("%s switches the field of %q, or none: %v", rule.Name, seen[r], err)
		}
		seen[r] = rule.Name
		if err := r.Switch(rule.Name, true); err != nil || r != (Rules{}) {
			t.Errorf("%s does not come back into force: %v", rule.Name, err)
		}
	}
	if new(Rules).Switch("no-such-rule", false) == nil {
		t.Error("a rule that does not exist was switched")
	}
}

// group is three members that apply the same requests. The clock is in seconds.
type group struct {
	members []*Lessor
	files   []map[string][]byte
}

func newGroup(r Rules, ttl int64) *group {
	g := &group{}
	for i := range 3 {
		g.members = append(g.members, New(Config{Second: 1, Member: uint64(i + 1), Rules: r}))
		g.files = append(g.files, map[string][]byte{})
	}
	g.all(func(i int) (Row, error) {
		_, row, err := g.members[i].Grant(1, ttl, 0)
		return row, err
	})
	return g
}

// all applies a request on every member.
func (g *group) all(apply func(i int) (Row, error)) {
	for i := range g.members {
		row, err := apply(i)
		if err != nil {
			panic(err)
		}
		g.files[i][string(row.Key)] = row.Value
	}
}

// lead makes a member count time from one moment to another, and applies the checkpoints it asks for.
func (g *group) lead(leader int, from, to Time) {
	g.members[leader].Promote(1, from)
	for now := from; now < to; now++ {
		for _, c := range g.members[leader].DueCheckpoints(now, 0) {
			g.all(func(i int) (Row, error) { return g.members[i].Checkpoint(c, now) })
		}
	}
	g.members[leader].Demote()
}

// Mutation 49, L4: after two changes of the leader a lease has no more time than the last checkpoint left it.
func TestMutation49FullTTLAfterLeaderChanges(t *testing.T) {
	for _, rule := range []string{"lease-checkpoint-kept", "lease-checkpoint"} {
		broken(t, rule, func(r Rules) error {
			g := newGroup(r, 600)
			g.lead(0, 0, 400)   // 301 left at the checkpoint of 300
			g.lead(1, 400, 450) // too short for a checkpoint
			g.members[2].Promote(1, 450)
			if l, _ := g.members[2].TimeToLive(1, 450); l.Remaining > 301+1 {
				return fmt.Errorf("the third leader gives the lease %d s, a checkpoint had left 301", l.Remaining)
			}
			return nil
		})
	}
}

// L4 across a restart: what the checkpoint left is in the file.
func TestCheckpointSaved(t *testing.T) {
	broken(t, "lease-checkpoint-saved", func(r Rules) error {
		g := newGroup(r, 600)
		g.lead(0, 0, 400)
		again := New(Config{Second: 1, Rules: r})
		if err := again.Restore(Row{rowKey(1), g.files[2][string(rowKey(1))]}); err != nil {
			return err
		}
		again.Promote(1, 400)
		if l, _ := again.TimeToLive(1, 400); l.Remaining > 301+1 {
			return fmt.Errorf("after the restart the lease has %d s, a checkpoint had left 301", l.Remaining)
		}
		return nil
	})
}

// Mutation 52, M3: members that delete the keys of a lease in different orders give them different revisions.
func TestMutation52OrderOfRevoke(t *testing.T) {
	broken(t, "lease-revoke-sorted", func(r Rules) error {
		g := newGroup(r, 60)
		var orders []string
		for _, m := range g.members {
			for _, key := range []string{"d", "a", "c", "b"} {
				m.Assign(key, 1)
			}
			keys, _, err := m.Revoke(1)
			if err != nil {
				return err
			}
			orders = append(orders, fmt.Sprint(keys))
		}
		if len(slices.Compact(slices.Clone(orders))) > 1 {
			return fmt.Errorf("the members delete %v", orders)
		}
		return nil
	})
}

// Mutation 50, L2: a revoke names every key that dies, and none that has another lease by now.
func TestMutation50KeysOfRevoke(t *testing.T) {
	r := New(Config{})
	for id := range ID(2) {
		if _, _, err := r.Grant(id+1, 60, 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range []attachment{{"a", 1}, {"b", 1}, {"c", 2}, {"d", 1}, {"b", 2}, {"d", 0}, {"c", 1}, {"e", 9}} {
		r.Assign(change.key, change.id)
	}
	keys, row, err := r.Revoke(1)
	if err != nil || !slices.Equal(keys, []string{"a", "c"}) || row.Value != nil || string(row.Key) != string(rowKey(1)) {
		t.Errorf("revoke deletes %q and row %x=%x, %v, want a and c and the lease's row", keys, row.Key, row.Value, err)
	}
	if r.Of("a") != 0 || r.Of("b") != 2 || r.Exists(1) || r.Of("e") != 0 {
		t.Error("the revoked lease still has keys, or another lost its own")
	}
}

// G1: nobody but the leader finds a lease expired.
func TestOnlyLeaderExpires(t *testing.T) {
	broken(t, "lease-only-leader-expires", func(r Rules) error {
		g := newGroup(r, 60)
		if ids := g.members[1].Expired(1000, 0); len(ids) > 0 {
			return fmt.Errorf("a follower finds %v expired", ids)
		}
		return nil
	})
}

// G2: a lease outlives the election in which nobody could renew it.
func TestPromoteExtends(t *testing.T) {
	broken(t, "lease-promote-extends", func(r Rules) error {
		g := newGroup(r, 5)
		g.members[1].Promote(2, 10)
		if ids := g.members[1].Expired(10+5, 0); len(ids) > 0 {
			return fmt.Errorf("%v expired without the time of the election", ids)
		}
		return nil
	})
}
