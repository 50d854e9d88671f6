package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// noteAsked remembers the client operation that the command before began, if it did, so that its answer is told.
func (m *Model) noteAsked() {
	e := m.s.Event(m.s.Pos())
	if e == nil || e.Kind != cluster.UserCommand || e.Op == 0 || slices.Contains(m.asked, e.Op) {
		return
	}
	m.asked = append(m.asked, e.Op)
}

// tellAnswers says how the operations of the user ended, the newest last; one that history forgot is forgotten.
func (m *Model) tellAnswers() {
	if len(m.asked) == 0 {
		return
	}
	ops := m.s.View().Ops
	waiting := m.asked[:0]
	for _, id := range m.asked {
		i := slices.IndexFunc(ops, func(o *cluster.Op) bool { return o.ID == id })
		switch {
		case i < 0:
		case ops[i].State == cluster.OpPending:
			waiting = append(waiting, id)
		case ops[i].State == cluster.OpDone:
			m.say(m.answerText(ops[i]))
		default:
			m.warn(m.answerText(ops[i]))
		}
	}
	m.asked = waiting
}

// answerText is the answer to an operation as one line.
func (m *Model) answerText(o *cluster.Op) string {
	start := fmt.Sprintf("op %d: %s", o.ID, o.Kind)
	if len(o.Spec.Key) > 0 {
		start += " " + frame.Safe(string(o.Spec.Key))
	}
	start += ": "
	switch o.State {
	case cluster.OpFailed:
		return start + o.Err
	case cluster.OpUnknown:
		return start + m.word("no answer; it may take effect all the same", "没有应答；它仍可能生效") + note(o.Err)
	}
	switch o.Kind {
	case cluster.ClientGet:
		start += m.found(o)
	case cluster.ClientDelete:
		start += fmt.Sprintf(m.word("keys deleted: %d", "删除的键：%d"), o.Count)
	default:
		start += cmp.Or(frame.Safe(o.Text()), "OK")
	}
	return start + fmt.Sprintf(m.word(" (revision %d)", "（修订版本 %d）"), o.Rev)
}

func note(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// found is what a get brought: one value, several keys with theirs, or how many there are.
func (m *Model) found(o *cluster.Op) string {
	switch {
	case o.Count == 0:
		return m.word("no such key", "没有这个键")
	case len(o.KVs) == 0:
		return fmt.Sprintf(m.word("keys: %d", "键数：%d"), o.Count)
	case len(o.KVs) == 1 && len(o.Spec.End) == 0:
		return m.value(o.KVs[0].Value)
	}
	pairs := make([]string, len(o.KVs))
	for i := range o.KVs {
		pairs[i] = frame.Safe(string(o.KVs[i].Key)) + "=" + m.value(o.KVs[i].Value)
	}
	return strings.Join(pairs, " ")
}

// valueCells is how much of a value an answer shows.
const valueCells = 40

func (m *Model) value(bytes []byte) string {
	return frame.Truncate(frame.Safe(string(bytes)), valueCells, string(m.th.Glyph.Ellipsis))
}
