package invariant_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/invariant"
	"etcdscope/cluster/script"
	"etcdscope/raft"
)

// TestRules plays testdata/rules: each story once with all rules in force and once without the rule that its directive
// names. With them nothing is violated; without it something is, or clients are told something else, or members end
// with different keys. Rerun with -rewrite and read the difference.
//
//	rule NAME [nodes=3] [seed=1] [profile=etcd]
func TestRules(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd != "rule" {
				d.Fatalf(t, "unknown directive %q: want rule", d.Cmd)
			}
			name := d.CmdArgs[0].Key
			on, off := play(t, d, nil), play(t, d, []string{name})
			if strings.Contains(on, "violated") {
				t.Errorf("%s: with all rules in force:\n%s", d.Pos, on)
			}
			if on == off {
				t.Errorf("%s: %s makes no difference:\n%s", d.Pos, name, on)
			}
			return "with it:\n" + on + "without it:\n" + off
		})
	})
}

// tale is one run of a story.
type tale struct {
	t       *testing.T
	d       *datadriven.TestData
	c       *cluster.Cluster
	checker *invariant.Checker
	broken  []string
	refused []string

	installed map[raft.ID]int // snapshots that a member was given
}

func play(t *testing.T, d *datadriven.TestData, off []string) string {
	cfg := cluster.Config{Nodes: 3, Seed: 1, Off: off}
	d.MaybeScanArgs(t, "nodes", &cfg.Nodes)
	d.MaybeScanArgs(t, "profile", &cfg.Profile)
	var seed int
	if d.MaybeScanArgs(t, "seed", &seed) {
		cfg.Seed = uint64(seed)
	}
	c, err := cluster.New(cfg, t.TempDir())
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	w := &tale{t: t, d: d, c: c, checker: invariant.New(cfg.Nodes), installed: map[raft.ID]int{}}
	for _, line := range strings.Split(d.Input, "\n") {
		w.line(line)
	}
	out := w.end()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	return out
}

// line plays a command, "times N COMMAND", "run DURATION", or "until NAME [MEMBER]": until such an event, by the member
// if one is named.
func (w *tale) line(line string) {
	var times int
	if n, _ := fmt.Sscanf(line, "times %d ", &times); n == 1 {
		for range times {
			w.line(strings.Join(strings.Fields(line)[2:], " "))
		}
		return
	}
	if words := strings.Fields(line); len(words) > 1 && words[0] == "until" {
		w.until(words[1], append(words, "")[2])
		return
	}
	lead := uint64(0)
	if l := w.c.View().Leader(); l != nil {
		lead = uint64(l.ID)
	}
	call, err := script.Parse(line, len(w.c.View().Members), lead)
	if err != nil {
		w.d.Fatalf(w.t, "%s: %v", line, err)
	}
	if call == nil {
		return
	}
	call.Resolve(w.c.View().Config.Timing.Tick)
	if call.Action == script.RunFor {
		for end := w.c.Now() + call.For; ; {
			if next, ok := w.c.Next(); !ok || next > end {
				return
			}
			w.step()
		}
	}
	var e cluster.Event
	if err := w.c.Do(*call.World, &e); err != nil {
		w.refused = append(w.refused, fmt.Sprintf("%s: %v", line, err))
		return
	}
	w.check(&e)
}

func (w *tale) until(name, by string) {
	for end := w.c.Now() + 60*clock.Second; w.c.Now() < end; {
		if e := w.step(); slices.Contains(e.Names(nil), name) && (by == "" || fmt.Sprintf("n%d", e.Member) == by) {
			return
		}
	}
	w.d.Fatalf(w.t, "no %s of %s in a minute", name, by)
}

func (w *tale) step() *cluster.Event {
	var e cluster.Event
	if !w.c.Step(&e) {
		w.d.Fatalf(w.t, "nothing happens any more")
	}
	w.check(&e)
	return &e
}

func (w *tale) check(e *cluster.Event) {
	if e.Kind == cluster.SnapshotInstall {
		w.installed[e.Member]++
	}
	for _, v := range w.checker.Check(e, w.c.View) {
		w.broken = append(w.broken, fmt.Sprintf("   %s violated: %s", v.Name, v.Detail))
	}
}

// How many violations, and events of a watch before the last one, are told.
const (
	mostTold = 3
	mostSeen = 10
)

// end tells what was violated, what clients with a tag were told, and which keys the members end with.
func (w *tale) end() string {
	var b strings.Builder
	for i, line := range slices.Concat(w.refused, w.broken) {
		if i == mostTold {
			fmt.Fprintf(&b, "   and so on\n")
			break
		}
		b.WriteString(line + "\n")
	}
	v := w.c.View()
	for _, o := range v.Ops {
		if o.Spec.Tag == "" {
			continue
		}
		fmt.Fprintf(&b, "   %s: %s\n", o.Spec.Tag, strings.Join(slices.DeleteFunc(answer(o), empty), ", "))
	}
	for _, m := range v.Members {
		if !m.Up {
			fmt.Fprintf(&b, "   n%d is down: %s\n", m.ID, m.Down)
			continue
		}
		var keys []string
		for _, h := range m.Store.Keys(m.Store.Len()) {
			if kv, ok := m.Store.Get(h.Key, 0); ok {
				keys = append(keys, fmt.Sprintf("%s=%s@%d", h.Key, kv.Value[:min(8, len(kv.Value))], kv.ModRevision))
			}
		}
		fmt.Fprintf(&b, "   n%d at revision %d: %s\n", m.ID, m.Store.Revision, strings.Join(keys, " "))
		if n := w.installed[m.ID]; n > 0 {
			fmt.Fprintf(&b, "   n%d installed snapshots: %d\n", m.ID, n)
		}
	}
	return b.String()
}

func empty(s string) bool { return s == "" }

func answer(o *cluster.Op) (out []string) {
	out = append(out, o.Err, o.Text())
	if o.State == cluster.OpDone {
		out = append(out, fmt.Sprintf("revision %d", o.Rev))
	}
	for i := range o.KVs {
		out = append(out, fmt.Sprintf("%s=%s", o.KVs[i].Key, o.KVs[i].Value))
	}
	for i := range o.Seen {
		if i >= mostSeen && i < len(o.Seen)-1 {
			if i == mostSeen {
				out = append(out, "and so on")
			}
			continue
		}
		verb := "put"
		if o.Seen[i].Delete {
			verb = "delete"
		}
		out = append(out, fmt.Sprintf("%s %s@%d", verb, o.Seen[i].KV.Key, o.Seen[i].KV.ModRevision))
	}
	if o.Batches > 0 {
		out = append(out, fmt.Sprintf("%d responses", o.Batches))
	}
	return out
}
