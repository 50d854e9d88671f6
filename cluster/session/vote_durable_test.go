package session

import (
	"fmt"
	"testing"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// TestVoteRequestsWaitForTheDisk is the schedule that once lost an acknowledged write: a follower has the committed
// entry in its page cache only, campaigns with it, loses power before either is on the platter, and campaigns again
// without it. Votes for the first campaign made it the leader of the second, because its requests had left before its
// log, term and own vote were durable.
func TestVoteRequestsWaitForTheDisk(t *testing.T) {
	for seed := range uint64(30) {
		s := begin(t, cluster.Config{Seed: seed, Off: []string{"prevote"}}, Options{})
		loseTheCampaign(t, s)
		for _, v := range s.Violations() {
			t.Errorf("seed %d: %s at event %d: %s", seed, v.Name, v.Event, v.Sentence)
		}
	}
}

func loseTheCampaign(t *testing.T, s *Session) {
	t.Helper()
	do := func(format string, args ...any) {
		if _, err := s.Exec(fmt.Sprintf(format, args...)); err != nil {
			t.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
		}
	}
	do("run until size(leaders()) == 1 max 5s")
	do("run 300ms")
	lead := s.View().Leader().ID
	late := lead%5 + 1
	do("hold n%d->n%d append", lead, late)
	do("put x 1")
	do("run 100ms")
	do("crash n%d", lead)
	for id := raft.ID(1); id <= 5; id++ {
		if id != lead {
			do("timer n%d 500", id)
		}
	}
	do("run 200ms")
	before := s.View().Members[late-1].Raft.Last
	do("release n%d->n%d", lead, late)
	s.SetDetail(cluster.Bytes)
	for s.View().Members[late-1].Raft.Last == before {
		do("step")
	}
	do("step")
	do("campaign n%d", late)
	do("poweroff n%d", late)
	do("restart n%d", late)
	do("campaign n%d", late)
	do("run 300ms")
}
