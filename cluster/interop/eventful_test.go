package interop

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
)

// run is a session that a test drives.
type run struct {
	*session.Session
	t *testing.T
}

// do gives commands; one that is refused fails the test.
func (r run) do(commands ...string) {
	r.t.Helper()
	for _, line := range commands {
		if _, err := r.Exec(line); err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
	}
}

// lead waits for a leader.
func (r run) lead() { r.do("run until size(leaders()) == 1 max 20s", "run 500ms") }

func (r run) fine() {
	r.t.Helper()
	for _, v := range r.Violations() {
		r.t.Fatalf("violated: %s: %s", v.Name, v.Sentence)
	}
}

// begin makes a session whose members take snapshots often and have small segments.
func begin(t *testing.T, cfg cluster.Config) run {
	t.Helper()
	cfg.Flags = cluster.Flags{SnapshotCount: 10, SnapshotCatchUpEntries: 4, WALSegmentBytes: 3000}
	s, err := session.New(cfg, session.Options{Dir: t.TempDir()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return run{s, t}
}

// incidents are what happens to any cluster, by the number of the write before it.
var incidents = map[int][]string{
	5:  {"lease grant 2 --tag short", "run 300ms", "put leased/short 1 --lease short", "run 100ms"}, // expires
	14: {"lease keep-alive l --once", "run 100ms"},
	18: {"slow-disk n1 60ms", "run 500ms", "slow-disk n1 0"},
	20: {"crash n1"},
	21: {"restart n1"},
	26: {"flag quota-backend-bytes 20000", "put full 1", "run 300ms"},
	27: {"flag quota-backend-bytes 0", "alarm disarm", "run 300ms"},
	30: {"compact 12", "run 200ms"},
	35: {"defrag n1", "run 500ms"},
	40: {"put torn t", "run 5ms", "poweroff all"},
	41: {"restart all"},
	44: {"lease grant 50 --tag gone", "run 300ms", "put leased/gone 1 --lease gone", "run 300ms"},
	45: {"lease revoke gone", "run 300ms"},
	48: {"disk fsync-error n1 wal", "put lost 1", "run 1s", "disk repair n1", "restart n1"},
	55: {"compact 30 --physical", "run 300ms"},
}

// incidentsOfMany happen to clusters of three members only.
var incidentsOfMany = map[int][]string{
	8:  {"partition n1,n2 / n3"},
	12: {"heal"},
	15: {"drop n1->n3 30%"},
	17: {"heal"},
	23: {"member add n4 --learner", "run 300ms", "start n4", "run 2s", "member promote n4", "run 300ms"},
	33: {"disk tear n2 2", "poweroff n2", "restart n2", "disk repair n2"},
	37: {"isolate n2"},
	47: {"heal"}, // with a snapshot for n2, which is far behind
	51: {"member remove n3", "run 500ms"},
}

// eventful is a run after which a member's files have everything in them. Between the incidents, moment may look at it.
func eventful(t *testing.T, cfg cluster.Config, moment func(run, int)) run {
	t.Helper()
	r := begin(t, cfg)
	r.lead()
	r.do("lease grant 3600 --tag l", "run 300ms")
	for i := range 64 {
		switch {
		case i%7 == 3:
			r.do(fmt.Sprintf("del k%d", i%5))
		case i%9 == 4:
			r.do(fmt.Sprintf("txn if version(k%d) > 0 then put k%d t%d; put z%d u else put k1 n; del z0", i%4, i%5, i, i%3))
		case i%11 == 6:
			r.do(fmt.Sprintf("put leased/%d v --lease l", i))
		default:
			r.do(fmt.Sprintf("put k%d v%d", i%5, i))
		}
		r.do("run 100ms")
		r.do(incidents[i]...)
		if cfg.Nodes > 1 {
			r.do(incidentsOfMany[i]...)
		}
		if moment != nil {
			moment(r, i)
		}
		switch i {
		case 12, 17, 21, 41, 47, 48, 51:
			r.lead()
		}
	}
	r.do("run 3s")
	r.fine()
	return r
}
