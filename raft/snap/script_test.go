package snap

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"

	"github.com/cockroachdb/datadriven"
)

// TestScripts runs testdata/script: which files a member saves, what happens to its disk, what it finds again.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		s := &scripted{t: t, d: disk.New()}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			out, err := s.run(td)
			if err != nil {
				out += "error: " + err.Error() + "\n"
			}
			return out
		})
	})
}

type scripted struct {
	t *testing.T
	d *disk.Disk
}

func (s *scripted) run(td *datadriven.TestData) (out string, err error) {
	switch td.Cmd {
	case "save":
		return "", Save(s.d, s.snapshot(td))
	case "write":
		name, err := Write(s.d, s.snapshot(td))
		return name + "\n", err
	case "sync":
		return "", Sync(s.d, td.CmdArgs[0].Key)
	case "load":
		return loaded(Load(s.d))
	case "load-available": // the WAL's records: index/term
		var records []raft.SnapshotMeta
		for i := range td.CmdArgs {
			records = append(records, s.meta(td, i))
		}
		return loaded(LoadNewestAvailable(s.d, records))
	case "purge":
		removed, err := Purge(s.d, s.number(td, 0))
		return fmt.Sprintln("removed:", removed), err
	case "files":
		for _, f := range s.d.Files() {
			out += fmt.Sprintf("%s size=%d synced=%d\n", f.Name, f.Size, f.Synced)
		}
		return out, nil
	case "poweroff":
		s.d.Poweroff(nil)
		return "", nil
	case "spoil":
		return "", s.d.WriteAt(td.CmdArgs[0].Key, int64(s.number(td, 1)), []byte{0xff})
	case "cut":
		return "", s.d.Truncate(td.CmdArgs[0].Key, int64(s.number(td, 1)))
	default:
		return s.db(td)
	}
}

// db runs the commands of databases that were received.
func (s *scripted) db(td *datadriven.TestData) (string, error) {
	index := raft.Index(s.number(td, 0))
	switch td.Cmd {
	case "save-db":
		return "", SaveDB(s.d, index, []byte(td.Input))
	case "write-db":
		return "", WriteDB(s.d, index, []byte(td.Input))
	case "sync-db":
		return "", SyncDB(s.d, index)
	case "rename-db":
		return "", RenameDB(s.d, index)
	case "read-db":
		data, err := ReadDB(s.d, index)
		return fmt.Sprintf("%q\n", data), err
	case "release-dbs":
		removed, err := ReleaseDBs(s.d, index)
		return fmt.Sprintln("removed:", removed), err
	case "clean":
		removed, err := Clean(s.d)
		return fmt.Sprintln("removed:", removed), err
	}
	s.t.Fatalf("unknown command %s", td.Cmd)
	return "", nil
}

// snapshot takes "index/term data".
func (s *scripted) snapshot(td *datadriven.TestData) *raft.Snapshot {
	out := raft.Snapshot{Meta: s.meta(td, 0), Data: []byte(td.CmdArgs[1].Key)}
	out.Meta.Conf.Voters = []raft.ID{1, 2, 3}
	return &out
}

func (s *scripted) meta(td *datadriven.TestData, i int) raft.SnapshotMeta {
	var index, term int
	_, err := fmt.Sscanf(td.CmdArgs[i].Key, "%d/%d", &index, &term)
	check(s.t, err)
	return raft.SnapshotMeta{Index: raft.Index(index), Term: raft.Term(term)}
}

func (s *scripted) number(td *datadriven.TestData, i int) int {
	if i >= len(td.CmdArgs) {
		return 0
	}
	n, err := strconv.Atoi(td.CmdArgs[i].Key)
	check(s.t, err)
	return n
}

func loaded(s raft.Snapshot, broken []Broken, err error) (string, error) {
	var b strings.Builder
	for _, one := range broken {
		fmt.Fprintf(&b, "broken: %s: %v\n", one.Name, one.Err)
	}
	if err == nil {
		fmt.Fprintf(&b, "%d/%d voters %v: %s\n", s.Meta.Index, s.Meta.Term, s.Meta.Conf.Voters, s.Data)
	}
	return b.String(), err
}
