package session

import (
	"errors"
	"fmt"
	"io"
	"os"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
)

// expectBackup remembers where the database goes that the command just given has asked for. Only what this user asks
// for is ever written: a session that is loaded or gone back in writes nothing.
func (s *Session) expectBackup(name string) {
	if e := s.Event(s.pos); e != nil && e.Op != 0 {
		if s.backups == nil {
			s.backups = map[cluster.OpID]string{}
		}
		s.backups[e.Op] = name
	}
}

// arrived writes a database that has come.
func (s *Session) arrived(e *cluster.Event) error {
	name, ok := s.backups[e.Op]
	if !ok || e.Kind != cluster.ClientResponse {
		return nil
	}
	delete(s.backups, e.Op)
	for _, op := range s.View().Ops {
		if op.ID == e.Op && op.Backup != nil {
			return writeFile(name, func(w io.Writer) error {
				_, err := op.Backup.WriteTo(w)
				return err
			})
		}
	}
	return nil // the stream broke, and the event says so
}

// maxBackup is the largest snapshot file that is read, in bytes: it becomes part of the configuration.
const maxBackup = 64 << 20

func readBackup(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, unnamed("read", name, err)
	case !info.Mode().IsRegular() || info.Size() > maxBackup:
		return nil, fmt.Errorf("%s: want a snapshot file of at most %d bytes", name, maxBackup)
	}
	data, err := os.ReadFile(name)
	return data, unnamed("read", name, err)
}

func (s *Session) backupStatus(name string) (string, error) {
	data, err := readBackup(name)
	if err != nil {
		return "", err
	}
	dir, err := newHome(s.options.Dir)
	if err != nil {
		return "", err
	}
	text, err := cluster.SnapshotText(dir.path, data)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return text, errors.Join(err, dir.leave())
}

// restore starts again as another cluster that begins with the snapshot.
func (s *Session) restore(c *script.Call) (string, error) {
	data, err := readBackup(c.Name)
	if err != nil {
		return "", err
	}
	cfg := s.config
	how := *c.Restore
	how.Snapshot = data
	cfg.Restore, cfg.DataDir = &how, nil
	if c.N > 0 {
		cfg.Nodes = c.N
	}
	if err := s.restart(cfg); err != nil {
		return "", fmt.Errorf("%s: %w", c.Name, err)
	}
	return fmt.Sprintf("another cluster of %d members begins with %s", cfg.Nodes, visible([]byte(c.Name))), nil
}
