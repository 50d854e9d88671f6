package raft_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"etcdscope/raft"
)

// TestInteraction plays the scripts of testdata/interaction. Each line of a command block is one command:
//
//	nodes N [learners=K] [spare=K] [prevote] [checkquorum] [nonoop] [oneentry] [inflight=K] [manual] [lease]
//	        [eager] (nothing that Ready.Msgs holds waits for the disk)
//	        [singleton] [stepdown] [maxsize=B] [inflightbytes=B] [uncommitted=B] [off=RULE]
//	log ID [from=I/T] TERM...   restarts the member with a log of these terms, behind a snapshot at I
//	campaign ID             tick ID [COUNT]            timer ID TICKS
//	propose ID DATA         read ID NUMBER...
//	deliver [A>B[#NTH]] [COUNT]   drop [A>B[#NTH]]     duplicate A>B[#NTH]   inflight
//	durable ID [COUNT]      apply ID [COUNT]           (with manual only; Readys or entries, default all)
//	crash ID                lose ID COUNT              (entries of the disk)
//	restart ID [INDEX]      stabilize [ID...]          (a state machine that knows what it applied up to INDEX)
//	conf ID CHANGE... [implicit|explicit] [v1]         (v4 l5 r1 u2, none to leave a joint configuration)
//	hold ID                 take ID                    (its effects: several inputs share a Ready)
//	clone ID                (goes on with a clone; what is done to the original must not show)
//	compact ID [INDEX]      snapshot ID                (of what is applied; compact takes one, too)
//	transfer ID TO          forget ID                  unreachable ID PEER       arrived|failed ID PEER
//	state [ID...]           why-committed ID INDEX     why-leader ID             why-vote ID CANDIDATE [transfer]
//	inject TYPE A>B [term=] [index=] [logterm=] [commit=] [reject] [entries=I/T[/CHANGE],...] [snapshot=I/T] [at=ID]
//	raw-applied ID INDEX    raw-durable ID SEQ         raw-compact ID INDEX      raw-snapshot ID INDEX
//	quiet on|off            ticks N                    (everybody, then everything is delivered)
//	expect ID|all FIELD =|<|> VALUE                    mark (counts from here)
//	keep A>B (loses all other messages)                broken (guarantees, so far)
//	recover                 (no faults from here on: everybody must catch up)
//	rule NAME on|off [ID]   (of everybody, from here on)
func TestInteraction(t *testing.T) {
	seen := map[*raft.Rule]bool{}
	datadriven.Walk(t, "testdata/interaction", func(t *testing.T, path string) {
		e := newEnv()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			for _, line := range append([]string{commandLine(d)}, strings.Split(d.Input, "\n")...) {
				if args := strings.Fields(line); len(args) > 0 {
					e.run(args)
				}
			}
			text := e.out.String()
			e.out.Reset()
			return text
		})
		for r := range e.rules {
			seen[r] = true
		}
	})
	for _, s := range raft.SwitchableRules() {
		script := readEnding(t, "switches", s.Name)
		for _, off := range []bool{false, true} {
			for r := range script.play(off).rules {
				seen[r] = true
			}
		}
	}
	for _, r := range raft.AllRules() {
		if !seen[r] {
			t.Errorf("no script shows the rule %s", r.ID)
		}
	}
}

func commandLine(d *datadriven.TestData) string {
	words := []string{d.Cmd}
	for _, arg := range d.CmdArgs {
		words = append(words, arg.String())
	}
	return strings.Join(words, " ")
}

func (e *env) run(args []string) {
	id := numberAt(args, 1, 0)
	switch args[0] {
	case "nodes":
		e.start(args[1:])
	case "deliver", "drop", "duplicate":
		e.link(args)
	case "inflight":
		for _, m := range e.flight {
			e.printf("%v", m)
		}
	case "stabilize":
		e.stabilize(numbers(args[1:]))
	case "state":
		for _, m := range e.members {
			if ids := numbers(args[1:]); len(ids) == 0 || slices.Contains(ids, int(m.cfg.ID)) {
				e.state(m)
			}
		}
	case "inject":
		e.inject(args[1:])
	case "expect":
		e.expect(args[1:])
	case "rule":
		e.setRule(args[1], args[2] == "off", numberAt(args, 3, 0))
	case "broken":
		for _, what := range e.guard.broken {
			e.printf("%s", what)
		}
	case "mark":
		clear(e.counts)
	case "ticks":
		e.ticks(id)
	case "keep":
		e.keep(args[1])
	case "recover":
		e.recover()
	case "quiet":
		e.quiet = args[1] == "on"
	default:
		e.runOn(e.member(id), args)
		e.settleOne(e.member(id))
	}
}

