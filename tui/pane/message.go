package pane

import (
	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/frame"
	"etcdscope/tui/theme"
)

// detail is how much of a message its label tells.
type detail uint8

const (
	full  detail = iota // n2▸App7 x=9
	brief               // n2▸A7
	tiny                // ▸A
	details
)

// label is how a message is written in each detail.
type label struct {
	msg   *cluster.Message
	text  [details]string
	width [details]int
}

// labels keeps the labels of the messages in flight, in the order of the view's flights. A message is
// immutable, so its label is made once.
type labels struct {
	view    *cluster.View
	glyphs  *theme.Glyphs
	current []label
	before  []label
	buf     line
}

// sync makes current parallel to v.Flights.
func (l *labels) sync(v *cluster.View, g *theme.Glyphs) {
	if l.view == v && l.glyphs == g {
		return
	}
	l.before, l.current = l.current, l.before[:0]
	old := l.before
	if l.glyphs != g {
		old = nil
	}
	l.view, l.glyphs = v, g
	for i := range v.Flights {
		m := v.Flights[i].Message
		for len(old) > 0 && old[0].msg.ID < m.ID {
			old = old[1:]
		}
		if len(old) > 0 && old[0].msg == m {
			l.current = append(l.current, old[0])
			continue
		}
		l.current = append(l.current, l.make(m, g))
	}
}

func (l *labels) make(m *cluster.Message, g *theme.Glyphs) label {
	out := label{msg: m}
	for d := full; d < details; d++ {
		l.buf = appendLabel(l.buf[:0], m, d, g)
		out.text[d] = string(l.buf)
		out.width[d] = frame.Width(out.text[d])
	}
	return out
}

// isReply reports whether the message answers another one.
func isReply(t raft.MessageType) bool {
	switch t {
	case raft.MsgAppResp, raft.MsgVoteResp, raft.MsgHeartbeatResp, raft.MsgReadIndexResp, raft.MsgPreVoteResp:
		return true
	}
	return false
}

// messageWords are the names of the message types, in full and as one letter.
var messageWords = [...]struct{ full, brief string }{
	raft.MsgProp:          {"prop", "p"},
	raft.MsgApp:           {"App", "A"},
	raft.MsgAppResp:       {"ack", "a"},
	raft.MsgVote:          {"vote", "V"},
	raft.MsgVoteResp:      {"vote", "v"},
	raft.MsgSnap:          {"snap", "S"},
	raft.MsgHeartbeat:     {"hb", "h"},
	raft.MsgHeartbeatResp: {"hb", "h"},
	raft.MsgTransfer:      {"transfer", "T"},
	raft.MsgTimeoutNow:    {"timeout-now", "N"},
	raft.MsgReadIndex:     {"read", "R"},
	raft.MsgReadIndexResp: {"read", "r"},
	raft.MsgPreVote:       {"prevote", "P"},
	raft.MsgPreVoteResp:   {"prevote", "q"},
}

// appendLabel appends the label of m: sender, direction, what it is, its number, its verdict, its payload.
func appendLabel(b line, m *cluster.Message, d detail, g *theme.Glyphs) line {
	if d != tiny {
		b = b.member(m.From)
	}
	if isReply(m.Type) {
		b = b.glyph(g.Reply)
	} else {
		b = b.glyph(g.Request)
	}
	words := &messageWords[0]
	if int(m.Type) < len(messageWords) {
		words = &messageWords[m.Type]
	}
	if d == full {
		b = b.text(words.full)
	} else {
		b = b.text(words.brief)
	}
	if d != tiny {
		b = appendNumber(b, m, d)
	}
	b = appendVerdict(b, m, g)
	if d == full {
		b = appendPayload(b, m, g)
	}
	return b
}

// appendNumber appends the number that matters in a message of this type.
func appendNumber(b line, m *cluster.Message, d detail) line {
	switch m.Type {
	case raft.MsgApp:
		if n := len(m.Entries); n > 0 {
			b = b.num(uint64(m.Entries[0].Index))
			if n > 1 {
				b = b.text("-").num(uint64(m.Entries[n-1].Index))
			}
			return b
		}
		return appendWith(b, d, 'c', uint64(m.Commit))
	case raft.MsgAppResp:
		return b.num(uint64(m.Index))
	case raft.MsgHeartbeat:
		return appendWith(b, d, 'c', uint64(m.Commit))
	case raft.MsgVote, raft.MsgPreVote:
		return appendWith(b, d, 't', uint64(m.Term))
	case raft.MsgSnap:
		if m.Snapshot != nil {
			b = b.num(uint64(m.Snapshot.Meta.Index))
		}
	case raft.MsgReadIndexResp:
		return b.num(uint64(m.Index))
	}
	return b
}

// appendWith appends a number with its letter; only full labels have a space before it.
func appendWith(b line, d detail, letter byte, n uint64) line {
	if d == full {
		b = append(b, ' ')
	}
	return append(b, letter).num(n)
}

// appendVerdict appends what a reply says: accepted or rejected.
func appendVerdict(b line, m *cluster.Message, g *theme.Glyphs) line {
	switch {
	case !isReply(m.Type):
		return b
	case m.Reject:
		return b.glyph(g.Rejected)
	}
	return b.glyph(g.Accepted)
}

// appendPayload appends what the first entry of an append or a proposal does, and that the message is a copy.
func appendPayload(b line, m *cluster.Message, g *theme.Glyphs) line {
	if len(m.Entries) > 0 && (m.Type == raft.MsgApp || m.Type == raft.MsgProp) {
		b = append(b, ' ').text(payload(&m.Entries[0], 8, string(g.Ellipsis)))
	}
	if m.Copy {
		b = b.text(" copy")
	}
	return b
}
