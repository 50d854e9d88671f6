package watch_test

import (
	"reflect"
	"testing"

	"etcdscope/mvcc"
	"etcdscope/watch"
)

// Both sides go on filling the buffer that they shared.
func TestClonesFillTheirOwnBuffers(t *testing.T) {
	s := openStore(t, t.TempDir())
	h := watch.New(s, watch.Config{})
	id := h.Watch([]byte{}, []byte{}, 0, false)
	write := func(h *watch.Hub, s *mvcc.Store, key string) {
		txn := s.Write()
		txn.Put([]byte(key), []byte("x"), 0, false)
		h.Notify(s.Revision()+1, txn.End())
	}
	for range 3 {
		write(h, s, "both")
	}
	back, err := s.Backend().Clone()
	if err != nil {
		t.Fatal(err)
	}
	twinStore := s.Clone(back)
	twin := h.Clone(twinStore)
	write(h, s, "left")
	write(twin, twinStore, "right")

	both := [][]string{{"2:both=x"}, {"3:both=x"}, {"4:both=x"}}
	if got, want := texts(h.Take(id)), append(both[:3:3], []string{"5:left=x"}); !reflect.DeepEqual(got, want) {
		t.Errorf("original: %v, want %v", got, want)
	}
	want := append(both[:3:3], []string{"5:right=x"})
	if got := texts(twin.Take(id)); !reflect.DeepEqual(got, want) {
		t.Errorf("clone: %v, want %v", got, want)
	}
}
