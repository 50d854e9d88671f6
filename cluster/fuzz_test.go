package cluster

import (
	"testing"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// FuzzMemberRows: whatever the buckets of members, alarms and leases and the configuration hold, a member refuses to
// start with them, or starts, and writes what it has read so that it can be read again.
func FuzzMemberRows(f *testing.F) {
	f.Add([]byte("1"), []byte(`{"id":1,"peerURLs":["http://a"],"name":"n1"}`), []byte(`{"voters":[1,2]}`))
	f.Add([]byte("ff"), []byte(`{"id":255,"isLearner":true}`), []byte(`{"voters":[1],"learners":[1]}`))
	f.Add([]byte{8, 1, 16, 1}, []byte{}, []byte(`{"voters":[0,0,18446744073709551615]}`))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1}, []byte{8, 1, 16, 60}, []byte(`null`))
	f.Add([]byte("2"), []byte(`{}`), []byte(`{"voters":[1,2,3],"voters_outgoing":[1],"learners_next":[2]}`))
	first, err := New(Config{Nodes: 1, Seed: 1}, f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	for e := (Event{}); first.member(1).applied == 0; {
		first.Step(&e)
	}
	f.Fuzz(func(t *testing.T, key, value, conf []byte) {
		for _, bucket := range []mvcc.Bucket{
			mvcc.BucketMembers, mvcc.BucketMembersRemoved, mvcc.BucketAlarm, mvcc.BucketLease, mvcc.BucketCluster,
		} {
			c, err := first.Clone()
			if err != nil {
				t.Fatal(err)
			}
			defer closeCluster(t, c)
			m := c.member(1)
			if len(key) > 0 {
				m.store.SetRow(bucket, string(key), value)
			}
			m.store.SetRow(mvcc.BucketMeta, confRow, conf)
			if err := m.store.Commit(); err != nil {
				t.Fatal(err)
			}
			startsOrRefuses(t, c, m)
		}
	})
}

// startsOrRefuses restarts the member and lets it live for a while.
func startsOrRefuses(t *testing.T, c *Cluster, m *member) {
	var e Event
	if err := c.Do(Command{Kind: Restart, Members: []raft.ID{1}}, &e); err != nil {
		t.Fatal(err)
	}
	if !m.up {
		if m.down == "" {
			t.Fatal("the member is down and does not say why")
		}
		return
	}
	c.View()
	c.StateHash()
	for range 60 {
		c.Step(&e)
		e.Sentence()
	}
	d, err := c.Clone()
	if err != nil {
		t.Fatal(err)
	}
	closeCluster(t, d)
}
