package wal

import (
	"slices"
	"testing"

	"etcdscope/cluster/disk"

	"pgregory.net/rapid"
)

// crashImages is how many images each run of TestCrashImages tries: 2,000 together, and more with -rapid.checks=N.
const crashImages = 20

// TestCrashImages: a power cut leaves of the sectors that were being written any it likes. Whichever it leaves, the log
// is read, holds all that was synced and nothing that was not written, and takes new entries.
func TestCrashImages(t *testing.T) {
	images, torn := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		d := disk.New()
		w, err := Create(d, Metadata{NodeID: 1, ClusterID: 2}, modelOptions)
		if err != nil {
			t.Fatal(err)
		}
		m := &member{d: d, w: w}
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			m.step(t)
		}
		for range rapid.IntRange(1, 4).Draw(t, "unsynced saves") {
			m.save(t)
		}
		for range crashImages {
			luck := rapid.Uint64().Draw(t, "sectors")
			c := m.clone()
			if c.d.Poweroff(func(n int) int { luck = scramble(luck); return int(luck % uint64(n)) }) {
				torn++
			}
			images++
			c.reopen(t, c.durable)
			c.save(t) // over what was cut off
			c.d.Crash()
			c.reopen(t, len(c.records))
		}
	})
	if torn < images/10 {
		t.Errorf("of %d images only %d were torn", images, torn)
	}
}

func (m *member) clone() *member {
	d := m.d.Clone()
	return &member{
		d: d, w: m.w.Clone(d), records: slices.Clone(m.records), durable: m.durable, marks: slices.Clone(m.marks),
	}
}

// scramble makes the next number of a sequence that is as good as random (splitmix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
	return z ^ z>>27
}
