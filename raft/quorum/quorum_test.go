package quorum_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"etcdscope/raft/quorum"
)

type id uint64

func TestMajorityCommitted(t *testing.T) {
	for _, test := range []struct {
		acked []uint64
		want  uint64
	}{
		{nil, quorum.Everything},
		{[]uint64{7}, 7},
		{[]uint64{7, 3}, 3},
		{[]uint64{7, 3, 5}, 5},
		{[]uint64{0, 0, 5}, 0},
		{[]uint64{4, 4, 9, 9}, 4},
		{[]uint64{1, 2, 3, 4, 5}, 3},
		{[]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 6},
	} {
		if got := votersOf(len(test.acked)).Committed(in(test.acked)); got != test.want {
			t.Errorf("Committed(%v) = %d, want %d", test.acked, got, test.want)
		}
	}
}

func TestMajorityVote(t *testing.T) {
	const y, n, s = quorum.Yes, quorum.No, quorum.Silent
	for _, test := range []struct {
		answers []quorum.Answer
		want    quorum.Result
	}{
		{nil, quorum.Won},
		{[]quorum.Answer{y}, quorum.Won},
		{[]quorum.Answer{n}, quorum.Lost},
		{[]quorum.Answer{y, n}, quorum.Lost},
		{[]quorum.Answer{y, s}, quorum.Pending},
		{[]quorum.Answer{y, y, s}, quorum.Won},
		{[]quorum.Answer{y, n, s}, quorum.Pending},
		{[]quorum.Answer{n, n, s}, quorum.Lost},
		{[]quorum.Answer{y, y, n, n}, quorum.Lost},
		{[]quorum.Answer{y, y, s, n}, quorum.Pending},
	} {
		got := votersOf(len(test.answers)).Vote(func(v id) quorum.Answer { return test.answers[v-1] })
		if got != test.want {
			t.Errorf("Vote(%v) = %v, want %v", test.answers, got, test.want)
		}
	}
}

func votersOf(n int) quorum.Majority[id] {
	var voters quorum.Majority[id]
	for i := range n {
		voters = append(voters, id(i+1))
	}
	return voters
}

func in(acked []uint64) func(id) uint64 { return func(v id) uint64 { return acked[v-1] } }

// TestJointAgainstCounting compares with the definition: more than half of each half that is not empty.
func TestJointAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acked := rapid.SliceOfN(rapid.Uint64Range(0, 20), 12, 12).Draw(t, "acked")
		answers := rapid.SliceOfN(rapid.SampledFrom([]quorum.Answer{quorum.Yes, quorum.No, quorum.Silent}), 12, 12).
			Draw(t, "answers")
		joint := quorum.Joint[id]{Incoming: drawVoters(t, "in"), Outgoing: drawVoters(t, "out")}
		supports := func(says func(id) bool) bool {
			return majoritySays(joint.Incoming, says) && majoritySays(joint.Outgoing, says)
		}

		got := joint.Committed(in(acked))
		want := quorum.Everything
		if len(joint.IDs()) > 0 {
			for want = 20; !supports(func(v id) bool { return acked[v-1] >= want }); want-- {
			}
		}
		if got != want {
			t.Fatalf("%+v with %v: Committed = %d, want %d", joint, acked, got, want)
		}

		result := quorum.Pending
		if supports(func(v id) bool { return answers[v-1] == quorum.Yes }) {
			result = quorum.Won
		} else if !supports(func(v id) bool { return answers[v-1] != quorum.No }) {
			result = quorum.Lost
		}
		if got := joint.Vote(func(v id) quorum.Answer { return answers[v-1] }); got != result {
			t.Fatalf("%+v with %v: Vote = %v, want %v", joint, answers, got, result)
		}
	})
}

func drawVoters(t *rapid.T, label string) quorum.Majority[id] {
	voters := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) id {
		return id(rapid.Uint64Range(1, 12).Draw(t, "voter"))
	}), 0, 12, rapid.ID[id]).Draw(t, label)
	slices.Sort(voters)
	return voters
}

func majoritySays(voters []id, says func(id) bool) bool {
	count := 0
	for _, v := range voters {
		if says(v) {
			count++
		}
	}
	return len(voters) == 0 || 2*count > len(voters)
}

func TestJointIDs(t *testing.T) {
	joint := quorum.Joint[id]{Incoming: quorum.Majority[id]{1, 2, 4}, Outgoing: quorum.Majority[id]{2, 3}}
	if got := joint.IDs(); !slices.Equal(got, []id{1, 2, 3, 4}) {
		t.Errorf("IDs() = %v", got)
	}
	if joint.Contains(5) || !joint.Contains(3) || !joint.Contains(4) {
		t.Error("Contains must be true for the voters of either half, and for nobody else")
	}
}

// TestHalf counts with half of the voters, which is what a lesson shows to be too few.
func TestHalf(t *testing.T) {
	const y, n, s = quorum.Yes, quorum.No, quorum.Silent
	for _, test := range []struct {
		answers []quorum.Answer
		acked   []uint64
		vote    quorum.Result
		commit  uint64
	}{
		{[]quorum.Answer{y}, []uint64{5}, quorum.Won, 5},
		{[]quorum.Answer{y, s}, []uint64{5, 0}, quorum.Won, 5},
		{[]quorum.Answer{y, s, s}, []uint64{5, 2, 1}, quorum.Won, 5},
		{[]quorum.Answer{n, n, s, s, y}, []uint64{5, 4, 3, 2, 1}, quorum.Pending, 4},
		{[]quorum.Answer{n, n, n, n, y}, []uint64{0, 0, 0, 0, 9}, quorum.Lost, 0},
	} {
		joint := quorum.Joint[id]{Incoming: votersOf(len(test.acked)), Half: true}
		if got := joint.Vote(func(v id) quorum.Answer { return test.answers[v-1] }); got != test.vote {
			t.Errorf("Vote(%v) = %v, want %v", test.answers, got, test.vote)
		}
		if got := joint.Committed(in(test.acked)); got != test.commit {
			t.Errorf("Committed(%v) = %d, want %d", test.acked, got, test.commit)
		}
	}
}
