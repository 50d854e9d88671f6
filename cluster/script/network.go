package script

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// kindNames are the words for message types, in order of name; etcd's own names (MsgApp, …) are understood too.
var kindNames = []struct {
	name, etcd string
	kind       raft.MessageType
}{
	{"ack", "MsgAppResp", raft.MsgAppResp},
	{"append", "MsgApp", raft.MsgApp},
	{"heartbeat", "MsgHeartbeat", raft.MsgHeartbeat},
	{"heartbeatresp", "MsgHeartbeatResp", raft.MsgHeartbeatResp},
	{"prevote", "MsgPreVote", raft.MsgPreVote},
	{"prevoteresp", "MsgPreVoteResp", raft.MsgPreVoteResp},
	{"propose", "MsgProp", raft.MsgProp},
	{"readindex", "MsgReadIndex", raft.MsgReadIndex},
	{"readindexresp", "MsgReadIndexResp", raft.MsgReadIndexResp},
	{"snapshot", "MsgSnap", raft.MsgSnap},
	{"timeoutnow", "MsgTimeoutNow", raft.MsgTimeoutNow},
	{"transfer", "MsgTransferLeader", raft.MsgTransfer},
	{"vote", "MsgVote", raft.MsgVote},
	{"voteresp", "MsgVoteResp", raft.MsgVoteResp},
}

// KindNames lists the words for message types, sorted.
func KindNames() []string {
	out := make([]string, len(kindNames))
	for i, k := range kindNames {
		out[i] = k.name
	}
	return out
}

func kindOf(text string) (raft.MessageType, bool) {
	for _, k := range kindNames {
		if k.name == text || strings.EqualFold(k.etcd, text) {
			return k.kind, true
		}
	}
	return 0, false
}

func kindName(t raft.MessageType) string {
	for _, k := range kindNames {
		if k.kind == t {
			return k.name
		}
	}
	return "unknown"
}

// link is what "A->B" or "A B" names; 0 stands for any member.
type link struct {
	from, to raft.ID
	oneWay   bool
}

// atArrow says whether the next words are an arrow: "A->B", "A ->B", "A-> B" or "A -> B".
func (p *lineParser) atArrow() bool {
	if !p.more() {
		return false
	}
	return strings.Contains(p.words[p.pos].text, "->") ||
		p.pos+1 < len(p.words) && strings.HasPrefix(p.words[p.pos+1].text, "->")
}

// link reads a link. Both ways are only allowed where arrow is false; they are then written with the lower
// member first, because the order says nothing.
func (p *lineParser) link(arrow bool) link {
	first := p.peek()
	if !p.atArrow() && arrow {
		if p.more() {
			p.fail(first, fmt.Sprintf("%s works on one direction of a link", p.spec.Name),
				"write it as n1->n2, or write "+p.spec.Usage)
		}
		p.missing("a link or a message")
		return link{}
	}
	l := link{oneWay: p.atArrow()}
	if l.oneWay {
		l.from, l.to = p.arrow()
	} else {
		l.from, l.to = p.end(p.take("two members, or n1->n2")), p.end(p.take("a second member"))
		if l.from > l.to && l.to != 0 || l.from == 0 {
			l.from, l.to = l.to, l.from
		}
	}
	if p.err == nil && l.from == l.to && l.from != 0 {
		p.fail(first, fmt.Sprintf("%s has no link to itself", memberName(l.from)), "name two members")
	}
	return l
}

// arrow reads the two ends of a direction, however many words it takes.
func (p *lineParser) arrow() (from, to raft.ID) {
	w := p.take("")
	left, right, found := strings.Cut(w.text, "->")
	at := word{text: right, col: w.col + len([]rune(left)) + 2}
	if !found {
		next := p.take("->")
		right = strings.TrimPrefix(next.text, "->")
		at = word{text: right, col: next.col + 2}
	}
	if right == "" {
		at = p.take("a member behind the arrow")
	}
	w.text = left
	return p.end(w), p.end(at)
}

// end resolves one end of a link.
func (p *lineParser) end(w word) raft.ID {
	if w.text == "any" {
		return raft.None
	}
	return p.memberOf(w, w.text, "any")
}

func onLink(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		l := p.link(false)
		return world(cluster.Command{Kind: kind, From: l.from, To: l.to, OneWay: l.oneWay})
	}
}

func parseHeal(p *lineParser) *Call {
	if !p.more() {
		return world(cluster.Command{Kind: cluster.Heal})
	}
	first := p.peek()
	l := p.link(false)
	if p.err == nil && l.oneWay && l.from == 0 {
		p.fail(first, "heal cannot begin at any", "write heal, or heal n1 any for all links of n1")
	}
	return world(cluster.Command{Kind: cluster.Heal, From: l.from, To: l.to, OneWay: l.oneWay})
}

