package pane

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/watch"
)

// inside draws a pane in a rectangle of a larger frame and reports what is wrong with the picture.
func inside(p Pane, r frame.Rect, s *Scene) error {
	const w, h = 150, 60
	f := frame.New(w, h)
	f.Fill(f.Bounds(), frame.Style{}, '#')
	p.Draw(f, r, s, true)
	for y := range h {
		cells := 0
		for x, c := range f.Row(y) {
			cells += int(c.W)
			if !r.Contains(x, y) && c.R != '#' {
				return fmt.Errorf("%s in %+v draws %q outside, at %d,%d", p.Name(), r, c.R, x, y)
			}
		}
		if cells != w {
			return fmt.Errorf("%s in %+v: row %d has %d cells", p.Name(), r, y, cells)
		}
	}
	if f.Clip() != f.Bounds() {
		return fmt.Errorf("%s in %+v leaves a clip behind", p.Name(), r)
	}
	return nil
}

// randomRect draws rectangles of any size, often tiny, anywhere on the frame and over its edges.
func randomRect(t *rapid.T) frame.Rect {
	most := rapid.SampledFrom([]int{3, 30, 140}).Draw(t, "most")
	return frame.Rect{
		X: rapid.IntRange(-2, 20).Draw(t, "x"), Y: rapid.IntRange(-2, 20).Draw(t, "y"),
		W: rapid.IntRange(0, most).Draw(t, "w"), H: rapid.IntRange(0, most).Draw(t, "h"),
	}
}

// randomWorld makes up a cluster that no run would reach: any role, any number, any message.
func randomWorld(t *rapid.T, tb testing.TB) *Scene {
	n := rapid.IntRange(1, cluster.MaxNodes).Draw(t, "members")
	w := newWorld(tb, n)
	index := rapid.Custom(func(t *rapid.T) raft.Index { return raft.Index(rapid.IntRange(0, 30).Draw(t, "index")) })
	member := rapid.Custom(func(t *rapid.T) raft.ID { return raft.ID(rapid.IntRange(1, n).Draw(t, "member")) })
	for id := 1; id <= n; id++ {
		randomMember(t, w, id, index, member)
	}
	for range rapid.IntRange(0, 40).Draw(t, "flights") {
		m := raft.Message{
			Type: raft.MessageType(rapid.IntRange(0, 20).Draw(t, "type")), From: member.Draw(t, "from"),
			To: member.Draw(t, "to"), Term: raft.Term(index.Draw(t, "term")), Index: index.Draw(t, "at"),
			Reject: rapid.Bool().Draw(t, "reject"),
		}
		if rapid.Bool().Draw(t, "entries") {
			m.Entries = []raft.Entry{{Term: 1, Index: 5, Data: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "data")}}
		}
		fl := w.send(m, rapid.IntRange(-50, 200).Draw(t, "way"))
		fl.Held = rapid.Bool().Draw(t, "held")
	}
	for i := range w.links {
		w.links[i].Cut = rapid.IntRange(0, 4).Draw(t, "cut") == 0
	}
	s := w.furnish(n)
	s.Selected = raft.ID(rapid.IntRange(0, n+1).Draw(t, "selected"))
	s.Message = uint64(rapid.IntRange(0, 150).Draw(t, "message"))
	s.ReducedMotion, s.Covered = rapid.Bool().Draw(t, "reduced"), rapid.IntRange(0, 9).Draw(t, "covered") == 0
	s.Lang = rapid.SampledFrom([]string{"en", "zh"}).Draw(t, "lang")
	return s
}

func randomMember(
	t *rapid.T, w *world, id int, index *rapid.Generator[raft.Index], member *rapid.Generator[raft.ID],
) {
	terms := make([]raft.Term, rapid.IntRange(0, 12).Draw(t, "entries"))
	term := raft.Term(1)
	for i := range terms {
		term += raft.Term(rapid.SampledFrom([]int{0, 0, 0, 1, 90}).Draw(t, "rise"))
		terms[i] = term
	}
	first := raft.Index(1)
	if len(terms) > 0 {
		first += index.Draw(t, "compacted")
	}
	r := w.log(id, first, terms...)
	r.Role = raft.Role(rapid.IntRange(0, 3).Draw(t, "role"))
	r.Commit, r.Applied, r.DurableIndex = index.Draw(t, "commit"), index.Draw(t, "applied"), index.Draw(t, "durable")
	r.Vote, r.Elapsed, r.Timeout = member.Draw(t, "vote"), rapid.IntRange(0, 40).Draw(t, "elapsed"), 20
	for p := range w.view.Members {
		r.Progress = append(r.Progress, raft.Progress{
			ID: raft.ID(p + 1), Match: index.Draw(t, "match"), Next: index.Draw(t, "next"),
			State: raft.ProgressState(p % 3), Inflight: p,
		})
		r.Votes = append(r.Votes, raft.Vote{ID: raft.ID(p + 1), Granted: p%2 == 0})
	}
	m := w.member(id)
	m.Up, m.Paused = rapid.IntRange(0, 4).Draw(t, "up") > 0, rapid.IntRange(0, 4).Draw(t, "paused") == 0
	m.Down = rapid.SampledFrom([]string{"", "crashed", "damaged: record 7\x1b[2J at offset 900"}).Draw(t, "down")
}

