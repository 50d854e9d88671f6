package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/raft"
)

// manage carries out the actions on the session as a whole.
func (s *Session) manage(c *script.Call) (string, error) {
	switch c.Action {
	case script.Seed:
		cfg := s.config
		cfg.Seed = uint64(c.N)
		return fmt.Sprintf("seed %d, event 0", c.N), s.restart(cfg)
	case script.Reset:
		return s.reset()
	case script.Save:
		return "saved to " + c.Name, s.saveFile(c.Name)
	case script.BackupStatus:
		return s.backupStatus(c.Name)
	case script.RestoreFrom:
		return s.restore(c)
	case script.Export:
		return s.exportTo(raft.ID(c.N), c.Name)
	case script.Load:
		if err := s.loadFile(c.Name); err != nil {
			return "", err
		}
		return fmt.Sprintf("loaded %s: branch %s, %s", c.Name, s.cur.name, s.moment()), nil
	case script.Share:
		return s.ShareCode()
	case script.Help:
		return script.Explain(c.Name, false), nil
	}
	return "", fmt.Errorf("the session does not know the action of %q", c.Text)
}

// reset starts again with the same seed. What was recorded stays as a branch.
func (s *Session) reset() (string, error) {
	if err := s.Seek(0); err != nil {
		return "", err
	}
	if s.End() > 0 {
		if err := s.fork(""); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("branch %s, %s", s.cur.name, s.moment()), nil
}

// restart replaces the session by a fresh one.
func (s *Session) restart(cfg cluster.Config) error {
	fresh, err := New(cfg, s.options)
	if err != nil {
		return err
	}
	fresh.keep, s.keep = s.keep, nil
	return s.replaceBy(fresh)
}

// replaceBy makes s what fresh is, and keeps how s is looked at.
func (s *Session) replaceBy(fresh *Session) error {
	err := s.Close()
	fresh.detail, fresh.counted, fresh.answers, fresh.latest = s.detail, s.counted, s.answers, s.latest
	*s = *fresh
	s.view = func() *cluster.View { return s.live.View() }
	return err
}

// Export writes the data directories of all members that have one, each under its name in dir.
func (s *Session) Export(dir string) error {
	_, err := s.exportTo(raft.None, dir)
	return err
}

// exportTo writes the data directory of one member, or those of all that have one (id 0), each under its name.
func (s *Session) exportTo(id raft.ID, dir string) (string, error) {
	if id != raft.None {
		return fmt.Sprintf("wrote the data directory of n%d to %s", id, visible([]byte(dir))), s.live.Export(id, dir)
	}
	written := 0
	for _, m := range s.View().Members {
		if len(m.Disk.Files) == 0 {
			continue
		}
		if err := s.live.Export(m.ID, filepath.Join(dir, fmt.Sprintf("n%d", m.ID))); err != nil {
			return "", err
		}
		written++
	}
	return fmt.Sprintf("wrote %d data directories to %s", written, visible([]byte(dir))), nil
}

func (s *Session) saveFile(name string) error {
	err := writeFile(name, s.Save)
	if err != nil {
		s.unsaved = true
	}
	return err
}

// writeFile writes beside the file and then renames, so that a failure never leaves half a file.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".etcdscope-*")
	if err != nil {
		return unnamed("write", name, err)
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// unnamed lets an error about a file name what was done to the file that the user named.
func unnamed(doing, name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("cannot %s %s: %w", doing, name, path.Err)
	}
	return err
}

func (s *Session) loadFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return unnamed("read", name, err)
	}
	fresh, err := Load(name, f, s.options)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.replaceBy(fresh)
}
