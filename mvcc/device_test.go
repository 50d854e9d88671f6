package mvcc

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// badDevice fails in the ways that its fields say.
type badDevice struct {
	room    int64 // bytes that fit; negative is no limit
	at      int64 // where the next write lands; negative is where it should
	syncErr error
	durable bool
}

func (d *badDevice) Faulty(string) bool { return true }

func (d *badDevice) Admit(_ string, n int64) (int64, error) {
	if d.room < 0 || n <= d.room {
		return n, nil
	}
	return d.room, syscall.ENOSPC
}

func (d *badDevice) Lands(_ string, off, last int64) int64 {
	if d.at < 0 {
		return off
	}
	return min(d.at, last)
}

func (d *badDevice) Sync(string) (bool, error) { return d.durable, d.syncErr }

// onBadDevice is a store with one key in its file, whose next commit meets d.
func onBadDevice(t *testing.T, d *badDevice) *Store {
	s := newStore(t, t.TempDir())
	put(s, "kept", "1")
	commit(t, s)
	s.Backend().On(d)
	put(s, "new", strings.Repeat("v", 5000))
	return s
}

// reopened is what a restart finds.
func reopened(t *testing.T, s *Store) *Store {
	t.Helper()
	s.Backend().On(nil)
	again, err := Open(s.Backend())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestCommitFails(t *testing.T) {
	for name, c := range map[string]struct {
		device badDevice
		want   error
	}{
		"no room":                   {badDevice{at: -1}, syscall.ENOSPC},
		"room for a page":           {badDevice{at: -1, room: 5000}, syscall.ENOSPC},
		"fsync error, pages lost":   {badDevice{at: -1, room: -1, syncErr: syscall.EIO}, syscall.EIO},
		"fsync error, pages stored": {badDevice{at: -1, room: -1, syncErr: syscall.EIO, durable: true}, syscall.EIO},
	} {
		t.Run(name, func(t *testing.T) {
			s := onBadDevice(t, &c.device)
			size := s.Backend().Size()
			if err := s.Commit(); !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			again := reopened(t, s)
			if get(t, again, "kept") != "1" || get(t, again, "new") != "" || again.Backend().Size() != size {
				t.Error("the file is not that of the commit before")
			}
			put(again, "new", "2")
			commit(t, again)
		})
	}
}

func TestLostCommits(t *testing.T) {
	d := &badDevice{at: -1, room: -1}
	s := onBadDevice(t, d)
	commit(t, s)
	put(s, "newer", "2")
	commit(t, s)
	if get(t, s, "newer") != "2" || !s.Backend().Lost() {
		t.Error("a running member sees what it wrote")
	}
	if again := reopened(t, s); get(t, again, "newer") != "2" {
		t.Error("kill -9 spares the page cache")
	}
	twin := clone(t, s)
	if err := twin.Backend().Poweroff(); err != nil {
		t.Fatal(err)
	}
	if again := reopened(t, twin); get(t, again, "kept") != "1" || again.Revision() != 2 || again.Backend().Lost() {
		t.Errorf("revision %d after a power cut, want 2", again.Revision())
	}
	d.durable = true
	s.Backend().On(d)
	put(s, "newest", "3")
	commit(t, s)
	if err := s.Backend().Poweroff(); err != nil {
		t.Fatal(err)
	}
	if again := reopened(t, s); get(t, again, "newest") != "3" || get(t, again, "newer") != "2" {
		t.Error("an fsync that is done keeps everything before it")
	}
}

func TestMisdirectedCommit(t *testing.T) {
	s := onBadDevice(t, &badDevice{at: 3 * imagePage, room: -1, durable: true})
	commit(t, s)
	s.Backend().On(nil)
	if _, err := Open(s.Backend()); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, want %v", err, ErrDamaged)
	}
}

func TestTornCommit(t *testing.T) {
	for n := range 4 {
		s := onBadDevice(t, &badDevice{at: -1, room: -1, durable: true})
		if err := s.CommitTorn(func(i, _ int) bool { return i < n }); err != nil {
			t.Fatal(err)
		}
		if again := reopened(t, s); get(t, again, "kept") != "1" || get(t, again, "new") != "" {
			t.Errorf("%d pages were written: the file is not that of the commit before", n)
		}
	}
}

// A defragmentation that finds no room is given up, and the member goes on with the file that it has.
func TestDefragOnFullDevice(t *testing.T) {
	d := &badDevice{at: -1, room: -1, durable: true}
	s := onBadDevice(t, d)
	commit(t, s)
	d.room = 0
	if _, err := s.DefragStep(0); !errors.Is(err, syscall.ENOSPC) || s.Backend().Defragmenting() {
		t.Fatalf("%v, defragmenting %v", err, s.Backend().Defragmenting())
	}
	d.room, d.durable = -1, false
	put(s, "later", "1")
	commit(t, s)
	for done, err := false, error(nil); !done; {
		if done, err = s.DefragStep(0); err != nil {
			t.Fatal(err)
		}
	}
	if get(t, s, "later") != "1" || !s.Backend().Lost() {
		t.Error("the copy is the file, and only in the page cache")
	}
	if err := s.Backend().Poweroff(); err != nil {
		t.Fatal(err)
	}
	if again := reopened(t, s); get(t, again, "kept") != "1" || get(t, again, "later") != "" {
		t.Error("the power cut leaves the file of before")
	}
}
