package dump

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

// Options say what is printed and how.
type Options struct {
	JSON       bool     // one object a line
	Raw        bool     // the bytes themselves, too
	StartIndex uint64   // of the log: leave out what is about earlier entries
	Types      []string // of records; none means all
	Buckets    []string // of the database; none means all
	Limit      int      // so many records, or rows of each bucket; 0 means all
}

// Damaged says that the files were printed, as far as they can be read, and cannot be trusted.
type Damaged struct{ error }

// Unwrap returns the first damage.
func (d Damaged) Unwrap() error { return d.error }

// walDirs and dbFiles are where a path may lead: to a data directory, a member's, or the place itself.
var (
	walDirs  = []string{"", "member/wal", "wal"}
	snapDirs = []string{"member/snap", "snap", "../snap"}
	dbFiles  = []string{"", "member/snap/db", "snap/db", "db", "../db", "../snap/db"}
)

// findWAL returns the directory of the segments.
func findWAL(path string) (string, error) {
	if err := exists(path); err != nil {
		return "", err
	}
	for _, place := range walDirs {
		dir := filepath.Join(path, place)
		if d, err := wal.OpenDir(dir); err == nil && wal.Exist(d) {
			return dir, nil
		}
	}
	advice := "write a data directory (one with member/wal in it) or the directory of the .wal files"
	if strings.HasSuffix(path, ".wal") || strings.HasSuffix(path, ".snap") {
		advice = "it is one file of several: write their directory"
	} else if _, err := findDB(path); err == nil {
		advice = "there is a database, though: write etcdscope dump db"
	}
	return "", fmt.Errorf("%s: no WAL there: %s", path, advice)
}

// findDB returns the file of the database.
func findDB(path string) (string, error) {
	if err := exists(path); err != nil {
		return "", err
	}
	if d, err := wal.OpenDir(filepath.Dir(path)); err == nil && slices.Contains(snap.List(d), filepath.Base(path)) {
		if _, err := snap.Read(d, filepath.Base(path)); err == nil {
			return "", fmt.Errorf("%s: it says who was a member, and has no keys: write etcdscope dump wal", path)
		}
	}
	for _, place := range dbFiles {
		file := filepath.Join(path, place)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file, nil
		}
	}
	advice := "write a data directory (one with member/snap/db in it), the file itself, or a snapshot"
	if d, err := wal.OpenDir(path); err == nil && wal.Exist(d) {
		advice = "there are .wal files, though: write etcdscope dump wal"
	}
	return "", fmt.Errorf("%s: no database there: %s", path, advice)
}

// exists turns what is wrong with a path into a sentence.
func exists(path string) error {
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file or directory", path)
	case err != nil:
		return err
	}
	return nil
}
