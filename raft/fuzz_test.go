package raft_test

import (
	"strconv"

	"etcdscope/raft"
)

// fuzz gives any member any input in any order. Messages are lost, doubled and overtaken, disks and state machines
// lag as far as luck has it. How wild it is depends on the seed.
func fuzz(s *sim) {
	faults := []int{0, 3, 10, 30}[s.luck.below(4)]
	calm := []int{0, 2, 5, 12}[s.luck.below(4)]
	unrest := []int{1, 2, 4, 10}[s.luck.below(4)]
	for range 1500 {
		if s.over() {
			return
		}
		m := s.any()
		if m.down {
			if s.luck.oneIn(10) {
				s.on(m, "restart", s.luck.below(int(m.at.Index)+1))
			}
			continue
		}
		switch dice := s.luck.below(100); {
		case dice < calm:
			s.settleSome()
		case dice < calm+unrest:
			s.unrest(m)
		case dice < 50:
			for range min(3, len(s.flight)) {
				s.fuzzMessage(faults)
			}
		case dice < 60:
			s.on(m, "tick")
		case dice < 65:
			s.propose()
		case dice < 80:
			s.some(m, "durable", len(m.queue))
		case dice < 90:
			s.some(m, "apply", len(m.pending))
		case dice < 93:
			s.read(m)
		case dice < 98:
			s.rare(m)
		case s.luck.below(60) < faults:
			s.on(m, "crash")
		}
	}
}

// some lets a disk or a state machine do some of its work.
func (s *sim) some(m *member, verb string, all int) {
	if count := s.luck.below(all + 1); count > 0 {
		s.on(m, verb, count)
	}
}

// propose writes a little or a lot, somewhere or where a leader is.
func (s *sim) propose() {
	m := s.any()
	if leader := s.leader(); leader != nil && s.luck.oneIn(2) {
		m = leader
	}
	for range 1 + s.luck.below(2)*s.luck.below(4) {
		s.do("propose", strconv.Itoa(int(m.cfg.ID)), strconv.Itoa(s.luck.below(1000)))
	}
}

// settleSome lets some members do all that they can do among themselves; the others fall behind.
func (s *sim) settleSome() {
	line := []string{"stabilize"}
	for i := range s.members {
		if !s.luck.oneIn(3) {
			line = append(line, strconv.Itoa(i+1))
		}
	}
	s.do(line...)
}

// unrest lets somebody campaign, or loses what a member was sent.
func (s *sim) unrest(m *member) {
	switch s.luck.below(4) {
	case 0:
		for i := range s.members {
			if id := int(m.cfg.ID); i+1 != id {
				s.do("drop", strconv.Itoa(i+1)+">"+strconv.Itoa(id))
			}
		}
	case 1:
		s.on(m, "timer", 1)
		s.on(m, "tick")
	default:
		s.on(m, "campaign")
	}
}

// fuzzMessage loses, doubles or delivers one message; how often in the wrong order depends on the seed.
func (s *sim) fuzzMessage(faults int) {
	if len(s.flight) == 0 {
		return
	}
	i := 0
	if s.luck.below(100) < 2*faults {
		i = s.luck.below(len(s.flight))
	}
	switch dice := s.luck.below(100); {
	case dice < faults:
		s.message("drop", i)
	case dice < 2*faults:
		s.message("duplicate", i)
	default:
		s.message("deliver", i)
	}
}

// rare is what happens less often: what an operator or a driver does.
func (s *sim) rare(m *member) {
	other := 1 + s.luck.below(len(s.members))
	if s.wild && s.luck.oneIn(4) {
		s.changeRule(m)
		return
	}
	switch dice := s.luck.below(16); {
	case dice == 0:
		s.on(m, "clone")
	case dice == 1:
		s.on(m, "timer", 1+s.luck.below(10))
	case dice == 2:
		s.on(m, "unreachable", other)
	case dice == 3:
		s.on(m, []string{"arrived", "failed"}[s.luck.below(2)], other)
	case dice == 4:
		s.on(m, "forget")
	case dice < 7:
		s.on(m, []string{"hold", "take"}[asInt(m.held)])
	case !s.confs:
	case dice == 7:
		s.on(m, "transfer", other)
	case dice < 12:
		s.on(m, "compact", s.luck.below(int(m.at.Index)+1))
	default:
		s.changeConf(m)
	}
}

// changeRule switches one rule of one member on or off in the middle of everything.
func (s *sim) changeRule(m *member) {
	all := raft.SwitchableRules()
	change := all[s.luck.below(len(all))]
	s.do("rule", change.Name, []string{"off", "on"}[asInt(*change.Off(&m.cfg.Rules))], strconv.Itoa(int(m.cfg.ID)))
}
