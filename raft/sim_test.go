package raft_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/raft"
)

// chance is a small seeded generator (splitmix64), so that a schedule depends on nothing but its seed.
type chance uint64

func (c *chance) below(n int) int {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// oneIn says yes once in n times.
func (c *chance) oneIn(n int) bool { return c.below(n) == 0 }

// sim is a random schedule: a generator writes a script, command by command, looking at the cluster that it has
// made so far. What it did can be played again, cut down and kept in testdata.
type sim struct {
	*env
	luck  chance
	lines [][]string
	confs bool // configuration changes, transfers and snapshots
	reads int
	wild  bool // goes on whatever breaks
}

// generator is a way to write schedules.
type generator struct {
	name string
	play func(*sim)
}

var generators = []generator{{"fuzz", fuzz}, {"swarm", swarm}}

// newSim starts the cluster of a seed, with rules switched off by name. Every other seed sends one entry per append.
func newSim(seed int, off ...string) *sim {
	s := &sim{env: newEnv(), luck: chance(seed)*7919 + 1}
	s.mute, s.off = true, off
	s.confs = !s.luck.oneIn(3)
	nodes := 1 + s.luck.below(5)
	args := []string{"nodes", "", "manual", "inflight=" + strconv.Itoa(1+s.luck.below(4))}
	if s.confs {
		learners, spare := s.luck.below(2), s.luck.below(3)
		nodes += learners + spare
		args = append(args, fmt.Sprint("learners=", learners), fmt.Sprint("spare=", spare))
		if s.luck.oneIn(8) {
			args = append(args, "off=config-on-apply") // the paper's form is as safe
		}
	} else if s.luck.oneIn(8) {
		nodes = 7
	}
	args[1] = strconv.Itoa(nodes)
	if seed%2 == 0 {
		args = append(args, "oneentry")
	}
	// Not stepdown: with it a leader that is demoted can leave the others behind without a leader (see
	// testdata/interaction/conf_stepdown_stuck).
	for _, option := range []string{"prevote", "checkquorum"} {
		if s.luck.oneIn(2) {
			args = append(args, option)
		}
	}
	s.do(args...)
	return s
}

// over says whether something is broken; a wild schedule goes on unless that takes for ever.
func (s *sim) over() bool {
	if s.wild {
		return slices.Contains(s.guard.brokenNames(), "Livelock")
	}
	return len(s.guard.broken) > 0
}

// do plays a command and notes it.
func (s *sim) do(args ...string) {
	s.lines = append(s.lines, args)
	s.run(args)
}

// on plays a command about one member.
func (s *sim) on(m *member, verb string, args ...int) {
	line := make([]string, 2, 4)
	line[0], line[1] = verb, strconv.Itoa(int(m.cfg.ID))
	for _, n := range args {
		line = append(line, strconv.Itoa(n))
	}
	s.do(line...)
}

// message plays a command about the message at a place in flight.
func (s *sim) message(verb string, at int) {
	m, nth := &s.flight[at], 1
	for i := range at {
		if other := &s.flight[i]; other.From == m.From && other.To == m.To {
			nth++
		}
	}
	link := strconv.Itoa(int(m.From)) + ">" + strconv.Itoa(int(m.To))
	if nth > 1 || verb == "drop" { // a drop without a number loses them all
		link += "#" + strconv.Itoa(nth)
	}
	s.do(verb, link)
}

// any returns a random member.
func (s *sim) any() *member { return s.members[s.luck.below(len(s.members))] }

// read begins a read.
func (s *sim) read(m *member) {
	s.reads++
	s.on(m, "read", s.reads)
}

// changeConf proposes what an operator might.
func (s *sim) changeConf(m *member) {
	var words []string
	for range 1 + s.luck.below(2) {
		words = append(words, fmt.Sprintf("%c%d", "vvrl"[s.luck.below(4)], 1+s.luck.below(len(s.members))))
	}
	words = append(words, [][]string{nil, {"implicit"}, {"explicit"}}[s.luck.below(3)]...)
	if s.luck.oneIn(3) {
		words = nil
	}
	if c := parseConf(words); m.conf.Joint() || keepsMajority(m.conf, c) {
		s.do(append([]string{"conf", strconv.Itoa(int(m.cfg.ID))}, words...)...)
	}
}

// keepsMajority leaves out changes that leave one voter: the rest of the schedule would wait for it.
func keepsMajority(conf raft.ConfState, c raft.ConfChange) bool {
	next, err := conf.Change(c)
	return err == nil && len(next.Voters) > 1
}

func inConf(c raft.ConfState, id raft.ID) bool {
	return slices.Contains(c.Voters, id) || slices.Contains(c.VotersOutgoing, id) || slices.Contains(c.Learners, id)
}

// script is what was done, as text.
func script(lines [][]string) string {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(strings.Join(line, " ") + "\n")
	}
	return text.String()
}

// shrink leaves out lines as long as the same guarantee is broken (ddmin). Every command is valid in every state.
func shrink(lines [][]string, name string, off ...string) [][]string {
	tries := 0
	fails := func(lines [][]string) bool {
		if tries++; tries > 2000 {
			return false
		}
		e := newEnv()
		e.mute, e.off = true, off
		for _, line := range lines {
			e.run(line)
			if slices.Contains(e.guard.brokenNames(), name) {
				return true
			}
		}
		return false
	}
	for size := len(lines) / 2; size > 0; {
		shorter := false
		for at := 1; at < len(lines); { // the first line starts the cluster
			less := slices.Delete(slices.Clone(lines), at, min(at+size, len(lines)))
			if fails(less) {
				lines, shorter = less, true
			} else {
				at += size
			}
		}
		if !shorter {
			size /= 2
		}
	}
	return lines
}
