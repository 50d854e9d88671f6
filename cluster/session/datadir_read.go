package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// maxDataFiles is how many files a member may have: five segments and five snapshots are usual.
const maxDataFiles = 1000

// readMembers reads the data directories of all members.
func readMembers(root *os.Root) ([]cluster.MemberFiles, error) {
	if err := checkPlaces(root); err != nil {
		return nil, err
	}
	var out []cluster.MemberFiles
	r := &dataReader{root: root, left: cluster.MaxDataBytes}
	for id := raft.ID(1); id <= cluster.MaxNodes; id++ {
		m := cluster.MemberFiles{ID: id}
		for _, sub := range []string{"member/wal", "member/snap"} {
			if err := r.readDir(path.Join(memberDir(id), sub), &m); err != nil {
				return nil, err
			}
		}
		if len(m.Files) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// checkPlaces refuses a directory that holds anything else: it is not ours, and what is in it would be lost.
func checkPlaces(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case name == unfinished, strings.HasPrefix(name, asideName):
		case name == "member":
			return errors.New("it is the data directory of one member: name the directory above, in which it is n1, or " +
				"print a real etcd's with etcdscope dump")
		case len(name) != 2 || name[0] != 'n' || name[1] < '1' || name[1] > '0'+cluster.MaxNodes:
			return fmt.Errorf("it holds %q, which no session keeps there: name a new directory, or one with n1 to n%d in it",
				name, cluster.MaxNodes)
		case !e.IsDir():
			return fmt.Errorf("%s is no directory", name)
		default:
			if err := checkMember(root, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMember refuses a member's directory that is not one.
func checkMember(root *os.Root, name string) error {
	entries, err := fs.ReadDir(root.FS(), name)
	for _, e := range entries {
		if e.Name() != "member" || !e.IsDir() {
			return fmt.Errorf("%s holds %q: want a data directory, with member/wal and member/snap", name, e.Name())
		}
	}
	return err
}

// dataReader reads files within bounds.
type dataReader struct {
	root *os.Root
	left int64 // bytes that may still be read
}

func (r *dataReader) readDir(dir string, m *cluster.MemberFiles) error {
	entries, err := fs.ReadDir(r.root.FS(), dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case !e.Type().IsRegular():
			return fmt.Errorf("%s: want a file", name)
		case len(m.Files) == maxDataFiles:
			return fmt.Errorf("%s: a member has at most %d files", dir, maxDataFiles)
		case strings.Contains(e.Name(), ".wal") != strings.HasSuffix(dir, "wal"):
			return fmt.Errorf("%s: no member keeps such a file there: move it elsewhere", name)
		}
		f, err := r.readFile(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		m.Files = append(m.Files, f)
	}
	slices.SortFunc(m.Files, func(a, b cluster.DataFile) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// readFile reads a file up to the zeros at its end.
func (r *dataReader) readFile(name string) (out cluster.DataFile, err error) {
	f, err := r.root.Open(name)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return out, err
	}
	if info.Size() > cluster.MaxFileSize {
		return out, fmt.Errorf("%d bytes: want at most %d", info.Size(), cluster.MaxFileSize)
	}
	used, err := lastByte(f)
	switch {
	case err != nil:
		return out, err
	case used > r.left:
		return out, fmt.Errorf("the files hold more than %d bytes together", cluster.MaxDataBytes)
	}
	r.left -= used
	data := make([]byte, used)
	if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return out, err
	}
	return cluster.Deflate(path.Base(name), info.Size(), data), nil
}

// lastByte is the place behind the last byte of a file that is not zero.
func lastByte(r io.Reader) (end int64, err error) {
	buf := make([]byte, 64<<10)
	for at := int64(0); ; {
		n, err := r.Read(buf)
		if used := len(bytes.TrimRight(buf[:n], "\x00")); used > 0 {
			end = at + int64(used)
		}
		at += int64(n)
		switch {
		case errors.Is(err, io.EOF):
			return end, nil
		case err != nil:
			return 0, err
		}
	}
}