func parseDelay(p *lineParser) *Call {
	l := p.link(false)
	t, ticks := p.duration("a duration")
	return world(cluster.Command{
		Kind: cluster.Delay, From: l.from, To: l.to, OneWay: l.oneWay, For: t,
		Ticks: ticks,
	})
}

// message takes "#ID" if that is what follows.
func (p *lineParser) message() (id uint64, ok bool) {
	if !p.more() || !strings.HasPrefix(p.peek().text, "#") {
		return 0, false
	}
	w := p.take("")
	return uint64(p.numberIn(w, w.text[1:], "a message number", 1, maxEvent)), p.err == nil
}

func parseDrop(p *lineParser) *Call {
	if id, ok := p.message(); ok || p.err != nil {
		return world(cluster.Command{Kind: cluster.Drop, Msg: id})
	}
	l := p.link(true)
	c := cluster.Command{Kind: cluster.Drop, From: l.from, To: l.to, OneWay: l.oneWay}
	if w := p.peek(); strings.HasSuffix(w.text, "%") && p.more() {
		p.take("")
		c.Kind, c.Percent = cluster.Loss, int(p.numberIn(w, strings.TrimSuffix(w.text, "%"), "a percentage", 0, 100))
		return world(c)
	}
	c.Types = p.kinds()
	return world(c)
}

func parseDuplicate(p *lineParser) *Call {
	id, ok := p.message()
	if !ok && p.more() {
		p.fail(p.peek(), fmt.Sprintf("%q is not a message", p.peek().text), "write its number, as in dup #17")
	} else if !ok {
		p.missing("a message such as #17")
	}
	return world(cluster.Command{Kind: cluster.Duplicate, Msg: id})
}

func parseHold(p *lineParser) *Call {
	if id, ok := p.message(); ok || p.err != nil {
		return world(cluster.Command{Kind: cluster.Hold, Msg: id})
	}
	l := p.link(true)
	return world(cluster.Command{Kind: cluster.Hold, From: l.from, To: l.to, OneWay: l.oneWay, Types: p.kinds()})
}

func parseRelease(p *lineParser) *Call {
	if !p.more() {
		return world(cluster.Command{Kind: cluster.Release})
	}
	if id, ok := p.message(); ok || p.err != nil {
		return world(cluster.Command{Kind: cluster.Release, Msg: id})
	}
	l := p.link(true)
	l.oneWay = l.from != 0 || l.to != 0 // any->any is everything that is held
	return world(cluster.Command{Kind: cluster.Release, From: l.from, To: l.to, OneWay: l.oneWay})
}

// kinds reads the message types that follow, sorted and each once.
func (p *lineParser) kinds() []raft.MessageType {
	var out []raft.MessageType
	for p.more() {
		w := p.take("")
		kind, ok := kindOf(w.text)
		if !ok {
			p.unknown(w, "kind of message", KindNames())
			return nil
		}
		if !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}

// parsePartition reads groups parted by / or |. Members that are not named form the last group.
func parsePartition(p *lineParser) *Call {
	if !p.more() {
		p.missing("two groups")
	}
	start := p.peek()
	groups := [][]raft.ID{nil}
	var seen []raft.ID
	for p.more() {
		w := p.take("")
		col := w.col
		for _, part := range splitGroups(w.text) {
			at := word{text: part, col: col}
			col += len([]rune(part))
			switch {
			case part == "/" || part == "|":
				groups = append(groups, nil)
			case part != ",":
				id := p.memberOf(at, part)
				if p.err == nil && slices.Contains(seen, id) {
					p.fail(at, fmt.Sprintf("%s stands in the partition twice", memberName(id)), "name every member once")
				}
				seen = append(seen, id)
				last := &groups[len(groups)-1]
				*last = append(*last, id)
			}
		}
	}
	return world(cluster.Command{Kind: cluster.Partition, Groups: p.wholeGroups(groups, seen, start)})
}

// splitGroups cuts "n1,n2/n3" into "n1" "," "n2" "/" "n3".
func splitGroups(text string) []string {
	var out []string
	for text != "" {
		i := strings.IndexAny(text, "/|,")
		switch i {
		case -1:
			return append(out, text)
		case 0:
			i = 1
		}
		out, text = append(out, text[:i]), text[i:]
	}
	return out
}

// wholeGroups adds the members that were not named, and sorts: the order of members says nothing.
func (p *lineParser) wholeGroups(groups [][]raft.ID, seen []raft.ID, start word) [][]raft.ID {
	var rest []raft.ID
	for _, id := range p.everyone() {
		if !slices.Contains(seen, id) {
			rest = append(rest, id)
		}
	}
	groups = slices.DeleteFunc(append(groups, rest), func(g []raft.ID) bool { return len(g) == 0 })
	for _, g := range groups {
		slices.Sort(g)
	}
	if p.err == nil && len(groups) < 2 {
		p.fail(start, "a partition needs two groups", "part them with /, as in n1,n2 / n3")
	}
	return groups
}
