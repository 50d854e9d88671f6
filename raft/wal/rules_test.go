package wal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"

	"github.com/cockroachdb/datadriven"
)

func TestRuleTable(t *testing.T) {
	all := AllRules()
	if !slices.IsSortedFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the rules are not in order of name")
	}
	seen := map[Rules]string{}
	var none Rules
	for _, rule := range all {
		var r Rules
		if err := r.Switch(rule.Name, false); err != nil || r == (Rules{}) || seen[r] != "" {
			t.Errorf("%s switches the field of %q, or none: %v", rule.Name, seen[r], err)
		}
		seen[r] = rule.Name
		if err := r.Switch(rule.Name, true); err != nil || r != (Rules{}) {
			t.Errorf("%s does not come back into force: %v", rule.Name, err)
		}
		if err := none.Switch(rule.Name, false); err != nil || !strings.HasSuffix(rule.Sentence, ".") || rule.Source == "" {
			t.Errorf("%s has no sentence or no source: %v", rule.Name, err)
		}
	}
	if text := fmt.Sprintf("%v", none); strings.Contains(text, "false") {
		t.Errorf("a field of Rules has no rule: %s", text)
	}
	if new(Rules).Switch("no-such-rule", false) == nil {
		t.Error("a rule that does not exist was switched")
	}
	files, err := os.ReadDir("testdata/rules")
	if err != nil || len(files) != len(all) {
		t.Errorf("%d schedules for %d rules, %v", len(files), len(all), err)
	}
}

// TestRules plays testdata/rules, one schedule for each rule, with all rules in force and without the one that the file
// is called after. What differs is shown twice. In the end only the second member may have broken a promise.
func TestRules(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		on, off := newPromised(t), newPromised(t)
		check(t, off.o.Rules.Switch(filepath.Base(path), false))
		datadriven.RunTest(t, path, func(_ *testing.T, td *datadriven.TestData) string {
			again := *td
			again.CmdArgs = slices.Clone(td.CmdArgs)
			with, without := on.play(td), off.play(&again)
			if with == without {
				return with
			}
			return indent("with the rule", with) + indent("without it", without)
		})
		if on.broken != "" || off.broken == "" {
			t.Errorf("broken with the rule: %q, without it: %q; want only the second", on.broken, off.broken)
		}
	})
}

func indent(title, text string) string {
	if text == "" {
		text = "ok\n"
	}
	return title + ":\n  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// promised is a member that tells others what it has stored as soon as Save lets it, and what it must find again.
type promised struct {
	scripted
	entries []raft.Entry
	state   raft.HardState
	damaged bool   // by something else than a death: then refusing to start is right
	broken  string // the first promise that was broken
}

func newPromised(t *testing.T) *promised { return &promised{scripted: scripted{t: t, d: disk.New()}} }

func (p *promised) play(td *datadriven.TestData) string {
	var out string
	var err error
	switch td.Cmd {
	case "create": // keeps the rules
		p.o.SegmentSize = p.arg(td, 0)
		p.w, err = Create(p.d, Metadata{NodeID: 1, ClusterID: 2}, p.o)
	case "promise":
		err = p.promise(td)
	case "copy":
		err = p.copy(td.CmdArgs[0].Key, td.CmdArgs[1].Key)
	case "open":
		w, r, openErr := Open(p.d, p.o)
		out, err = p.opened(w, r, openErr)
		out += p.judge(r, openErr)
	case "spoil", "rename":
		p.damaged = true
		out, err = p.run(td)
	default:
		out, err = p.run(td)
	}
	if err != nil {
		out = "error: " + err.Error() + "\n" + out
	}
	return out
}

// promise saves, syncs if it is told to, and then tells the others.
func (p *promised) promise(td *datadriven.TestData) error {
	st, entries := p.saved(td)
	must, err := p.w.Save(st, entries)
	if err == nil && must {
		err = p.w.Sync()
	}
	if err != nil {
		return err
	}
	if st != nil {
		p.state = *st
	}
	for _, e := range entries {
		p.entries = append(p.entries[:e.Index-1], e)
	}
	return nil
}

// judge compares what a member finds with what it has promised.
func (p *promised) judge(r Recovered, err error) string {
	broken := ""
	switch {
	case err != nil && p.damaged:
	case err != nil:
		broken = "it does not start, though only unfinished writes were lost"
	case r.Metadata != Metadata{NodeID: 1, ClusterID: 2}:
		broken = fmt.Sprintf("it is member %d of cluster %d", r.Metadata.NodeID, r.Metadata.ClusterID)
	case r.HardState.Term != p.state.Term || r.HardState.Vote != p.state.Vote:
		broken = fmt.Sprintf("it voted for %d in term %d", p.state.Vote, p.state.Term)
	default:
		broken = p.missing(r)
	}
	if broken == "" {
		return ""
	}
	if p.broken == "" {
		p.broken = broken
	}
	return "broken: " + broken + "\n"
}

func (p *promised) missing(r Recovered) string {
	for _, want := range p.entries[min(int(r.Snapshot.Index), len(p.entries)):] {
		i := slices.IndexFunc(r.Entries, func(e raft.Entry) bool {
			return e.Index == want.Index && e.Term == want.Term && string(e.Data) == string(want.Data)
		})
		if i < 0 {
			return fmt.Sprintf("it acknowledged %d/%d=%s", want.Index, want.Term, want.Data)
		}
	}
	return ""
}

func (p *promised) copy(from, to string) error {
	data, err := p.d.ReadFile(from)
	if err != nil {
		return err
	}
	if err := p.d.Create(to); err != nil {
		return err
	}
	if err := p.d.WriteAt(to, 0, data); err != nil {
		return err
	}
	return p.d.SyncDir()
}
