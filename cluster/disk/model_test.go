package disk

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is a disk as a beginner would write it: whole copies of everything, no sharing, no undo.
type model struct {
	names, durable map[string]int // to an inode
	now            map[int][]byte // with preallocated zeros
	synced         map[int]version
	marks          []snapshot
	clock          int
	next           int
}

// version is content and when it was written.
type version struct {
	at   int
	data []byte
}

// snapshot is a mark of the disk and what the model held then; dead after a crash.
type snapshot struct {
	mark Mark
	at   int
	now  map[int][]byte
}

func newModel() *model {
	return &model{
		names: map[string]int{}, durable: map[string]int{},
		now: map[int][]byte{}, synced: map[int]version{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.names, c.durable = maps.Clone(m.names), maps.Clone(m.durable)
	c.now, c.synced = maps.Clone(m.now), maps.Clone(m.synced)
	c.marks = slices.Clone(m.marks)
	return &c
}

// set replaces an inode's content; contents are never changed in place, so that clones may share them.
func (m *model) set(name string, f func(old []byte) []byte) {
	id := m.names[name]
	m.now[id] = f(slices.Clone(m.now[id]))
	m.clock++
}

func resize(b []byte, n int) []byte { return append(b, make([]byte, max(0, n-len(b)))...)[:n] }

func (m *model) complete(s snapshot) {
	for id, data := range s.now {
		if v, ok := m.synced[id]; !ok || v.at < s.at {
			m.synced[id] = version{s.at, data}
		}
	}
}

func (m *model) poweroff() {
	m.names, m.marks = maps.Clone(m.durable), nil
	m.clock++
	for id := range m.now {
		m.now[id] = m.synced[id].data
	}
}

var names = []string{"0.tmp", "a.wal", "b.wal", "c.snap"}

// pair is a disk and the model of it.
type pair struct {
	d *Disk
	m *model
}

func (p pair) check(t *rapid.T) {
	if got, want := p.d.Names(), slices.Sorted(maps.Keys(p.m.names)); !slices.Equal(got, want) {
		t.Fatalf("names %v, want %v", got, want)
	}
	for _, f := range p.d.Files() {
		id := p.m.names[f.Name]
		want, synced := p.m.now[id], p.m.synced[id].data
		got, err := p.d.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if f.Size != int64(len(want)) || f.Written != int64(len(got)) {
			t.Fatalf("%s: %+v, read %d bytes, want %d", f.Name, f, len(got), len(want))
		}
		if !bytes.Equal(resize(got, len(want)), want) {
			t.Fatalf("%s: content differs", f.Name)
		}
		n := min(int(f.Synced), len(want))
		if !bytes.Equal(resize(synced, n), want[:n]) {
			t.Fatalf("%s: %d bytes are said to be synced and differ from the platter", f.Name, n)
		}
	}
	for i := range p.d.files {
		f := &p.d.files[i]
		if sum := wordSum(resize(f.read(0, f.extent), int(f.extent+7)&^7), 0); sum != f.sum {
			t.Fatalf("file %d: sum %x, want %x", i, f.sum, sum)
		}
	}
}

// TestModel: a disk and its clones behave like naive ones under random operations.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := []pair{{New(), newModel()}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			p := pairs[rapid.IntRange(0, len(pairs)-1).Draw(t, "disk")]
			if len(pairs) < 4 && rapid.IntRange(0, 9).Draw(t, "clone") == 0 {
				c := pair{p.d.Clone(), p.m.clone()}
				if c.d.Hash() != p.d.Hash() {
					t.Fatal("a clone has another hash")
				}
				pairs = append(pairs, c)
			}
			p.step(t)
			p.check(t)
		}
		for _, p := range pairs {
			p.check(t)
			p.d.Poweroff(nil)
			p.m.poweroff()
			p.check(t)
		}
	})
}

