package raft

import "slices"

// ProposeConfChange asks for a change of the configuration; a follower forwards it. A leader that must
// not change anything at the moment appends an empty entry instead, as etcd does, and records why.
// ErrProposalDropped says that nobody took it.
func (n *Node) ProposeConfChange(c ConfChange) error {
	t, data := c.Encode()
	m := Message{Type: MsgProp, From: n.cfg.ID, Entries: []Entry{{Type: t, Data: data}}}
	return n.handleProposal(&m)
}

// checkConfChanges replaces the changes among the proposed entries that are not allowed at the moment.
func (n *Node) checkConfChanges(entries []Entry) []Entry {
	for i := range entries {
		if entries[i].Type == EntryNormal {
			continue
		}
		index := n.log.lastIndex() + 1 + Index(i)
		change, err := DecodeConfChange(entries[i].Type, entries[i].Data)
		why := ruleMalformed
		if err == nil {
			why = n.confObstacle(&change)
		}
		if why == nil {
			n.pendingConf = index
			continue
		}
		n.record(Fact{
			Kind: FactConfRefused, Rule: why, Term: n.term, Index: index, Old: uint64(n.pendingConf), N: int(n.log.applied),
		})
		entries = slices.Clone(entries) // they belong to the message
		entries[i] = Entry{}
	}
	return entries
}

// confObstacle returns the rule that forbids the change at the moment, or nil.
func (n *Node) confObstacle(c *ConfChange) *Rule {
	switch {
	case n.cfg.Rules.ManyPendingChanges:
		return nil
	case n.pendingConf > n.log.applied:
		return ruleConfPending
	case n.cfg.Rules.ConfigOnAppend && !n.cfg.Rules.ChangeBeforeOwnCommit && !n.committedInTerm():
		return ruleConfOwnTerm
	case n.conf.Joint() && len(c.Changes) > 0:
		return ruleConfLeaveFirst
	case !n.conf.Joint() && len(c.Changes) == 0:
		return ruleConfNotJoint
	}
	return nil
}

// ApplyConfChange puts a committed change into force and returns the configuration after it. The driver
// calls it for every entry of a configuration type, in order and before Applied covers the entry. A
// driver that refuses a change sets its nodes to None: that changes nobody. A change that the configuration does not
// allow leaves everything as it is, on all members alike; etcd panics there.
//
// A change that a snapshot on its way to the disk has overtaken has no effect, and with Rules.ConfigOnAppend the
// change is in force already.
func (n *Node) ApplyConfChange(c ConfChange) (ConfState, error) {
	if n.cfg.Rules.ConfigOnAppend || n.log.snapshot != nil {
		n.nextConf()
		return n.conf, nil
	}
	next, err := n.conf.change(&c, n.cfg.Rules.OneStepChanges)
	if err != nil {
		n.record(Fact{Kind: FactConfRefused, Rule: ruleConfImpossible, Term: n.term, Index: n.nextConf()})
		return n.conf, err
	}
	if len(n.progress) > 0 {
		again := n.conf.restarted(&c)
		n.progress = slices.DeleteFunc(n.progress, func(p progress) bool { return slices.Contains(again, p.id) })
	}
	n.switchConf(next, ruleConfOnApply, n.nextConf())
	return n.conf, nil
}

// nextConf returns the index of the change that is being applied: several can come before Applied is called.
func (n *Node) nextConf() Index {
	first := max(n.log.applied, n.log.prevIndex, n.confApplied) + 1
	for _, e := range n.log.slice(first, n.log.committed) {
		if e.Type != EntryNormal {
			n.confApplied = e.Index
			return e.Index
		}
	}
	return n.log.applied
}

// switchConf puts c into force. A leader that is no voter in it goes on without a vote, as in etcd: somebody
// has to commit its removal. Everybody else may find that more is committed under c.
func (n *Node) switchConf(c ConfState, why *Rule, index Index) {
	n.setConf(c)
	n.record(Fact{
		Kind: FactConfig, Rule: why, Term: n.term, Index: index,
		Old: uint64(len(c.Learners)), N: len(c.Voters), Of: len(c.VotersOutgoing),
	})
	if n.role != Leader {
		return
	}
	n.trackPeers()
	if !n.isVoter(n.cfg.ID) {
		if n.cfg.StepDownOnRemoval {
			n.becomeFollower(n.term, ruleStepDownRemoved, None)
			n.resetTimer(ruleTimerTerm, None)
		}
		return
	}
	if !n.commitAndTell() {
		for i := range n.progress {
			if p := &n.progress[i]; p.id != n.cfg.ID {
				n.maybeSendAppend(p, false)
			}
		}
	}
	n.confirmReads()
	if n.transferee != None && !n.isVoter(n.transferee) {
		n.abortTransfer(ruleTransferGone)
	}
}

// trackPeers begins with new peers and forgets those that are gone. A new peer counts as active, so that
// it can get a snapshot and does not cost the leader its quorum at once.
func (n *Node) trackPeers() {
	old := n.progress
	n.progress = make([]progress, 0, len(n.peers))
	for _, id := range n.peers {
		at := slices.IndexFunc(old, func(p progress) bool { return p.id == id })
		p := progress{}
		if at >= 0 {
			p = old[at]
		} else {
			p = n.newProgress(id, max(n.log.lastIndex(), 1))
			p.active = true
		}
		p.learner = !n.isVoter(id)
		n.progress = append(n.progress, p)
	}
}

// hasUnappliedConf says whether a committed configuration change is not in force yet.
func (n *Node) hasUnappliedConf() bool {
	if n.cfg.Rules.ConfigOnAppend {
		return false
	}
	first := max(n.log.applied, n.log.prevIndex) + 1
	return slices.ContainsFunc(n.log.slice(first, n.log.committed), func(e Entry) bool {
		return e.Type != EntryNormal
	})
}

// maybeAutoLeave proposes to leave a joint configuration once it is in force for the leader. It tries
// again with everything that is applied: a leadership transfer refuses the proposal.
func (n *Node) maybeAutoLeave() {
	if n.role != Leader || !n.conf.AutoLeave || n.log.applied < n.pendingConf {
		return
	}
	_ = n.propose([]Entry{{Type: EntryConfChangeV2}}, ruleAutoLeave)
}
