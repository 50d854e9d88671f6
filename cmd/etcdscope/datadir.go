package main

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"etcdscope/cluster/session"
)

// dataDirHelp explains the flag of the commands that keep a session's files.
const dataDirHelp = "With --data-dir the members keep their files: DIR gets one etcd data directory for each\n" +
	"(DIR/n1, DIR/n2 …), written when the session ends, as it is then. The next session with it begins with those\n" +
	"files, as after a power cut that lost nothing; whose directory is missing is down. DIR always holds the files of\n" +
	"one whole session: if the program dies while it writes, those of the one before."

// begin starts a session with the cluster of the flags, and with the files that it left the last time.
func (w *world) begin(o session.Options) (*session.Session, error) {
	c, err := w.config()
	switch {
	case err != nil:
		return nil, err
	case w.dataDir == "":
		return session.New(c, o)
	}
	d, err := session.OpenDataDir(w.dataDir)
	if err != nil {
		return nil, err
	}
	nodes := 0
	if w.cmd.Flags().Changed("nodes") {
		nodes = w.nodes
	}
	if err := d.Begin(&c, nodes, o); err != nil {
		return nil, err
	}
	o.Stop = w.app.interruptible()
	s, err := session.New(c, o)
	if err != nil {
		return nil, err
	}
	s.Keep(d)
	return s, nil
}

// interrupt lets a session that has something to write come to its end when somebody presses ctrl-c.
type interrupt struct {
	keeps  atomic.Bool // there is such a session
	wanted chan struct{}
	once   sync.Once
}

// interruptible says from now on whether somebody has interrupted the program, instead of ending it.
func (i *interrupt) interruptible() func() bool {
	i.keeps.Store(true)
	return func() bool {
		select {
		case <-i.wanted:
			return true
		default:
			return false
		}
	}
}

// interrupted is ctrl-c; it is false when the program is to end at once: nothing has to be written, or it is asked
// again.
func (i *interrupt) interrupted() (waits bool) {
	if i.keeps.Load() {
		i.once.Do(func() {
			close(i.wanted)
			waits = true
		})
	}
	return waits
}

// input ends when the program is interrupted.
func (i *interrupt) input(in io.Reader) io.Reader {
	if !i.keeps.Load() {
		return in
	}
	return &untilInterrupted{in, i.wanted}
}

type untilInterrupted struct {
	in     io.Reader
	wanted <-chan struct{}
}

func (r *untilInterrupted) Read(p []byte) (int, error) {
	var n int
	var err error
	came := make(chan struct{})
	buf := make([]byte, len(p)) // nobody can end a read that waits for a terminal
	go func() {
		n, err = r.in.Read(buf)
		close(came)
	}()
	select {
	case <-came:
		return copy(p, buf[:n]), err
	case <-r.wanted:
		return 0, io.EOF
	}
}

// stopped makes an interruption an outcome that was not asked for, instead of wrong usage.
func stopped(err error) error {
	if errors.Is(err, session.ErrStopped) {
		return failed{err}
	}
	return err
}
