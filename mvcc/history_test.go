package mvcc_test

import (
	"fmt"
	"slices"
	"testing"

	"etcdscope/mvcc"
)

// TestChanges: the changes between two revisions are those of the whole history that lie between them, over the borders
// of blocks and behind a compaction.
func TestChanges(t *testing.T) {
	s := open(t)
	for i := range 300 {
		txn := s.Write()
		for k := range i%3 + 1 {
			txn.Put(fmt.Appendf(nil, "k%d", k), []byte("v"), 0, false)
		}
		txn.End()
	}
	check := func() {
		v := s.View()
		all := v.Recent(1000)
		for _, span := range [][2]int64{{2, 301}, {1, 1}, {64, 65}, {100, 230}, {290, 400}, {301, 301}, {302, 310}, {9, 8}} {
			want := slices.DeleteFunc(slices.Clone(all), func(e mvcc.Event) bool {
				return e.KV.ModRevision < span[0] || e.KV.ModRevision > span[1]
			})
			if got := v.Changes(span[0], span[1]); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("changes %v:\n%v\nwant\n%v", span, got, want)
			}
		}
	}
	check()
	if err := s.Compact(150); err != nil {
		t.Fatal(err)
	}
	check()
}
