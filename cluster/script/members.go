package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/nearest"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// memberNames lists n1 to the last member.
func memberNames(nodes int) []string {
	out := make([]string, nodes)
	for i := range out {
		out[i] = memberName(raft.ID(i + 1))
	}
	return out
}

func memberName(id raft.ID) string { return "n" + strconv.FormatUint(uint64(id), 10) }

// memberOf resolves one name: n1…, leader, and the words in also (which the caller handles).
func (p *lineParser) memberOf(w word, text string, also ...string) raft.ID {
	if p.err != nil {
		return 0
	}
	if text == "leader" {
		if p.leader == 0 {
			p.fail(w, "there is no leader at the moment", "name a member, "+p.memberRange())
		}
		return p.leader
	}
	if len(text) > 1 && text[0] == 'n' && isDigits(text[1:]) {
		if n, err := strconv.Atoi(text[1:]); err == nil && n >= 1 && n <= p.nodes && text[1] != '0' {
			return raft.ID(n)
		}
		p.fail(w, fmt.Sprintf("there is no member %q", text), "the members are "+p.memberRange())
		return 0
	}
	valid := append(append(memberNames(p.nodes), "leader"), also...)
	w.text = text
	p.unknown(w, "member", nil)
	if isDigits(text) {
		text = "n" + text
	}
	p.err.Suggest, p.err.Advice = nearest.Word(text, valid), "write "+orList(append([]string{
		p.memberRange(),
		"leader",
	}, also...))
	return 0
}

func (p *lineParser) memberRange() string {
	if p.nodes <= 1 {
		return "n1"
	}
	return "n1 to " + memberName(raft.ID(p.nodes))
}

// members reads all members that follow: "n1 n2", "n1,n2", "leader", "all". A member named twice counts once.
func (p *lineParser) members() []raft.ID {
	var ids []raft.ID
	for p.more() {
		ids = appendNew(ids, p.memberList(p.take(""))...)
	}
	return ids
}

// memberList reads the members in one word: "n1", "n1,n2", "all".
func (p *lineParser) memberList(w word) []raft.ID {
	var ids []raft.ID
	col := w.col
	for _, text := range strings.Split(w.text, ",") {
		at := word{text: text, col: col}
		col += len([]rune(text)) + 1
		switch {
		case text == "all":
			ids = appendNew(ids, p.everyone()...)
		case text != "" || w.text == "":
			ids = appendNew(ids, p.memberOf(at, text, "all"))
		}
	}
	return ids
}

func (p *lineParser) everyone() []raft.ID {
	ids := make([]raft.ID, p.nodes)
	for i := range ids {
		ids[i] = raft.ID(i + 1)
	}
	return ids
}

func appendNew(ids []raft.ID, more ...raft.ID) []raft.ID {
	for _, id := range more {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// onMembers reads a command that names at least one member.
func onMembers(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		if !p.more() {
			p.missing("a member, leader or all")
		}
		ids := p.members()
		if p.err == nil && len(ids) == 0 {
			p.missing("a member, leader or all")
		}
		return world(cluster.Command{Kind: kind, Members: ids})
	}
}

// onTimers reads align and spread: no member means all of them.
func onTimers(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		ids := p.members()
		if len(ids) == p.nodes {
			ids = nil
		}
		return world(cluster.Command{Kind: kind, Members: ids})
	}
}

// parseRule reads the name of a rule and whether it is in force.
func parseRule(p *lineParser) *Call {
	name, state := p.take("a rule and on or off"), p.take("on or off")
	if p.err != nil {
		return nil
	}
	switch {
	case !slices.Contains(ruleNames(), name.text):
		p.unknown(name, "rule", ruleNames())
	case state.text != "on" && state.text != "off":
		p.unknown(state, "state", []string{"on", "off"})
	}
	return world(cluster.Command{Kind: cluster.SetRule, Rule: name.text, Off: state.text == "off"})
}

func parseTimer(p *lineParser) *Call {
	w := p.take("a member and a number of ticks")
	ids := p.memberList(w)
	if p.err == nil && len(ids) == 0 {
		p.fail(w, "timer needs a member", "write "+p.spec.Usage)
	}
	ticks := p.number("a number of ticks", 1, MaxTicks)
	return world(cluster.Command{Kind: cluster.SetTimer, Members: ids, Ticks: int(ticks)})
}