// runOn runs a command that concerns one member.
func (e *env) runOn(m *member, args []string) {
	var err error
	number := numberAt(args, 2, 1)
	if m.down && !slices.Contains([]string{"restart", "log", "lose"}, args[0]) {
		return
	}
	switch args[0] {
	case "campaign":
		m.node.Campaign()
	case "tick":
		for range number {
			m.node.Tick()
			e.settle()
		}
	case "timer":
		m.node.SetTimer(number)
	case "transfer":
		err = m.node.TransferLeader(raft.ID(number))
	case "forget":
		m.node.ForgetLeader()
	case "clone":
		m.replaceByClone()
	case "hold", "take":
		m.held = args[0] == "hold"
	case "unreachable":
		m.node.ReportUnreachable(raft.ID(number))
	case "arrived", "failed":
		m.node.ReportSnapshot(raft.ID(number), args[0] == "arrived")
	case "conf":
		err = m.node.ProposeConfChange(parseConf(args[2:]))
	case "propose":
		err = m.node.Propose([]byte(args[2]))
	case "read":
		for _, context := range numbers(args[2:]) {
			e.guard.readBegins(uint64(context))
			err = m.node.ReadIndex(uint64(context))
		}
	case "durable":
		e.durable(m, min(len(m.queue), numberAt(args, 2, len(m.queue))))
	case "apply":
		e.apply(m, numberAt(args, 2, len(m.pending)))
	case "crash":
		e.crash(m)
	case "restart":
		err = e.restart(m, raft.Index(numberAt(args, 2, 0)))
	default:
		err = e.inspect(m, args, number)
	}
	if err != nil {
		e.printf("n%d: %v", m.cfg.ID, err)
	}
}

// inspect runs the commands that ask, and those that only a broken driver would give.
func (e *env) inspect(m *member, args []string, number int) error {
	v := m.node.View()
	switch args[0] {
	case "log":
		m.disk = diskOfTerms(v.Conf, args[2:])
		return e.restart(m, 0)
	case "why-committed":
		e.conjuncts(raft.WhyNotCommitted(&v, raft.Index(number)))
	case "why-leader":
		e.conjuncts(raft.WhyNotLeader(&v))
	case "compact", "snapshot":
		m.snapshot()
		if args[0] == "compact" {
			m.node.Compact(min(m.disk.Snapshot.Index, raft.Index(numberAt(args, 2, int(m.at.Index)))))
		}
	case "why-vote":
		last := args[len(args)-1]
		candidate := e.member(number).node.View()
		request := raft.Message{
			Type: raft.MsgVote, From: candidate.ID, To: v.ID, Term: candidate.Term + 1, Transfer: last == "transfer",
			Index: candidate.Last, LogTerm: candidate.LastTerm(),
		}
		if candidate.Role == raft.Candidate {
			request.Term--
		}
		e.conjuncts(raft.WhyVoteRefused(&v, request))
	case "lose": // the disk forgets its last entries
		m.disk.Entries = slices.Clip(m.disk.Entries[:len(m.disk.Entries)-number])
	case "raw-compact":
		m.node.Compact(raft.Index(number))
	case "raw-snapshot":
		m.node.OfferSnapshot(raft.SnapshotMeta{Index: raft.Index(number), Term: 1})
	case "raw-applied":
		m.node.Applied(raft.Index(number))
	case "raw-durable":
		m.node.Durable(uint64(number))
	default:
		return fmt.Errorf("unknown command %q", args[0])
	}
	return nil
}

// inject makes a message that no member has sent, and delivers it at once.
func (e *env) inject(args []string) {
	last := len(args) - 1
	if at, found := strings.CutPrefix(args[last], "at="); found {
		_ = e.member(numbers([]string{at})[0]).node.Step(parseMessage(args[:last]))
		e.settle()
		return
	}
	e.flight = append(e.flight, parseMessage(args))
	e.deliver(len(e.flight) - 1)
}

