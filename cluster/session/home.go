package session

import (
	"fmt"
	"os"
	"sync/atomic"
)

// memoryBacked is a file system that most Linux systems keep in memory.
const memoryBacked = "/dev/shm"

// home is the private temporary directory of a session and its clones; the last to leave removes it.
type home struct {
	path   string
	guests atomic.Int32 // clones may run on other goroutines than the session that they came from
}

// newHome makes the directory under parent, or where the system keeps files in memory, or where it keeps
// temporary files.
func newHome(parent string) (*home, error) {
	candidates := []string{parent}
	if parent == "" {
		candidates = []string{memoryBacked, ""}
	}
	var err error
	for _, c := range candidates {
		var path string
		if path, err = os.MkdirTemp(c, "etcdscope-"); err == nil {
			h := &home{path: path}
			h.guests.Add(1)
			return h, nil
		}
	}
	return nil, fmt.Errorf("temporary directory for the members' databases: %w", err)
}

func (h *home) join() *home {
	h.guests.Add(1)
	return h
}

func (h *home) leave() error {
	if h.guests.Add(-1) > 0 {
		return nil
	}
	return os.RemoveAll(h.path)
}