// furnish adds a past, branches and, where there is a second member, its store and disk.
func (w *world) furnish(n int) *Scene {
	if n >= 2 {
		w.disk(2)
		w.leases()
		w.claims()
		w.member(2).Store = storeOfTests
		w.member(2).Watchers = []watch.Watcher{
			{ID: 1, Key: []byte("\x1b]0;"), NextRev: 3, State: watch.Victim, Queued: 9},
		}
	}
	s := w.scene()
	w.past(s)
	w.history(s)
	return s
}

// storeOfTests is one store for all random scenes: making one costs a file.
var storeOfTests *mvcc.View

func TestAnySceneInAnyRectangle(t *testing.T) {
	w := newWorld(t, 2)
	w.store(2)
	storeOfTests = w.member(2).Store
	panes := all()
	rapid.Check(t, func(rt *rapid.T) {
		s := randomWorld(rt, t)
		for _, p := range panes {
			r := randomRect(rt)
			if err := inside(p, r, s); err != nil {
				rt.Fatal(err)
			}
			p.Key(rapid.SampledFrom(keys).Draw(rt, "key"), s)
			if err := inside(p, r, s); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// TestRealRun draws a running cluster that crashes and heals, again and again with the same panes.
func TestRealRun(t *testing.T) {
	conf, err := cluster.Config{Seed: 7}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.New(conf, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var past []*cluster.Event
	s := newWorld(t, 5).scene()
	s.Event = func(id uint64) *cluster.Event {
		if id == 0 || id > uint64(len(past)) {
			return nil
		}
		return past[id-1]
	}
	do := func(cmd cluster.Command) {
		e := new(cluster.Event)
		if err := c.Do(cmd, e); err == nil {
			past = append(past, e)
		}
	}
	panes := all()
	for i := range 3000 {
		if e := new(cluster.Event); c.Step(e) {
			past = append(past, e)
		}
		switch i % 700 {
		case 100:
			do(cluster.Command{Kind: cluster.ClientPut, Op: &cluster.OpSpec{Key: []byte("x"), Value: []byte{byte(i)}}})
		case 300:
			do(cluster.Command{Kind: cluster.Poweroff, Members: []raft.ID{raft.ID(1 + i%5)}})
		case 600:
			do(cluster.Command{Kind: cluster.Restart, Members: []raft.ID{1, 2, 3, 4, 5}})
		}
		if i%30 != 0 {
			continue
		}
		s.View, s.Selected = c.View(), raft.ID(1+i/30%5)
		s.Now, s.Pos, s.End = s.View.At+clock.Time(i%100), uint64(len(past)), uint64(len(past))
		for j, p := range panes {
			if err := inside(p, frame.Rect{X: 1, Y: 1, W: (i/30*7 + j*31) % 140, H: (i/30 + j*5) % 45}, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	text := draw(NewLanes(), s, 100, 12)
	if !strings.Contains(text, "LEADER") || !strings.Contains(text, "commit") {
		t.Errorf("after %d events no leader is drawn:\n%s", len(past), text)
	}
}

// TestLaneNeverOverlaps places labels of any width at any time.
func TestLaneNeverOverlaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var l lane
		room := rapid.IntRange(1, 80).Draw(rt, "room")
		labels := make([]label, rapid.IntRange(0, len(l.slots)).Draw(rt, "labels"))
		l.more = rapid.IntRange(0, 3).Draw(rt, "more")
		gone := int64(progressUnit)
		for i := range labels {
			wide := rapid.IntRange(5, 20).Draw(rt, "wide")
			labels[i].width = [details]int{wide, wide / 2, 2}
			gone -= int64(rapid.IntRange(0, progressUnit/8).Draw(rt, "gap"))
			l.slots[i] = slot{flight: i, gone: max(0, gone), folded: i%3 == 0}
			l.n++
		}
		all := l.n + l.more
		l.fit(labels, room)
		if l.n+l.more != all {
			rt.Fatalf("%d of %d messages are shown or counted", l.n+l.more, all)
		}
		right := room
		for i := range l.slots[:l.n] {
			at := l.slots[i]
			if at.x < l.reserve() || at.x+at.w > right {
				rt.Fatalf("slot %d takes %d to %d, it has %d to %d", i, at.x, at.x+at.w, l.reserve(), right)
			}
			right = at.x - 1
		}
	})
}