// diskOfTerms returns a disk that holds a log of these terms.
func diskOfTerms(conf raft.ConfState, args []string) raft.Persisted {
	p := raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}}
	if from, found := strings.CutPrefix(args[0], "from="); found {
		index, term, _ := strings.Cut(from, "/")
		n := numbers([]string{index, term})
		p.Snapshot.Index, p.Snapshot.Term = raft.Index(n[0]), raft.Term(n[1])
		args = args[1:]
	}
	for i, t := range numbers(args) {
		p.Entries = append(p.Entries, raft.Entry{Index: p.Snapshot.Index + raft.Index(i+1), Term: raft.Term(t)})
		p.HardState.Term = raft.Term(t)
	}
	return p
}

func (e *env) conjuncts(list []raft.Conjunct) {
	for _, c := range list {
		e.printf("%-5v %s", c.Holds, c.Text)
	}
}

func (e *env) start(args []string) {
	cfg := raft.Config{
		ElectionTick: 10, HeartbeatTick: 1,
		Timeout: func(id raft.ID, term raft.Term) int { return 10 + int(3*uint64(id)+uint64(term))%10 },
	}
	learners, spare := 0, 0
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		number, _ := strconv.Atoi(value)
		switch name {
		case "learners":
			learners = number
		case "spare":
			spare = number
		case "manual":
			e.manual = true
		case "eager":
			e.eager = true
		case "off":
			e.switchOff(&cfg.Rules, value)
		default:
			if !option(&cfg, name, number) {
				e.printf("unknown option %q", arg)
			}
		}
	}
	for _, name := range e.off {
		e.switchOff(&cfg.Rules, name)
	}
	n := numberAt(args, 0, 0)
	conf := confOf(n-learners-spare, learners)
	for i := range n {
		cfg.ID = raft.ID(i + 1)
		if err := e.add(cfg, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}}); err != nil {
			e.printf("%v", err)
		}
	}
}

// option sets one field of the configuration, or says that there is none of that name.
func option(cfg *raft.Config, name string, number int) bool {
	switch name {
	case "prevote":
		cfg.PreVote = true
	case "checkquorum":
		cfg.CheckQuorum = true
	case "nonoop":
		cfg.Rules.NoNoop = true
	case "oneentry":
		cfg.OneEntry = true
	case "inflight":
		cfg.MaxInflight = number
	case "inflightbytes":
		cfg.MaxInflightBytes = uint64(number)
	case "maxsize":
		cfg.MaxSizePerMsg = uint64(number)
	case "uncommitted":
		cfg.MaxUncommittedSize = uint64(number)
	case "lease":
		cfg.ReadOnly = raft.ReadOnlyLease
	case "singleton":
		cfg.SingletonReads = true
	case "stepdown":
		cfg.StepDownOnRemoval = true
	default:
		return false
	}
	return true
}

// switchOff switches off the rule called name.
func (e *env) switchOff(rules *raft.Rules, name string) {
	for _, s := range raft.SwitchableRules() {
		if s.Name == name {
			*s.Off(rules) = true
			return
		}
	}
	e.printf("no rule is called %q", name)
}

// setRule switches a rule of a member, or of everybody, on or off.
func (e *env) setRule(name string, off bool, id int) {
	for _, m := range e.members {
		if id != 0 && m != e.member(id) {
			continue
		}
		for _, s := range raft.SwitchableRules() {
			if s.Name == name {
				*s.Off(&m.cfg.Rules) = off
			}
		}
		m.node.SetRules(m.cfg.Rules)
	}
	e.settle()
}

// link delivers, drops or duplicates messages of one link, in their order or only the nth, or all there are.
func (e *env) link(args []string) {
	from, to, nth, count := raft.None, raft.None, 0, len(e.flight)
	if len(args) > 1 {
		from, to, nth = parseLink(args[1])
		count = numberAt(args, 2, 1)
		if args[0] == "drop" && nth == 0 {
			count = numberAt(args, 2, len(e.flight))
		}
	}
	for range count {
		at := e.find(from, to, nth)
		if at < 0 {
			return
		}
		switch args[0] {
		case "deliver":
			e.deliver(at)
		case "drop":
			e.flight = slices.Delete(e.flight, at, at+1)
		default:
			e.flight = append(e.flight, e.flight[at])
		}
	}
}

// find returns where the nth message of a link is in flight; 0 and 1 are the oldest one.
func (e *env) find(from, to raft.ID, nth int) int {
	for at := range e.flight {
		if m := &e.flight[at]; from == raft.None || m.From == from && m.To == to {
			if nth--; nth <= 0 {
				return at
			}
		}
	}
	return -1
}
