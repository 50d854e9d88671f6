package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/tui/frame"
)

// noteAsked remembers the client operations that the command before began, if it did, so that their answers are told.
func (m *Model) noteAsked() {
	a := m.s.Event(m.s.Pos()).Asked()
	if a != (cluster.Asked{}) && !slices.Contains(m.asked, a) {
		m.asked = append(m.asked, a)
	}
}

// tellAnswers says how the operations of the user ended, the newest last; one that history forgot is forgotten.
func (m *Model) tellAnswers() {
	if len(m.asked) == 0 {
		return
	}
	waiting := m.asked[:0]
	for _, a := range m.asked {
		switch ops, all := m.s.View().Answers(a); {
		case !all:
			waiting = append(waiting, a)
		case len(ops) > 0:
			m.tell(ops)
		}
	}
	m.asked = waiting
}

// tell says the answers to one command: as a table where that says more, as lines where one is too short for them.
func (m *Model) tell(ops []*cluster.Op) {
	o := ops[len(ops)-1]
	if table := cluster.AnswerTable(ops); table != nil {
		m.say(strings.TrimSuffix(m.opName(ops[0]), ": "))
		m.notice.lines = frame.Columns(table)
		return
	}
	text := m.answerText(o)
	m.say(text)
	m.notice.bad = o.State != cluster.OpDone
	if !m.fits(text) {
		m.notice.lines = frame.Wrap(text, m.w-4)
	}
}

// opName is how the line of an answer begins: the number of the operation and the words of its command.
func (m *Model) opName(o *cluster.Op) string {
	start := fmt.Sprintf("op %d: %s", o.ID, script.CommandName(o))
	if len(o.Spec.Key) > 0 {
		start += " " + frame.Safe(string(o.Spec.Key))
	}
	return start + ": "
}

// answerText is the answer to an operation as one line.
func (m *Model) answerText(o *cluster.Op) string {
	start := m.opName(o)
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
