package lease

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// script runs the commands of testdata/lessor on lessors named by their member. Time is in seconds.
type script struct {
	t       *testing.T
	config  Config
	members map[string]*Lessor
	rows    map[string]map[string][]byte // what each member has in its file
}

// TestLessor plays testdata/lessor. Every command takes on=MEMBER (default a) and now=SECONDS.
func TestLessor(t *testing.T) {
	datadriven.Walk(t, "testdata/lessor", func(t *testing.T, path string) {
		s := &script{t: t, config: Config{Second: 10}, members: map[string]*Lessor{}}
		s.rows = map[string]map[string][]byte{}
		datadriven.RunTest(t, path, s.run)
	})
}

func (s *script) lessor(name string) *Lessor {
	if s.members[name] == nil {
		s.members[name], s.rows[name] = New(s.config), map[string][]byte{}
	}
	return s.members[name]
}

func (s *script) save(member string, row Row) {
	if row.Value == nil {
		delete(s.rows[member], string(row.Key))
	} else {
		s.rows[member][string(row.Key)] = row.Value
	}
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	on, now, id, ttl, extend := "a", Time(0), int64(0), int64(0), int64(0)
	d.MaybeScanArgs(t, "on", &on)
	d.MaybeScanArgs(t, "now", (*int64)(&now))
	d.MaybeScanArgs(t, "id", &id)
	d.MaybeScanArgs(t, "ttl", &ttl)
	d.MaybeScanArgs(t, "extend", &extend)
	now *= s.config.Second
	var out strings.Builder
	r := s.lessor(on)
	if err := s.do(&out, d, r, on, now, ID(id), ttl, Time(extend)*s.config.Second); err != nil {
		fmt.Fprintln(&out, err)
	}
	return out.String()
}

func (s *script) do(
	out *strings.Builder, d *datadriven.TestData, r *Lessor, on string, now Time, id ID, ttl int64, extend Time,
) error {
	var row Row
	var err error
	switch d.Cmd {
	case "config":
		d.MaybeScanArgs(s.t, "min-ttl", &s.config.MinTTL)
		d.MaybeScanArgs(s.t, "interval", &s.config.CheckpointInterval)
		s.members = map[string]*Lessor{}
	case "grant":
		if ttl, row, err = r.Grant(id, ttl, now); err == nil {
			s.save(on, row)
			fmt.Fprintf(out, "granted %d\n", ttl)
		}
	case "revoke":
		var keys []string
		if keys, row, err = r.Revoke(id); err == nil {
			s.save(on, row)
			fmt.Fprintf(out, "delete %q\n", keys)
		}
	case "renew":
		var clear bool
		if ttl, clear, err = r.Renew(id, now); err == nil {
			fmt.Fprintf(out, "ttl %d, clear the checkpoint %v\n", ttl, clear)
		}
	case "assign":
		for line := range strings.Lines(d.Input) {
			r.Assign(strings.TrimSpace(line), id)
		}
	case "promote":
		r.Promote(extend, now)
	case "demote":
		r.Demote()
	case "expired":
		fmt.Fprintf(out, "%d\n", r.Expired(now, 0))
	case "due":
		fmt.Fprintf(out, "%+v\n", r.DueCheckpoints(now, 0))
	case "checkpoint":
		if row, err = r.Checkpoint(Checkpoint{id, ttl}, now); err == nil {
			s.save(on, row)
		}
	case "restart":
		s.members[on] = New(s.config)
		for i := range ID(100) {
			if value := s.rows[on][string(rowKey(i))]; value != nil {
				err = errors.Join(err, s.members[on].Restore(Row{rowKey(i), value}))
			}
		}
	case "leases":
		for _, l := range r.Leases(now) {
			fmt.Fprintf(out, "%d: ttl %d, left %d, checkpoint %d, keys %q\n", l.ID, l.TTL, l.Remaining, l.Checkpoint, l.Keys)
		}
	default:
		s.t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	return err
}

func TestMinTTL(t *testing.T) {
	for _, c := range []struct {
		ticks int
		tick  Time
		want  int64
	}{{10, 100, 2}, {10, 1000, 15}, {1, 100, 1}, {3, 1000, 4}, {15, 10, 1}, {10, 67, 2}} {
		if got := MinTTL(c.ticks, c.tick, 1000); got != c.want {
			t.Errorf("%d ticks of %d ms: %d s, want %d", c.ticks, c.tick, got, c.want)
		}
	}
}

// A crowd of leases that a new leader finds does not expire all at once: 750 in a second, in order.
func TestPromoteSpreadsACrowd(t *testing.T) {
	r := New(Config{Second: 100})
	for id := range ID(3000) {
		if _, _, err := r.Grant(id+1, 10+int64(id)/2000, 0); err != nil {
			t.Fatal(err)
		}
	}
	r.Promote(100, 0)
	perSecond := map[Time]int{}
	for at := Time(0); at < 3000; at++ {
		expired := r.Expired(at, 10_000)
		for _, id := range expired {
			if at < 1000+100 {
				t.Fatalf("lease %d expires at %d, before its time to live and the extension are over", id, at)
			}
			if _, _, err := r.Revoke(id); err != nil {
				t.Fatal(err)
			}
		}
		perSecond[at/100] += len(expired)
	}
	if r.Len() != 0 {
		t.Errorf("%d leases never expired", r.Len())
	}
	if perSecond[11] != 750 || perSecond[12] != 750 || perSecond[13] != 750 || perSecond[14] != 750 {
		t.Errorf("expired in each second: %v", perSecond)
	}
}

func TestGrantErrors(t *testing.T) {
	r := New(Config{})
	for _, c := range []struct {
		id   ID
		ttl  int64
		want error
	}{
		{0, 5, ErrNotFound},
		{1, TTLMax + 1, ErrTTLTooLarge},
		{1, TTLMax, nil},
		{1, 5, ErrExists},
	} {
		if _, _, err := r.Grant(c.id, c.ttl, 0); !errors.Is(err, c.want) {
			t.Errorf("grant %d for %d s: %v, want %v", c.id, c.ttl, err, c.want)
		}
	}
	r.Promote(0, 0)
	if got := r.Expired(Forever-1, 0); len(got) != 1 {
		t.Errorf("the longest lease expires as %v", got)
	}
	if err := r.Attach(9, "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("attach to no lease: %v", err)
	}
}
