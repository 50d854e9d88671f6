package disk

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Create makes an empty file. The error is fs.ErrExist when the name is taken.
func (d *Disk) Create(name string) error {
	if err := checkName("create", name); err != nil {
		return err
	}
	i, taken := d.search(name)
	if taken {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	slot := slices.IndexFunc(d.files, func(f file) bool { return !f.used })
	if slot < 0 {
		slot = len(d.files)
		d.files = append(d.files, file{})
	}
	d.files[slot] = file{used: true, undo: d.files[slot].undo[:0]}
	d.names = slices.Insert(slices.Clone(d.names), i, entry{name, slot})
	return nil
}

// Rename gives old the name name, whose file is gone if there was one. Bytes that are being synced stay so.
func (d *Disk) Rename(old, name string) error {
	if err := checkName("rename", name); err != nil {
		return err
	}
	i, ok := d.search(old)
	if !ok {
		return &fs.PathError{Op: "rename", Path: old, Err: fs.ErrNotExist}
	}
	if old == name {
		return nil
	}
	slot := d.names[i].slot
	next := slices.Delete(slices.Clone(d.names), i, i+1)
	j, taken := slices.BinarySearchFunc(next, name, byName)
	if taken {
		next[j].slot = slot
	} else {
		next = slices.Insert(next, j, entry{name, slot})
	}
	d.names = next
	d.collect()
	return nil
}

// Remove deletes name.
func (d *Disk) Remove(name string) error {
	i, ok := d.search(name)
	if !ok {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	d.names = slices.Delete(slices.Clone(d.names), i, i+1)
	d.collect()
	return nil
}

// Names lists the files, sorted.
func (d *Disk) Names() []string {
	out := make([]string, len(d.names))
	for i, e := range d.names {
		out[i] = e.name
	}
	return out
}

// collect frees the files that neither directory names.
func (d *Disk) collect() {
	for i := range d.files {
		f := &d.files[i]
		in := func(e entry) bool { return e.slot == i }
		if !f.used || slices.ContainsFunc(d.names, in) || slices.ContainsFunc(d.durable, in) {
			continue
		}
		for _, c := range f.chunks {
			if c != nil && c.owner == d.owner {
				d.own -= chunkBytes
			}
		}
		*f = file{}
	}
}

// find returns the file of a name; the pointer is good until the next Create.
func (d *Disk) find(op, name string) (*file, error) {
	i, ok := d.search(name)
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return &d.files[d.names[i].slot], nil
}

// nameOf is the name of a file; one that only the platter still names goes by that.
func (d *Disk) nameOf(slot int) string {
	for _, dir := range [2][]entry{d.names, d.durable} {
		if i := slices.IndexFunc(dir, func(e entry) bool { return e.slot == slot }); i >= 0 {
			return dir[i].name
		}
	}
	return ""
}

func (d *Disk) search(name string) (int, bool) {
	return slices.BinarySearchFunc(d.names, name, byName)
}

func byName(e entry, name string) int { return strings.Compare(e.name, name) }

// checkName refuses what is not a base name.
func checkName(op, name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		err := fmt.Errorf("not a base name: %w", fs.ErrInvalid)
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nil
}
