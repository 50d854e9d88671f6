package wal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"

	"github.com/cockroachdb/datadriven"
)

// TestScripts runs testdata/script: what a member writes, what happens to its disk, what it reads back.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		s := &scripted{t: t, d: disk.New()}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			out, err := s.run(td)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			return out
		})
	})
}

type scripted struct {
	t *testing.T
	d *disk.Disk
	w *WAL
	o Options
}

func (s *scripted) run(td *datadriven.TestData) (string, error) {
	switch td.Cmd {
	case "create":
		s.o = Options{SegmentSize: s.number(td.CmdArgs[0].Key)}
		w, err := Create(s.d, Metadata{NodeID: 1, ClusterID: 2}, s.o)
		if err == nil {
			s.w = w
		}
		return "", err
	case "save":
		return s.save(td)
	case "snapshot":
		m := raft.SnapshotMeta{Index: raft.Index(s.number(td.CmdArgs[0].Key)), Term: raft.Term(s.number(td.CmdArgs[1].Key))}
		for _, a := range td.CmdArgs[2:] {
			m.Conf.Voters = append(m.Conf.Voters, raft.ID(s.number(a.Key)))
		}
		return "", s.w.SaveSnapshot(m)
	case "sync":
		return "", s.w.Sync()
	case "open":
		return s.opened(Open(s.d, s.o))
	case "open-at":
		return s.opened(OpenAt(s.d, raft.SnapshotMeta{Index: raft.Index(s.arg(td, 0)), Term: raft.Term(s.arg(td, 1))}, s.o))
	case "valid-snapshots":
		all, err := ValidSnapshotEntries(s.d, s.o)
		return snapshots(all), err
	case "walk":
		return walked(s.t, s.d), nil
	case "release":
		s.w.Release(raft.Index(s.arg(td, 0)))
	case "purge":
		removed, err := s.w.Purge(int(s.arg(td, 0)))
		return fmt.Sprintln("removed:", removed), err
	case "verify":
		n, err := Verify(s.d)
		return fmt.Sprintf("%d records\n", n), err
	case "records":
		return s.records(int(s.number(td.CmdArgs[0].Key))), nil
	default:
		return s.disk(td)
	}
	return "", nil
}

func snapshots(all []raft.SnapshotMeta) string {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "%d/%d voters %v\n", m.Index, m.Term, m.Conf.Voters)
	}
	return b.String()
}

func (s *scripted) arg(td *datadriven.TestData, i int) int64 { return s.number(td.CmdArgs[i].Key) }

// disk runs the commands that change the disk behind the WAL's back.
func (s *scripted) disk(td *datadriven.TestData) (out string, err error) {
	switch td.Cmd {
	case "files":
		for _, f := range s.d.Files() {
			out += fmt.Sprintf("%s size=%d written=%d synced=%d\n", f.Name, f.Size, f.Written, f.Synced)
		}
		return out, nil
	case "syncdir":
		return "", s.d.SyncDir()
	case "crash":
		s.d.Crash()
	case "poweroff": // which of the sectors that were being written survive: 0 or 1 each
		s.d.Poweroff(func(int) int {
			if len(td.CmdArgs) == 0 {
				return 0
			}
			keep := s.arg(td, 0)
			td.CmdArgs = td.CmdArgs[1:]
			return int(keep)
		})
	case "remove":
		return "", s.d.Remove(td.CmdArgs[0].Key)
	case "rename":
		return "", s.d.Rename(td.CmdArgs[0].Key, td.CmdArgs[1].Key)
	case "cut":
		return "", s.d.Truncate(td.CmdArgs[0].Key, s.number(td.CmdArgs[1].Key))
	case "spoil":
		var p []byte
		for _, a := range td.CmdArgs[2:] {
			p = append(p, byte(s.number(a.Key)))
		}
		return "", s.d.WriteAt(td.CmdArgs[0].Key, s.number(td.CmdArgs[1].Key), p)
	default:
		return "", errors.New("unknown command")
	}
	return "", nil
}

func (s *scripted) number(text string) int64 {
	n, err := strconv.ParseInt(text, 0, 64)
	check(s.t, err)
	return n
}

// save takes "state=(term,vote,commit)" and entries "index/term" or "index/term=data".
func (s *scripted) save(td *datadriven.TestData) (string, error) {
	must, err := s.w.Save(s.saved(td))
	return fmt.Sprintf("must sync: %v\n", must), err
}

func (s *scripted) saved(td *datadriven.TestData) (st *raft.HardState, entries []raft.Entry) {
	for _, a := range td.CmdArgs {
		if a.Key == "state" {
			st = &raft.HardState{
				Term: raft.Term(s.number(a.Vals[0])), Vote: raft.ID(s.number(a.Vals[1])), Commit: raft.Index(s.number(a.Vals[2])),
			}
			continue
		}
		index, term, _ := strings.Cut(a.Key, "/")
		e := raft.Entry{Index: raft.Index(s.number(index)), Term: raft.Term(s.number(term))}
		if len(a.Vals) > 0 {
			e.Data = []byte(a.Vals[0])
		}
		entries = append(entries, e)
	}
	return st, entries
}

func (s *scripted) opened(w *WAL, r Recovered, err error) (string, error) {
	if err != nil {
		return "", err
	}
	s.w = w
	var b strings.Builder
	fmt.Fprintf(&b, "%d records, member %d of cluster %d\n", r.Records, r.Metadata.NodeID, r.Metadata.ClusterID)
	fmt.Fprintf(&b, "state: term %d, vote %d, commit %d\n", r.HardState.Term, r.HardState.Vote, r.HardState.Commit)
	if r.Snapshot.Index > 0 {
		b.WriteString("snapshot: " + snapshots([]raft.SnapshotMeta{r.Snapshot}))
	}
	b.WriteString("entries:")
	for _, e := range r.Entries {
		fmt.Fprintf(&b, " %d/%d", e.Index, e.Term)
		if len(e.Data) > 0 {
			fmt.Fprintf(&b, "=%s", e.Data)
		}
	}
	b.WriteString("\n")
	if r.Repaired != nil {
		fmt.Fprintf(&b, "repaired: %v\n", r.Repaired)
	}
	return b.String(), nil
}

func (s *scripted) records(n int) string {
	var b strings.Builder
	for _, r := range s.w.Records(n) {
		fmt.Fprintf(&b, "%s %3d+%d %v", r.File[15:], r.Offset, r.Length, r.Type)
		switch r.Type {
		case EntryType, SnapshotType:
			fmt.Fprintf(&b, " %d/%d", r.Index, r.Term)
		case StateType:
			fmt.Fprintf(&b, " term %d, vote %d, commit %d", r.Term, r.Vote, r.Index)
		}
		b.WriteString("\n")
	}
	return b.String()
}