// step does one random operation on both.
func (p pair) step(t *rapid.T) {
	name := rapid.SampledFrom(names).Draw(t, "name")
	_, exists := p.m.names[name]
	switch op := rapid.IntRange(0, 12).Draw(t, "op"); {
	case op <= 1:
		p.directory(t, op, name)
	case op == 2:
		p.m.durable = maps.Clone(p.m.names)
		must(t, p.d.SyncDir())
	case op == 3:
		p.m.marks = append(p.m.marks, snapshot{p.d.Begin(), p.m.clock, maps.Clone(p.m.now)})
	case op == 4 && len(p.m.marks) > 0:
		s := rapid.SampledFrom(p.m.marks).Draw(t, "mark")
		must(t, p.d.Complete(s.mark))
		p.m.complete(s)
	case op == 5:
		p.d.Crash()
		p.m.marks = nil
	case op == 6:
		p.poweroff(t)
	case !exists:
		must(t, p.d.Create(name))
		p.m.next++
		p.m.names[name] = p.m.next
		p.m.set(name, func([]byte) []byte { return nil })
	case op == 7:
		must(t, p.d.SyncFile(name))
		id := p.m.names[name]
		p.m.synced[id] = version{p.m.clock, p.m.now[id]}
	case op == 8:
		n := rapid.SampledFrom(places).Draw(t, "size")
		must(t, p.d.Truncate(name, int64(n)))
		p.m.set(name, func(b []byte) []byte { return resize(b, n) })
	default:
		p.write(t, name)
	}
}

// places are offsets where something may go wrong: sectors and chunks begin or end near them.
var places = []int{0, 1, 7, 8, 500, 512, 513, 1024, chunkBytes - 1, chunkBytes, chunkBytes + 8, 2*chunkBytes + 3}

func (p pair) write(t *rapid.T, name string) {
	data := slices.Repeat(rapid.SliceOfN(rapid.Byte(), 1, 5).Draw(t, "data"), rapid.IntRange(1, 300).Draw(t, "times"))
	off := rapid.SampledFrom(places).Draw(t, "off")
	if rapid.Bool().Draw(t, "append") {
		off = len(p.m.now[p.m.names[name]])
	}
	must(t, p.d.WriteAt(name, int64(off), data))
	p.m.set(name, func(b []byte) []byte {
		b = resize(b, max(len(b), off+len(data)))
		copy(b[off:], data)
		return b
	})
}

// directory removes or renames name if it exists.
func (p pair) directory(t *rapid.T, op int, name string) {
	id, exists := p.m.names[name]
	if !exists {
		return
	}
	if op == 0 {
		must(t, p.d.Remove(name))
		delete(p.m.names, name)
		return
	}
	to := rapid.SampledFrom(names).Draw(t, "to")
	must(t, p.d.Rename(name, to))
	delete(p.m.names, name)
	p.m.names[to] = id
}

// poweroff tears: each sector of each file must be the synced or the written one. The model then takes over what the
// disk drew.
func (p pair) poweroff(t *rapid.T) {
	written := maps.Clone(p.m.now)
	draws := rapid.SliceOfN(rapid.IntRange(0, 1), 1, 40).Draw(t, "draws")
	i, seen := 0, [2]int{}
	p.d.Poweroff(func(n int) int {
		i++
		v := draws[i%len(draws)] % n
		seen[v]++
		return v
	})
	p.m.poweroff()
	for name, id := range p.m.names {
		got, err := p.d.ReadFile(name)
		must(t, err)
		size, err := p.d.Size(name)
		must(t, err)
		got = resize(got, int(size))
		old := p.m.now[id]
		if len(got) < len(old) || len(got) > max(len(old), len(written[id])) {
			t.Fatalf("%s: %d bytes after power off, %d were synced, %d written", name, len(got), len(old), len(written[id]))
		}
		checkSectors(t, got, old, written[id])
		p.m.now[id], p.m.synced[id] = got, version{p.m.clock, got}
	}
	if seen[1] == 0 && i > 0 {
		p.check(t) // nothing survived: the platter as it was
	}
}

func checkSectors(t *rapid.T, got, old, written []byte) {
	n := max(len(old), len(written)) + sectorBytes
	a, b, c := resize(slices.Clone(got), n), resize(slices.Clone(old), n), resize(slices.Clone(written), n)
	for s := 0; s+sectorBytes <= n; s += sectorBytes {
		e := s + sectorBytes
		if !bytes.Equal(a[s:e], b[s:e]) && !bytes.Equal(a[s:e], c[s:e]) {
			t.Fatal(fmt.Sprintf("the sector at %d is neither the synced nor the written one", s))
		}
	}
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
