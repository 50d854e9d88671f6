package pane

import (
	"reflect"
	"strings"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// ascii gives the scene a theme without colours and without any sign beyond ASCII.
func ascii(t testing.TB, s *Scene) *Scene {
	mono, err := theme.Named("mono")
	if err != nil {
		t.Fatal(err)
	}
	mono = mono.WithASCII()
	s.Theme = &mono
	return s
}

func TestASCIIHasNoOtherSign(t *testing.T) {
	s := ascii(t, classroom(t).everything())
	for _, p := range all() {
		text := draw(p, s, 120, 12)
		if p.Name() == "lanes" || p.Name() == "logs" {
			golden(t, p.Name()+"-ascii", text)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r > '~' }); i >= 0 {
			t.Errorf("%s draws %q in the ASCII theme:\n%s", p.Name(), text[i:i+3], text)
		}
	}
}

func TestChinese(t *testing.T) {
	s := classroom(t).everything()
	s.Lang = "zh"
	for _, p := range all() {
		golden(t, p.Name()+"-zh", draw(p, s, 100, 14))
	}
}

func TestWordsAreComplete(t *testing.T) {
	for _, w := range []*words{&english, &chinese} {
		var check func(name string, v reflect.Value)
		check = func(name string, v reflect.Value) {
			switch v.Kind() {
			case reflect.String:
				if v.String() == "" {
					t.Errorf("the word %s is missing", name)
				}
			case reflect.Array:
				for i := range v.Len() {
					check(name, v.Index(i))
				}
			case reflect.Struct:
				for i := range v.NumField() {
					check(v.Type().Field(i).Name, v.Field(i))
				}
			}
		}
		check("", reflect.ValueOf(*w))
		for _, word := range w.roleBrief {
			if frame.Width(word) > roleWidth(brief)-2 {
				t.Errorf("%q is wider than the narrow column of roles", word)
			}
		}
	}
}

func TestCoveredPanesShowNothing(t *testing.T) {
	s := classroom(t).everything()
	s.Covered = true
	for _, p := range all() {
		f := frame.New(60, 9)
		p.Draw(f, f.Bounds(), s, true)
		if got := f.Trimmed(); p.Name() == "lanes" {
			golden(t, "covered", got)
		} else if !strings.Contains(got, english.covered) || strings.ContainsAny(got, "0123456789") {
			t.Errorf("%s is covered and shows\n%s", p.Name(), got)
		}
		if got := draw(p, s, 60, 2); strings.ContainsAny(got, "0123456789") {
			t.Errorf("the title of %s gives something away: %s", p.Name(), got)
		}
	}
}

func TestReducedMotion(t *testing.T) {
	w := classroom(t)
	s := w.scene()
	s.ReducedMotion = true
	lanes := NewLanes()
	first := draw(lanes, s, 100, 10)
	golden(t, "lanes-reduced", first)
	s.Now += clock.Millisecond
	if got := draw(lanes, s, 100, 10); got != first {
		t.Errorf("without an event the picture moves:\n%s", got)
	}
}

// TestPartition draws nine members in two groups, one candidate, one pre-candidate, one paused, one held
// message, and a lane with more messages than it has room for.
func TestPartition(t *testing.T) {
	w := newWorld(t, 9)
	for id := 1; id <= 9; id++ {
		w.log(id, 1, 1, 1).Term = 12
		w.timers(id, id, 15)
	}
	for from := 1; from <= 9; from++ {
		for to := 1; to <= 9; to++ {
			w.link(from, to).Cut = (from <= 4) != (to <= 4)
		}
	}
	w.link(8, 9).Hold, w.link(8, 9).Types = true, []raft.MessageType{raft.MsgApp}
	w.link(5, 6).Loss = 20
	w.member(6).Raft.Role = raft.Candidate
	w.member(6).Raft.Votes = []raft.Vote{{ID: 5}, {ID: 6, Granted: true}, {ID: 7, Granted: true}}
	w.member(2).Raft.Role = raft.PreCandidate
	w.member(3).Paused = true
	w.member(4).Raft.Conf.Learners = []raft.ID{4}
	for i := range 40 {
		m := raft.Message{Type: raft.MsgVote, From: 6, To: 7, Term: 12}
		if i%2 == 0 {
			m = raft.Message{Type: raft.MsgVoteResp, From: 5, To: 6, Term: 12, Reject: i%4 == 0}
		}
		w.send(m, 5+i*2)
	}
	w.send(raft.Message{Type: raft.MsgApp, From: 8, To: 9, Term: 12, Commit: 2}, 140).Held = true
	s := w.scene()
	s.Selected = 6
	golden(t, "lanes-partition", draw(NewLanes(), s, 100, 16))
	golden(t, "lanes-few-rows", draw(NewLanes(), s, 100, 6))
	golden(t, "member-candidate", draw(NewInspector(), s, 80, 12))
	golden(t, "why-candidate", draw(NewWhy(), s, 80, 9))
}

