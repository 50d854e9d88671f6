package raft_test

import (
	"fmt"

	"etcdscope/raft"
)

// recoveryTicks is ten election timeouts, in which there must be a leader whose log is committed and with everybody.
const recoveryTicks = 200

// recover is the command that ends all faults and checks that the cluster recovers: first without new proposals,
// then with one.
func (e *env) recover() {
	for _, m := range e.members {
		m.held = false
		if m.down {
			_ = e.restart(m, 0)
		}
	}
	wrong := e.catchesUp()
	if leader := e.leader(); wrong == "" && leader != nil {
		_ = leader.node.Propose([]byte("end"))
		wrong = e.catchesUp()
	}
	switch leader := e.leader(); {
	case wrong == "":
	case leader != nil && leader.node.View().Commit < leader.node.View().Last:
		e.guard.breaks("QuietRecovery", "%s", wrong)
	default:
		e.guard.breaks("Recovery", "%s", wrong)
	}
}

// catchesUp gives everybody time until all members have what the leader has. Meanwhile the leader's driver does
// what a driver must: it sends a snapshot that knows who was added last, and says when one was lost.
func (e *env) catchesUp() (wrong string) {
	for range recoveryTicks {
		e.ticks(1)
		if wrong = e.disagreement(); wrong == "" || len(e.guard.broken) > 0 {
			return wrong
		}
		leader := e.leader()
		if leader == nil {
			continue
		}
		leader.snapshot()
		for _, p := range leader.node.View().Progress {
			if p.State == raft.SnapshotSend {
				leader.node.ReportSnapshot(p.ID, false)
			}
		}
		e.settleOne(leader)
	}
	return wrong
}

// leader returns the leader of the highest term, or nil.
func (e *env) leader() (leader *member) {
	term := raft.Term(0)
	for _, m := range e.members {
		if v := e.guard.seen[m.cfg.ID]; v != nil && !m.down && v.Role == raft.Leader && v.Term > term {
			leader, term = m, v.Term
		}
	}
	return leader
}

// disagreement says who does not have everything that the leader has, or "".
func (e *env) disagreement() string {
	leader := e.leader()
	if leader == nil {
		return "nobody leads"
	}
	v := leader.node.View()
	for _, m := range e.members {
		o := m.node.View()
		if inConf(v.Conf, o.ID) && (o.Lead != v.ID || o.Last != v.Last || o.Applied != v.Last || o.Term != v.Term) {
			return fmt.Sprintf("n%d leads term %d with %d entries, but n%d of term %d follows n%d, holds %d and has applied %d",
				v.ID, v.Term, v.Last, o.ID, o.Term, o.Lead, o.Last, o.Applied)
		}
	}
	return ""
}
