package pane

import (
	"strings"
	"testing"
	"unicode"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/mvcc"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/watch"
)

// hostile are texts that do harm to a terminal that gets them raw.
var hostile = map[string]string{
	"clipboard": "\x1b]52;c;QUFB\x07", "title": "\x1b]0;pwned\x07", "link": "\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\",
	"clear": "\x1b[2J", "up": "\x1b[10A", "query": "\x1b[6n", "dcs": "\x1bP1$r\x1b\\", "reset": "\x1bc",
	"c1": "\u009b2J", "c1 byte": "\x9b2J", "bell": "a\ab\bc", "cr": "over\rwritten", "newline": "a\nb",
	"open osc": "\x1b]0;unterminated", "rtl": "a\u202etxt.exe", "zwsp": "a\u200bb", "tag": "a\U000E0041b",
	"invalid": "\xff\xfe\xc0", "nul": "a\x00b", "del": "a\x7fb",
	"wide": "键值复制日志", "empty": "", "long": strings.Repeat("x", 5000),
}

// poison puts a text everywhere that a stranger's words can reach.
func poison(t testing.TB, text string) *Scene {
	w := classroom(t)
	s := w.everything()
	data := w.put([]byte(text), []byte(text))
	for i := range w.view.Flights {
		m := *w.view.Flights[i].Message
		for j := range m.Entries {
			m.Entries = []raft.Entry{{Term: 3, Index: m.Entries[j].Index, Data: data}}
		}
		w.view.Flights[i].Message = &m
	}
	w.member(5).Down = text
	w.view.Ops[0].Spec.Key, w.view.Ops[1].Spec.Tag, w.view.Ops[1].Err = []byte(text), text, text
	w.view.Ops[2].Claim.Behind, w.view.Ops[7].Claim.Value = text, text
	w.member(2).Watchers = []watch.Watcher{{ID: 1, Key: []byte(text), End: []byte(text + "\x00"), NextRev: 2}}
	w.member(2).Disk.Files[0].Name = text
	w.member(2).Store = hostileStore(t, text)
	s.Marks = append(s.Marks, session.Mark{Name: text, Kind: "user", Event: 5, At: 90_000})
	s.Branches[0].Name, s.Branches[1].Parent = text, text
	s.Violations = []session.Violation{{Name: text, Sentence: text}}
	old := s.Event
	s.Event = func(id uint64) *cluster.Event {
		e := old(id)
		if e == nil {
			return nil
		}
		poisoned := *e
		poisoned.Note, poisoned.Kind = text, cluster.UserCommand
		poisoned.Command = &cluster.Command{Text: text}
		return &poisoned
	}
	return s
}

func hostileStore(t testing.TB, text string) *mvcc.View {
	b, err := mvcc.NewBackend(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	store, err := mvcc.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	txn := store.Write()
	txn.Put([]byte("k"+text), []byte(text), 0, false)
	txn.End()
	return store.View()
}

// TestStrangersTextIsHarmless draws every text through every pane and looks at what a terminal would get.
func TestStrangersTextIsHarmless(t *testing.T) {
	for name, text := range hostile {
		s := poison(t, text)
		for _, p := range all() {
			if why, ok := p.(*Why); ok {
				why.Event = 5
			}
			for _, w := range []int{60, 120} {
				f := frame.New(w, 20)
				Framed(f, f.Bounds(), p, s, true)
				checkOutput(t, name+" in "+p.Name(), f)
			}
		}
		f := frame.New(80, 20)
		Narrate(f, f.Bounds(), s, text, text, text)
		checkOutput(t, name+" in the narration", f)
	}
}

// checkOutput allows what the encoder adds, which is SGR sequences, and nothing else that is not plainly
// visible.
func checkOutput(t *testing.T, name string, f *frame.Frame) {
	t.Helper()
	rest := string(f.AppendANSI(nil))
	for {
		before, after, found := strings.Cut(rest, "\x1b[")
		for _, r := range before {
			plain := r == '\n' || r == ' ' || unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
			if !plain || r == unicode.ReplacementChar {
				t.Fatalf("%s: %U reaches the terminal", name, r)
			}
		}
		if !found {
			return
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
		if end < 0 || after[end] != 'm' {
			t.Fatalf("%s: a control sequence reaches the terminal: %.20q", name, after)
		}
		rest = after[end+1:]
	}
}
