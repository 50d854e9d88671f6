package plain

import (
	"etcdscope/cluster"
	"etcdscope/tui/frame"
)

// noteAsked remembers what the command before asked of the cluster, if it asked.
func (t *talk) noteAsked() {
	if a := t.s.Event(t.s.Pos()).Asked(); a != (cluster.Asked{}) {
		t.asked = append(t.asked, a)
	}
}

// tables prints the answers that etcdctl would print as a table, once all members that were asked have answered.
func (t *talk) tables() {
	waiting := t.asked[:0]
	for _, a := range t.asked {
		ops, all := t.s.View().Answers(a)
		if !all {
			waiting = append(waiting, a)
			continue
		}
		for _, line := range frame.Columns(cluster.AnswerTable(ops)) {
			t.print("  " + line)
		}
	}
	t.asked = waiting
}
