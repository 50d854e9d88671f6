package pane

import (
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/raft"
)

// keys are all keys that any pane handles.
var keys = []string{
	"j", "k", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "enter", "esc", "m", "w",
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		pane Pane
		keys []string
		want Result
	}{
		{"lanes select", NewLanes(), []string{"j"}, Result{Handled: true, Select: 3}},
		{"lanes select up", NewLanes(), []string{"k"}, Result{Handled: true, Select: 1}},
		{"lanes message", NewLanes(), []string{"m"}, Result{Handled: true, Message: 101}},
		{"lanes other key", NewLanes(), []string{"z"}, Result{}},
		{"logs follow", NewLogs(), []string{"esc"}, Result{}},
		{"logs back", NewLogs(), []string{"left", "esc"}, Result{Handled: true}},
		{"logs why the next", NewLogs(), []string{"w"}, Result{Handled: true, Entry: 8}},
		{"logs why", NewLogs(), []string{"left", "w"}, Result{Handled: true, Entry: 7}},
		{"mvcc current", NewMVCC(), []string{"enter"}, Result{Handled: true, Command: `get "a" --rev 12 --via n2`}},
		{
			"mvcc past", NewMVCC(),
			[]string{"j", "left", "left", "enter"},
			Result{Handled: true, Command: `get "b" --rev 10 --via n2`},
		},
		{
			"mvcc last key", NewMVCC(),
			[]string{"j", "j", "j", "j", "j", "right", "enter"},
			Result{Handled: true, Command: `get "d" --rev 12 --via n2`},
		},
		{
			"lease", NewLeases(),
			[]string{"j", "enter"},
			Result{Handled: true, Command: "lease timetolive 0000000000001a2b --keys --via n2"},
		},
		{
			"lock", NewLocks(),
			[]string{"end", "enter"},
			Result{Handled: true, Command: `get "b/" --prefix --sort-by CREATE --order ASCEND`},
		},
		{"events here", NewEvents(), []string{"enter"}, Result{Handled: true, Command: "goto @18"}},
		{"events past fold", NewEvents(), []string{"k", "k", "enter"}, Result{Handled: true, Command: "goto @16"}},
		{"events future", NewEvents(), []string{"j", "j", "w"}, Result{Handled: true, Why: 19}},
		{
			"events top", NewEvents(),
			[]string{"pgup", "pgup", "k", "k", "k", "k", "k", "k", "w"},
			Result{Handled: true, Why: 1},
		},
		{"member", NewInspector(), []string{"j"}, Result{Handled: true, Select: 3}},
		{"timeline", NewTimeline(), []string{"j"}, Result{}},
	} {
		s := classroom(t).everything()
		var got Result
		for _, key := range c.keys {
			got = c.pane.Key(key, s)
		}
		if got != c.want {
			t.Errorf("%s: keys %v ask for %+v, want %+v", c.name, c.keys, got, c.want)
		}
	}
}

func TestMessageKeyGoesRound(t *testing.T) {
	s := classroom(t).scene()
	p := NewLanes()
	for want := uint64(101); want <= 106; want++ {
		if s.Message = p.Key("m", s).Message; s.Message != want {
			t.Fatalf("m selects message %d, want %d", s.Message, want)
		}
	}
	if got := p.Key("w", s).Why; got != 6 {
		t.Errorf("w on a message asks for event %d, want 6, which sent it", got)
	}
	if s.Message = p.Key("m", s).Message; s.Message != 101 {
		t.Errorf("m behind the last message selects %d, want 101", s.Message)
	}
}

func TestWhyKeys(t *testing.T) {
	s := classroom(t).everything()
	p := NewWhy()
	p.Event = 17
	draw(p, s, 80, 20)
	p.Key("j", s)
	if got := p.Key("enter", s).Command; got != "goto @16" {
		t.Errorf("enter on the first cause gives %q, want goto @16", got)
	}
	if got := p.Key("w", s).Why; got != 16 {
		t.Errorf("w on the first cause asks for event %d, want 16", got)
	}
}

