package raft

import "slices"

// confAt is a configuration with the index of the entry that brought it.
type confAt struct {
	index Index
	conf  ConfState
}

// setFirstConf finds the configuration that a restart begins with.
func (n *Node) setFirstConf(p *Persisted) {
	n.setConf(p.Snapshot.Conf)
	n.startConfs(p.Snapshot.Index)
	upTo := n.log.applied
	switch {
	case n.cfg.Rules.ConfigOnAppend:
		upTo = n.log.lastIndex()
	case p.Conf != nil:
		n.setConf(*p.Conf)
		return
	}
	for _, e := range n.log.slice(n.log.prevIndex+1, upTo) {
		if next, ok := n.confAfter(&e); ok {
			n.setConf(next)
			n.noteConf(e.Index)
		}
	}
}

// startConfs and noteConf remember the configurations of the log, so that a truncation can take them back.
func (n *Node) startConfs(index Index) {
	n.appended = nil
	n.noteConf(index)
}

func (n *Node) noteConf(index Index) {
	if n.cfg.Rules.ConfigOnAppend {
		n.appended = append(slices.Clip(n.appended), confAt{index, n.conf})
	}
}

// forgetConfsBefore keeps the last configuration up to index as the first one.
func (n *Node) forgetConfsBefore(index Index) {
	for len(n.appended) > 1 && n.appended[1].index <= index {
		n.appended = n.appended[1:]
	}
}

// confAfter returns the configuration after e, or false if e changes nothing.
func (n *Node) confAfter(e *Entry) (ConfState, bool) {
	if e.Type == EntryNormal {
		return ConfState{}, false
	}
	change, err := DecodeConfChange(e.Type, e.Data)
	if err != nil {
		return ConfState{}, false
	}
	next, err := n.conf.change(&change, n.cfg.Rules.OneStepChanges)
	return next, err == nil
}

// confAppended is the paper's form: what is appended is in force, committed or not.
func (n *Node) confAppended(entries []Entry) {
	if !n.cfg.Rules.ConfigOnAppend {
		return
	}
	for i := range entries {
		if next, ok := n.confAfter(&entries[i]); ok {
			n.switchConf(next, ruleConfOnAppend, entries[i].Index)
			n.noteConf(entries[i].Index)
		}
	}
}

// confTruncated goes back to the configuration that the rest of the log ends with.
func (n *Node) confTruncated(keep Index) {
	count := len(n.appended)
	for count > 1 && n.appended[count-1].index > keep {
		count--
	}
	if count < len(n.appended) {
		n.appended = slices.Clip(n.appended[:count])
		n.switchConf(n.appended[count-1].conf, ruleConfTaken, keep)
	}
}

// changeConfTime goes on with the other answer to when a configuration is in force: from here on that of the log's end,
// or that of what is applied.
func (n *Node) changeConfTime() {
	at := max(n.log.applied, n.log.prevIndex, n.confApplied)
	if n.cfg.Rules.ConfigOnAppend {
		n.startConfs(at)
		n.confAppended(n.log.slice(at+1, n.log.lastIndex()))
		return
	}
	count := len(n.appended)
	for count > 1 && n.appended[count-1].index > at {
		count--
	}
	back := n.appended[count-1].conf
	n.appended = nil
	if !back.Equal(n.conf) {
		n.switchConf(back, ruleConfOnApply, at)
	}
}
