package main

import (
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"etcdscope/cluster/session"
)

// workspace is the directory in which the sessions of one invocation keep their databases. Sessions clean up behind
// themselves; the workspace is for the ways to end on which none of them gets to run.
type workspace struct {
	dir     string
	drawing atomic.Bool // the screen is up
	interrupt
}

// memoryBacked is a file system that most Linux systems keep in memory.
const memoryBacked = "/dev/shm"

// sessions are the options for every session of this invocation; the first call makes the directory.
func (w *workspace) sessions() (session.Options, error) {
	if w.dir != "" {
		return session.Options{Dir: w.dir}, nil
	}
	name := fmt.Sprintf("etcdscope-%d-*", os.Getpid())
	dir, err := os.MkdirTemp(memoryBacked, name)
	if err != nil {
		dir, err = os.MkdirTemp("", name)
	}
	if err != nil {
		return session.Options{}, fmt.Errorf("temporary directory for the members' databases: %w", err)
	}
	w.dir, w.wanted = dir, make(chan struct{})
	w.abandon()
	return session.Options{Dir: dir}, nil
}

// close removes the directory.
func (w *workspace) close() error {
	if w.dir == "" {
		return nil
	}
	return os.RemoveAll(w.dir)
}

// abandon removes the directory when a signal ends the program. While the screen is up that is the screen's affair,
// which puts the terminal right first; only of a terminal that is gone it hears nothing.
func (w *workspace) abandon() {
	came := make(chan os.Signal, 1)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for s := range came {
			if w.drawing.Load() && s != syscall.SIGHUP || w.interrupted() {
				continue
			}
			if err := w.close(); err != nil {
				fmt.Fprintln(os.Stderr, "etcdscope:", err)
			}
			os.Exit(exitFailed)
		}
	}()
}
