package disk

import "slices"

// sectorBytes is what a disk writes atomically; etcd's torn-write test assumes the same.
const sectorBytes = 512

// Poweroff loses what was not synced: bytes, sizes, and directory changes since the last SyncDir.
//
// draw picks 0 <= x < n; it decides for each 512-byte sector that was being written whether it
// reached the platter anyway. The others keep what was durable, which is zeros where a file grew. nil loses all of
// them; a fault Torn goes before draw. It reports whether a file was torn: some sectors survived and some did not. What
// is left is durable.
func (d *Disk) Poweroff(draw func(n int) int) (torn bool) {
	d.floor = d.seq
	d.names = d.durable
	d.collect()
	for _, e := range d.names {
		f := &d.files[e.slot]
		kept, lost := f.survivors(d.spared(f, e.name, draw))
		torn = torn || lost && len(kept) > 0
		d.revert(f)
		for _, s := range kept {
			end := s.off + int64(len(s.data))
			d.write(f, s.off, s.data)
			d.zero(f, end, min(s.off+sectorBytes, f.extent)) // what a pending cut took from the sector
		}
	}
	d.faults = slices.DeleteFunc(slices.Clone(d.faults), func(f Fault) bool { return f.Kind == Torn })
	return torn
}

// spared returns which sectors of a file survive: those that the fault Torn chooses, or those that are drawn. nil is
// none.
func (d *Disk) spared(f *file, name string, draw func(n int) int) func(sector int64) bool {
	if i := d.fault(Torn, name); i >= 0 && len(f.undo) > 0 {
		last := f.undo[len(f.undo)-1]
		first, end := last.off/sectorBytes, (min(last.off+last.n, f.extent)+sectorBytes-1)/sectorBytes
		n := d.faults[i].N
		if n < 0 {
			n = (end - first) / 2
		}
		return func(sector int64) bool { return sector < first+n || sector >= end }
	}
	if draw == nil {
		return nil
	}
	return func(int64) bool { return draw(2) != 0 }
}

// sector is the content of a sector that reached the platter before the power went.
type sector struct {
	off  int64
	data []byte
}

// survivors lists the sectors that were being written and survive, in the order of their offsets.
func (f *file) survivors(spared func(sector int64) bool) (kept []sector, lost bool) {
	if spared == nil {
		return nil, true
	}
	for _, s := range f.dirtySectors() {
		if !spared(s) {
			lost = true
			continue
		}
		off := s * sectorBytes
		kept = append(kept, sector{off, f.read(off, min(off+sectorBytes, f.extent))})
	}
	return kept, lost
}

// dirtySectors lists the sectors with bytes that are written and not durable, sorted. What a pending cut took away is
// not among them: the cut itself is lost.
func (f *file) dirtySectors() []int64 {
	var out []int64
	for _, u := range f.undo {
		end := min(u.off+u.n, f.extent)
		for s := u.off / sectorBytes; s*sectorBytes < end; s++ {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// revert takes back every change that is not durable.
func (d *Disk) revert(f *file) {
	for i := len(f.undo) - 1; i >= 0; i-- {
		u := &f.undo[i]
		d.zero(f, u.off, u.off+u.n)
		if len(u.old) > 0 {
			d.write(f, u.off, u.old)
		}
		f.size, f.extent = u.size, u.extent
	}
	clear(f.undo)
	f.undo = f.undo[:0]
}
