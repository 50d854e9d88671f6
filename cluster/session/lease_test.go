package session

import (
	"testing"

	"etcdscope/cluster"
)

// TestLeasePredicates asks about leases, alarms and files in a world that has them.
func TestLeasePredicates(t *testing.T) {
	s := begin(t, cluster.Config{Nodes: 3, Seed: 1}, Options{})
	for _, line := range []string{
		"run until size(leaders()) == 1 max 5s", "run 200ms",
		"lease grant 3 --tag l", "run 100ms", "put x 1 --lease l", "run 200ms",
		"run until lease(l).alive and lease(l).remaining == 2 and lease(l).keys[0] == \"x\" max 1s",
		"run until db_size(n1) == 20480 and db_in_use(n1) <= db_size(n1) and hash(n1) == hash(n2) max 1s",
		"run until not lease(l).alive and not has_key(all, x) max 5s",
		"flag quota-backend-bytes 20000", "put y 1", "run until alarm(NOSPACE) max 1s",
		"flag quota-backend-bytes 0", "alarm disarm", "run until not alarm(NOSPACE) max 1s",
	} {
		out, err := s.Exec(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if len(out) > 4 && out[:4] == "the " { // the predicate does not hold yet
			t.Errorf("%s: %s", line, out)
		}
	}
	if len(s.Violations()) > 0 {
		t.Errorf("violations: %v", s.Violations())
	}
}
