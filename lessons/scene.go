package lessons

import (
	"errors"
	"fmt"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/session"
	"etcdscope/raft"
)

// openScene builds the world of a scene: a session in which the leader leads, every member knows it, and the
// scene's commands are done. Errors stand at the line that cannot be carried out.
func openScene(scene *Scene, o session.Options) (*session.Session, int, error) {
	s, err := session.New(scene.config(), o)
	if err != nil {
		return nil, scene.At, err
	}
	if at, err := scene.prepare(s); err != nil {
		return nil, at, errors.Join(err, s.Close())
	}
	return s, 0, nil
}

func (scene *Scene) config() cluster.Config {
	return cluster.Config{Seed: scene.Seed, Nodes: scene.Nodes, Profile: scene.Profile, Off: scene.Off}
}

func (scene *Scene) prepare(s *session.Session) (int, error) {
	if scene.Leader != 0 {
		if err := crown(s, scene.Leader); err != nil {
			return scene.At, err
		}
	}
	for _, l := range scene.Commands {
		_, err := s.Exec(l.Text)
		if err == nil {
			err = bounded(s)
		}
		if err != nil {
			return l.At, fmt.Errorf("%s: %w", l.Text, err)
		}
	}
	return 0, nil
}

// bounded stops a lesson, which may come from a stranger, before it fills the memory.
func bounded(s *session.Session) error {
	if s.End() > MaxEvents {
		return fmt.Errorf("%d events: a lesson has at most %d", s.End(), MaxEvents)
	}
	return nil
}

// crown lets a member campaign and waits until all the others know that it leads.
func crown(s *session.Session, id raft.ID) error {
	if _, err := s.Exec(fmt.Sprintf("campaign n%d", id)); err != nil {
		return err
	}
	tick := s.Config().Timing.Tick
	for n := range clock.Time(setupTicks) {
		if leads(s.View(), id) {
			return nil
		}
		if _, err := s.RunTo(s.View().At+tick, 0); err != nil {
			return fmt.Errorf("tick %d: %w", n, err)
		}
	}
	return fmt.Errorf("n%d does not become leader in %d ticks: choose another seed", id, setupTicks)
}

// setupTicks is how long a scene may wait for its leader.
const setupTicks = 500

func leads(v *cluster.View, id raft.ID) bool {
	for _, m := range v.Members {
		if m.Raft.Lead != id || (m.ID == id && !isLeader(m)) {
			return false
		}
	}
	return true
}

func isLeader(m *cluster.MemberView) bool { return m.Raft.Role == raft.Leader }