// TestEventsFollowHistory records, rewinds and changes the past under the pane.
func TestEventsFollowHistory(t *testing.T) {
	s := classroom(t).everything()
	p := NewEvents()
	end := s.End
	s.Pos, s.End = 2, 2
	draw(p, s, 80, 20)
	s.Pos, s.End = end, end
	grown := draw(p, s, 80, 20)
	if fresh := draw(NewEvents(), s, 80, 20); grown != fresh {
		t.Errorf("a list that grew differs from a fresh one:\n%s\n%s", grown, fresh)
	}
	s.Pos = 2
	if at := p.line(s); at == nil || at.id != 2 {
		t.Errorf("after rewinding to event 2 the present is at %+v", at)
	}
	s.Branches[1].Current, s.Branches[2].Current = false, true
	s.Pos, s.End = 3, 3
	if got, fresh := draw(p, s, 80, 20), draw(NewEvents(), s, 80, 20); got != fresh {
		t.Errorf("on another branch the list is\n%s\nwant\n%s", got, fresh)
	}
}

func TestHintsNameKeysThatAreHandled(t *testing.T) {
	s := classroom(t).everything()
	s.Message = 101
	for _, p := range all() {
		for _, h := range p.Hints(s) {
			if h.Text == "" || h.TextZH == "" || h.Key == "" {
				t.Errorf("%s has the incomplete hint %+v", p.Name(), h)
			}
		}
		if len(p.Hints(s)) > 8 {
			t.Errorf("%s has more than eight hints", p.Name())
		}
	}
}

func TestWordQuotesAnything(t *testing.T) {
	for text, want := range map[string]string{
		"x": `"x"`, `a "b" \`: `"a \"b\" \\"`, "\x1b[2J\n": `"\x1b[2J\x0a"`, "键": `"\xe9\x94\xae"`, "": `""`,
	} {
		if got := word(text); got != want {
			t.Errorf("word(%q) is %s, want %s", text, got, want)
		}
	}
}

// TestEventsOfALongRun looks at a history of a million events, at its end, in its middle and while scrolling up.
func TestEventsOfALongRun(t *testing.T) {
	s := classroom(t).scene()
	looked := 0
	s.Event = func(id uint64) *cluster.Event {
		looked++
		e := &cluster.Event{ID: id, At: clock.Time(id), Kind: cluster.Apply, Member: 1, Index: raft.Index(id)}
		if id%7 == 0 {
			e.Salience = cluster.Protocol
		}
		return e
	}
	p := NewEvents()
	for _, pos := range []uint64{999_999, 500_001, 500_002, 3, 999_999} {
		s.Pos, s.End = pos, 1_000_000
		looked = 0
		for range 3 {
			draw(p, s, 80, 24)
		}
		if at := p.line(s); at == nil && pos > 7 || at != nil && at.id != pos/7*7 {
			t.Fatalf("at event %d the row is %+v", pos, at)
		}
		if looked > 2*tapeReach {
			t.Errorf("at event %d three pictures look at %d events", pos, looked)
		}
	}
	for range 200 {
		p.Key("pgup", s)
		draw(p, s, 80, 24)
	}
	if want := uint64(999_999/7*7 - 200*21*7); p.line(s).id != want {
		t.Errorf("after 200 pages the cursor is at event %d, want %d", p.line(s).id, want)
	}
}

// TestCaptionsKeepTheLastStory runs on through many events that are no story, rewinds, and changes the theme.
func TestCaptionsKeepTheLastStory(t *testing.T) {
	s := classroom(t).scene()
	events := map[uint64]*cluster.Event{}
	s.Event = func(id uint64) *cluster.Event {
		if events[id] == nil {
			e := &cluster.Event{ID: id, At: clock.Time(id), Kind: cluster.Apply, Member: 1, Index: raft.Index(id)}
			if id%5000 == 1 {
				e.Salience = cluster.Story
			}
			events[id] = e
		}
		return events[id]
	}
	s.Detail = cluster.Story
	p := NewLanes()
	see := func(pos uint64, want string) {
		t.Helper()
		s.Pos, s.End = pos, 20_000
		if got := draw(p, s, 120, 12); !strings.Contains(got, want) {
			t.Errorf("at event %d the captions lack %q:\n%s", pos, want, got)
		}
	}
	for pos := uint64(1); pos < 5000; pos += 1500 {
		see(pos, "n1 applies entry 1:")
	}
	see(5001, "n1 applies entry 5001:")
	see(4600, "next   5.0 n1 applies entry 5001:")
	see(2, "n1 applies entry 1:")
	s = ascii(t, s)
	see(3, "n2>hb c6>")
}

// TestMessageKeyWithoutMessages leaves the key to the shell, which says why there is nothing to choose.
func TestMessageKeyWithoutMessages(t *testing.T) {
	w := classroom(t)
	w.view.Flights = nil
	if got := NewLanes().Key("m", w.scene()); got.Handled {
		t.Errorf("m is handled without a message in flight: %+v", got)
	}
}
