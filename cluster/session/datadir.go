package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// DataDir is a directory that keeps the members' files between sessions: one etcd data directory for each, named n1,
// n2 and so on. The files that a session ends with take the place of those that it began with, all of them or none.
type DataDir struct {
	path  string
	found []cluster.MemberFiles // as they were when it was opened
}

// While files are written they lie in unfinished. Renamed to finished they count, and move to their places.
const (
	unfinished = ".unfinished"
	finished   = ".finished"
)

// OpenDataDir reads what is kept in a directory, which is made if it does not exist.
func OpenDataDir(name string) (*DataDir, error) {
	d := &DataDir{path: name}
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, unnamed("make", name, err)
	}
	err := d.within(func(root *os.Root) error {
		if err := settle(root); err != nil {
			return err
		}
		var err error
		d.found, err = readMembers(root)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", name, err)
	}
	return d, nil
}

// within opens the directory: nothing outside of it is reached, whatever links lie there.
func (d *DataDir) within(do func(*os.Root) error) error {
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return err
	}
	return errors.Join(do(root), root.Close())
}

// Begin lets a configuration begin with the files, if there are any. The number of members is theirs; nodes, if it is
// not 0, has to be the same.
func (d *DataDir) Begin(c *cluster.Config, nodes int, o Options) error {
	if len(d.found) == 0 {
		return nil
	}
	scratch, err := newHome(o.Dir)
	if err != nil {
		return err
	}
	files, founders, err := cluster.NewDataDir(d.found, scratch.path)
	if err = errors.Join(err, scratch.leave()); err != nil {
		return fmt.Errorf("data directory %s: %w", d.path, err)
	}
	if nodes != 0 && nodes != founders {
		return fmt.Errorf("data directory %s: it holds a cluster that %d members founded, not %d", d.path, founders, nodes)
	}
	c.DataDir, c.Nodes = files, founders
	return nil
}

// Keep lets Close write the members' files of the present moment to d. Clones do not write, and a session that is
// loaded in this one's place is kept nowhere.
func (s *Session) Keep(d *DataDir) { s.keep = d }

// kept writes the files of the session that is being closed.
func (s *Session) kept() (err error) {
	d := s.keep
	if s.keep = nil; d == nil {
		return nil
	}
	defer rescue(&err)
	if s.live == nil {
		return fmt.Errorf("data directory %s: it is as it was: there is no present moment to write", d.path)
	}
	if err := d.within(func(root *os.Root) error { return d.write(root, s.live) }); err != nil {
		return fmt.Errorf("data directory %s: %w", d.path, err)
	}
	return nil
}

// write puts the files of all members beside the old ones, makes them durable, and lets them take their place.
func (d *DataDir) write(root *os.Root, c *cluster.Cluster) error {
	if err := errors.Join(root.RemoveAll(unfinished), root.Mkdir(unfinished, 0o700)); err != nil {
		return err
	}
	for id := raft.ID(1); id <= cluster.MaxNodes; id++ {
		if err := writeMember(root, c, id); err != nil {
			return fmt.Errorf("n%d: %w", id, err)
		}
	}
	if err := syncTree(root, unfinished); err != nil {
		return err
	}
	if now, err := readMembers(root); err != nil || !reflect.DeepEqual(now, d.found) {
		return errors.Join(setAside(root), err)
	}
	if err := errors.Join(root.Rename(unfinished, finished), syncName(root, ".")); err != nil {
		return err
	}
	return settle(root)
}

// asideName is where files go that cannot take their place, numbered.
const asideName = "unsaved-"

// setAside keeps new files beside those of somebody else.
func setAside(root *os.Root) error {
	for n := 1; ; n++ {
		name := fmt.Sprint(asideName, n)
		if _, err := root.Lstat(name); err == nil {
			continue
		}
		if err := root.Rename(unfinished, name); err != nil {
			return err
		}
		return fmt.Errorf("somebody else has changed it meanwhile; the files of this session are in %s there", name)
	}
}

// writeMember makes the new directory of one member. Who has no files gets an empty one.
func writeMember(root *os.Root, c *cluster.Cluster, id raft.ID) error {
	name := path.Join(unfinished, memberDir(id))
	if err := root.Mkdir(name, 0o700); err != nil {
		return err
	}
	if int(id) > len(c.View().Members) || !c.HasFiles(id) {
		return nil
	}
	dir, err := root.OpenRoot(name)
	if err != nil {
		return err
	}
	return errors.Join(c.ExportInto(id, dir), dir.Close())
}

func memberDir(id raft.ID) string { return fmt.Sprintf("n%d", id) }

// settle moves finished files to their places. It may be interrupted anywhere and done again: a member that is still
// in there has not moved.
func settle(root *os.Root) error {
	if _, err := root.Lstat(finished); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for id := raft.ID(1); id <= cluster.MaxNodes; id++ {
		from := path.Join(finished, memberDir(id))
		if _, err := root.Lstat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := root.RemoveAll(memberDir(id)); err != nil {
			return err
		}
		err := root.Remove(from) // who has no files is gone with this
		if err != nil {
			err = root.Rename(from, memberDir(id))
		}
		if err = errors.Join(err, syncName(root, ".")); err != nil {
			return err
		}
	}
	return errors.Join(root.Remove(finished), syncName(root, "."))
}

// syncTree makes everything below a directory durable.
func syncTree(root *os.Root, dir string) error {
	var dirs []string
	err := fs.WalkDir(root.FS(), dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			dirs = append(dirs, name)
			return nil
		}
		return errors.Join(err, syncName(root, name))
	})
	for _, name := range slices.Backward(dirs) { // names after what they name
		err = errors.Join(err, syncName(root, name))
	}
	return err
}

func syncName(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
