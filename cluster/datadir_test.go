package cluster

import (
	"strings"
	"testing"

	"etcdscope/cluster/disk"
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// filesOf packs what is on a disk.
func filesOf(t *testing.T, id raft.ID, d *disk.Disk) MemberFiles {
	t.Helper()
	m := MemberFiles{ID: id}
	for _, f := range d.Files() {
		data, err := d.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, Deflate(f.Name, f.Size, data))
	}
	return m
}

// TestDataDirOfEtcd: the files of a real etcd are recognised by the number of their member.
func TestDataDirOfEtcd(t *testing.T) {
	d := disk.New()
	if _, err := wal.Create(d, wal.Metadata{NodeID: 0x628170c800dbcee, ClusterID: 1}, wal.Options{}); err != nil {
		t.Fatal(err)
	}
	_, _, err := NewDataDir([]MemberFiles{filesOf(t, 1, d)}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "its log is that of member 628170c800dbcee, as in a real etcd") ||
		!strings.Contains(err.Error(), "etcdscope dump wal") {
		t.Error(err)
	}
}

// TestDataDirConfig: a configuration may come from anywhere, and what no directory can hold is refused before memory is
// taken for it.
func TestDataDirConfig(t *testing.T) {
	zeros := Deflate("x", 1<<29, nil) // 512 MiB that are not a log's
	bomb := Deflate("a.wal", MaxFileSize, append(make([]byte, MaxDataBytes), 1))
	one := func(f DataFile) DataDir {
		return DataDir{Last: 3, Members: []MemberFiles{{ID: 1, Files: []DataFile{f}}}}
	}
	for want, d := range map[string]DataDir{
		"the last member is n10":               {Last: 10},
		"the last member is n2":                {Last: 2},
		"n1 after n1":                          {Last: 3, Members: []MemberFiles{{ID: 1}, {ID: 1}}},
		"n4 after n0":                          {Last: 3, Members: []MemberFiles{{ID: 4}}},
		"the files hold more than":             one(zeros),
		"a.wal: the files hold more than":      one(bomb),
		"want at most 1073741824":              one(DataFile{Size: 1 << 31}),
		"it cannot be unpacked":                one(DataFile{Name: "x", Size: 9}),
		"not a base name":                      one(Deflate("../x", 1, []byte{1})),
		"with a snapshot or with data directo": {Last: 3},
	} {
		cfg := Config{Nodes: 3, DataDir: &d}
		if strings.HasPrefix(want, "with a") {
			cfg.Restore = &Restore{}
		}
		c, err := New(cfg, t.TempDir())
		if err == nil {
			closeCluster(t, c)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
