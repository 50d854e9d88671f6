package cluster_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// TestStories plays testdata/stories: lines of the command language, and below them what happened, at the level of
// detail that the directive names. Rerun with -rewrite and read the difference.
//
//	new nodes=3 seed=1 off=prevote      starts a cluster
//	story | protocol | bytes            plays the lines and prints the events of that level and above
//	state                               prints one line per member
//	files                               prints the files of every member
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		w := world{t: t}
		datadriven.RunTest(t, path, w.directive)
	})
}

var levels = map[string]cluster.Salience{
	"story": cluster.Story, "protocol": cluster.Protocol, "bytes": cluster.Bytes,
}

type world struct {
	t     *testing.T
	c     *cluster.Cluster
	out   strings.Builder
	level cluster.Salience
}

func (w *world) directive(t *testing.T, d *datadriven.TestData) string {
	w.out.Reset()
	switch d.Cmd {
	case "new":
		w.begin(d)
	case "story", "protocol", "bytes":
		w.level = levels[d.Cmd]
		for _, line := range strings.Split(d.Input, "\n") {
			w.line(line)
		}
	case "state":
		w.state()
	case "files":
		w.files()
	default:
		d.Fatalf(t, "unknown directive %q: want new, story, protocol, bytes, state or files", d.Cmd)
	}
	return w.out.String()
}

func (w *world) begin(d *datadriven.TestData) {
	cfg := cluster.Config{Nodes: 3, Seed: 1}
	d.MaybeScanArgs(w.t, "nodes", &cfg.Nodes)
	var seed int
	if d.MaybeScanArgs(w.t, "seed", &seed) {
		cfg.Seed = uint64(seed)
	}
	d.MaybeScanArgs(w.t, "snapshot-count", &cfg.Flags.SnapshotCount)
	d.MaybeScanArgs(w.t, "profile", &cfg.Profile)
	d.MaybeScanArgs(w.t, "segment", &cfg.Flags.WALSegmentBytes)
	d.MaybeScanArgs(w.t, "catch-up", &cfg.Flags.SnapshotCatchUpEntries)
	d.MaybeScanArgs(w.t, "reads", &cfg.Flags.ReadOnlyOption)
	var off string
	if d.MaybeScanArgs(w.t, "off", &off) {
		cfg.Off = strings.Split(off, ",")
	}
	c, err := cluster.New(cfg, w.t.TempDir())
	if err != nil {
		d.Fatalf(w.t, "%v", err)
	}
	w.c = c
	w.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

// line plays one line: a command of the world, "run" for some time, or "until" a name of events.
func (w *world) line(line string) {
	if name, ok := strings.CutPrefix(line, "until "); ok {
		w.until(name)
		return
	}
	lead := uint64(0)
	if l := w.c.View().Leader(); l != nil {
		lead = uint64(l.ID)
	}
	call, err := script.Parse(line, len(w.c.View().Members), lead)
	if err != nil {
		fmt.Fprintln(&w.out, "error:", err)
		return
	}
	call.Resolve(w.c.View().Config.Timing.Tick)
	switch {
	case call.World != nil:
		var e cluster.Event
		if err := w.c.Do(*call.World, &e); err != nil {
			fmt.Fprintln(&w.out, "error:", err)
			return
		}
		w.print(&e)
	case call.Action == script.RunFor:
		w.run(call.For)
	default:
		fmt.Fprintln(&w.out, "error: only commands of the world, run and until work here")
	}
}

func (w *world) run(d clock.Time) {
	for end := w.c.Now() + d; ; {
		var e cluster.Event
		if next, ok := w.c.Next(); !ok || next > end || !w.c.Step(&e) {
			return
		}
		w.print(&e)
	}
}

// until steps until an event carries the name, at most ten seconds.
func (w *world) until(name string) {
	for end := w.c.Now() + 10*clock.Second; w.c.Now() < end; {
		var e cluster.Event
		if !w.c.Step(&e) {
			break
		}
		w.print(&e)
		for _, n := range e.Names(nil) {
			if n == name {
				return
			}
		}
	}
	fmt.Fprintf(&w.out, "no %s in ten seconds\n", name)
}

func (w *world) print(e *cluster.Event) {
	if e.Salience >= w.level {
		fmt.Fprintf(&w.out, "%8v %s\n", e.At, e.Sentence())
	}
}

func (w *world) files() {
	for _, m := range w.c.View().Members {
		fmt.Fprintf(&w.out, "n%d saved %d\n", m.ID, m.Saved)
		for _, f := range m.Disk.Files {
			fmt.Fprintf(&w.out, "   %s %d of %d synced\n", f.Name, f.Synced, f.Written)
		}
	}
}

func (w *world) state() {
	for _, m := range w.c.View().Members {
		if !m.Up {
			fmt.Fprintf(&w.out, "n%d down (%s)\n", m.ID, m.Down)
			continue
		}
		r := &m.Raft
		fmt.Fprintf(&w.out, "n%d %v term %d vote %d lead %d log %d..%d durable %d commit %d applied %d ",
			m.ID, r.Role, r.Term, r.Vote, r.Lead, r.First, r.Last, r.DurableIndex, r.Commit, r.Applied)
		fmt.Fprintf(&w.out, "rev %d inbox %d waiting %d\n", m.Store.Revision, len(m.Inbox), m.Waiting)
		for _, kv := range m.Store.Keys(10) {
			v, ok := m.Store.Get(kv.Key, 0)
			fmt.Fprintf(&w.out, "   %s = %q (%v)\n", kv.Key, v.Value, ok)
		}
	}
	for _, o := range w.c.View().Ops {
		fmt.Fprintf(&w.out, "op %d %v %s via n%d: state %d rev %d %s seen %d\n",
			o.ID, o.Kind, o.Spec.Key, o.Via, o.State, o.Rev, o.Err, len(o.Seen))
	}
}