func TestWhyOfAnEvent(t *testing.T) {
	s := classroom(t).everything()
	p := NewWhy()
	p.Event, s.Selected = 17, 4
	golden(t, "why-event", draw(p, s, 80, 16))
}

// TestCompaction reads at a revision before the fence.
func TestCompaction(t *testing.T) {
	w := classroom(t)
	s := w.everything()
	v := *w.member(2).Store
	v.CompactRevision = 4
	w.member(2).Store = &v
	p := NewMVCC()
	for range 9 {
		p.Key("left", s)
	}
	golden(t, "mvcc-compacted", draw(p, s, 120, 13))
	for range 3 {
		p.Key("right", s)
	}
	golden(t, "mvcc-past", draw(p, s, 120, 13))
}

// TestStorage follows a compaction and a defragmentation through the lines about buffer and file.
func TestStorage(t *testing.T) {
	w := classroom(t)
	store := w.store(2)
	s := w.scene()
	p, text := NewMVCC(), ""
	note := func(what string) {
		w.member(2).Store = store.View()
		f := frame.New(90, 5)
		p.drawStorage(f, f.Bounds(), s, w.member(2))
		text += what + "\n" + f.Trimmed()
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	note("written")
	store.SetRow(mvcc.BucketLease, "one", []byte("1"))
	note("a lease is granted")
	w.member(2).Batch = true
	w.member(2).Quota = 24 << 10
	note("a commit runs, and the quota is small")
	w.member(2).Batch, w.member(2).Quota = false, -1
	must(store.Compact(9))
	note("compaction at 9")
	for store.Compacting() {
		_, err := store.CompactStep(mvcc.CompactBatch)
		must(err)
	}
	note("its rows are deleted")
	for done := false; !done; {
		var err error
		done, err = store.DefragStep(4)
		must(err)
		note("defragmentation")
	}
	w.member(2).Quota, w.member(2).Alarms = 16<<10, []cluster.Alarm{{Member: 2, Kind: cluster.NoSpace}}
	w.member(2).Defrag = cluster.DefragView{Rows: 40, Total: 120}
	note("no space")
	golden(t, "mvcc-storage", text)
}

func TestLogsCursor(t *testing.T) {
	s := classroom(t).everything()
	p := NewLogs()
	for range 2 {
		p.Key("left", s)
	}
	p.Key("enter", s)
	golden(t, "logs-cursor", draw(p, s, 100, 14))
}

// TestLongLog scrolls a log that is wider than any screen.
func TestLongLog(t *testing.T) {
	w := newWorld(t, 3)
	terms := make([]raft.Term, 1200)
	for i := range terms {
		terms[i] = raft.Term(9 + i/500)
	}
	w.log(1, 1, terms...).Role = raft.Leader
	w.log(2, 900, terms[900:]...)
	w.log(3, 1, terms[:700]...)
	s := w.scene()
	p := NewLogs()
	golden(t, "logs-long", draw(p, s, 80, 9))
	p.Key("home", s)
	golden(t, "logs-home", draw(p, s, 80, 9))
}

func TestNothingThere(t *testing.T) {
	dark, err := theme.Named("dark")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*cluster.View{nil, {}} {
		s := &Scene{View: v, Theme: &dark}
		for _, p := range all() {
			draw(p, s, 80, 12)
			p.Hints(s)
			for _, key := range keys {
				p.Key(key, s)
			}
		}
	}
}

func TestNarration(t *testing.T) {
	s := classroom(t).scene()
	for lang, texts := range map[string][]string{
		"en": {
			"n1 is leader of term 4. Entry 2 (term 2) is now stored on n1, n2 and n3: three of five.",
			"Is entry 2 committed?",
		},
		"zh": {"n1 是任期 4 的领导者。条目 2（任期 2）现在存储于 n1、n2 和 n3：五个成员中的三个。", "条目 2 提交了吗？"},
	} {
		f := frame.New(46, 8)
		rows := Narrate(f, f.Bounds(), s, "LESSON 4", texts...)
		golden(t, "narration-"+lang, f.Trimmed())
		if want := map[string]int{"en": 5, "zh": 4}[lang]; rows != want {
			t.Errorf("the %s text takes %d rows, want %d", lang, rows, want)
		}
		small := frame.New(20, 4)
		Narrate(small, small.Bounds(), s, "LESSON 4", texts...)
		if got := small.Trimmed(); !strings.Contains(got, "…") {
			t.Errorf("a text that is cut does not say so:\n%s", got)
		}
	}
}
