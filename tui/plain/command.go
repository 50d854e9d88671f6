package plain

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/nearest"
	"etcdscope/raft"
)

// command carries out one line of the command language and tells what happened because of it.
func (t *talk) command(line string) {
	before := t.s.Pos()
	call, err := script.Parse(line, len(t.s.View().Members), t.leader())
	if err != nil || call == nil {
		t.complain(suggestWord(err))
		return
	}
	var out string
	if t.lesson != nil {
		out, err = t.lesson.Run(call)
		t.s = t.lesson.Session()
	} else {
		out, err = t.s.Run(call)
	}
	if goesOn(call) {
		t.narrate(before)
		t.noteAsked()
		t.tables()
	}
	if err != nil {
		t.complain(err)
	} else if out = strings.TrimRight(out, "\n"); out != "" {
		t.print(out)
	}
	t.warn()
	t.afterMove()
}

// suggestWord lets an error about an unknown command name a word of the text mode, when no command is near.
func suggestWord(err error) error {
	var wrong *script.Error
	if !errors.As(err, &wrong) || wrong.Suggest != "" {
		return err
	}
	first, _, _ := strings.Cut(strings.TrimSpace(wrong.Line), " ")
	if script.Begins(first) {
		return err
	}
	var names []string
	for _, w := range words() {
		names = append(names, w.name)
	}
	wrong.Suggest = nearest.Word(first, names)
	return err
}

// leader is the number of the leader, or 0.
func (t *talk) leader() uint64 {
	if m := t.s.View().Leader(); m != nil {
		return uint64(m.ID)
	}
	return 0
}

// goesOn says whether a call leads from the present moment onward, so that what lies between can be told.
func goesOn(c *script.Call) bool {
	switch c.Action {
	case script.None, script.Step, script.TickOn, script.Next, script.RunFor, script.RunUntil, script.Goto:
		return true
	}
	return false
}

// narrate tells the events behind one up to the present, one sentence each, at the present level of detail.
func (t *talk) narrate(before uint64) {
	detail := t.s.Detail()
	for id := before + 1; id <= t.s.Pos(); id++ {
		if e := t.s.Event(id); e != nil && e.Salience >= detail {
			t.sayf("@%d at %v %s%s", "@%d %v %s%s", e.ID, e.At, e.Sentence(), t.answered(e))
		}
	}
}

// answered is what a client got, where it got something to see.
func (t *talk) answered(e *cluster.Event) string {
	if e.Kind != cluster.ClientResponse && e.Kind != cluster.WatchEvent {
		return ""
	}
	for _, op := range t.s.View().Ops {
		if op.ID == e.Op && op.Kind == cluster.ClientGet && op.State == cluster.OpDone {
			return t.values(op)
		}
	}
	return ""
}

// shownKeys bounds how many keys of an answer are read out.
const shownKeys = 10

func (t *talk) values(op *cluster.Op) string {
	if len(op.KVs) == 0 {
		return fmt.Sprintf(t.pick(": %d keys", "：%d 个键"), op.Count)
	}
	var parts []string
	for i := range op.KVs {
		if i == shownKeys {
			parts = append(parts, t.pick("and more", "等等"))
			break
		}
		parts = append(parts, fmt.Sprintf("%s = %s", op.KVs[i].Key, op.KVs[i].Value))
	}
	return t.pick(": ", "：") + strings.Join(parts, ", ")
}

// warn announces invariants that were violated since the last time.
func (t *talk) warn() {
	all := t.s.Violations()
	for _, v := range all[min(t.warned, len(all)):] {
		t.sayf("invariant %s violated at event %d: %s", "不变量 %s 在事件 %d 被违反：%s", v.Name, v.Event, v.Sentence)
	}
	t.warned = len(all)
}

// detail shows or changes how much is told.
func (t *talk) detail(level string) {
	names := []string{cluster.Bytes: "bytes", cluster.Protocol: "protocol", cluster.Story: "story"}
	for l, name := range names {
		if name == level {
			t.s.SetDetail(cluster.Salience(l))
		}
	}
	if now := names[t.s.Detail()]; level == "" || level == now {
		t.print(t.pick("detail: ", "细节：") + now)
		return
	}
	t.failf("detail %q: want story, protocol or bytes", "detail %q：应为 story、protocol 或 bytes", level)
}

// longestChain is how many causes of an event are told.
const longestChain = 12

// why tells the causes of an event, nearest first, each with the rule that it followed.
func (t *talk) why(which string) {
	id := t.lastTold()
	if which != "" {
		n, err := strconv.ParseUint(strings.TrimPrefix(which, "@"), 10, 64)
		if err != nil {
			t.failf("why %q: want an event such as @120", "why %q：应为事件编号，例如 @120", which)
			return
		}
		id = n
	}
	e := t.s.Event(id)
	if e == nil {
		t.failf("there is no event %d", "没有事件 %d", id)
		return
	}
	t.because(e, "")
	for _, cause := range t.s.Chain(id, longestChain) {
		t.because(cause, t.pick("because ", "因为 "))
	}
}

func (t *talk) because(e *cluster.Event, lead string) {
	_, sentence, source := e.Reason()
	t.sayf("%s@%d at %v %s. Rule: %s (%s)", "%s@%d %v %s。规则：%s（%s）",
		lead, e.ID, e.At, e.Sentence(), sentence, source)
}

// lastTold is the newest event of the present level of detail.
func (t *talk) lastTold() uint64 {
	for id := t.s.Pos(); id > 0; id-- {
		if t.s.Event(id).Salience >= t.s.Detail() {
			return id
		}
	}
	return t.s.Pos()
}

// keyCommands are the keys of the screen that stand for one line of the language.
var keyCommands = map[string]string{
	".": "step", ",": "back", ">": "tick", "<": "tickback", "n": "next", "N": "prev", "u": "undo",
	"x": "crash {member}", "X": "poweroff {member}", "r": "restart {member}", "t": "campaign {member}",
	"A": "align", "T": "spread", "F": "fork", "M": "mark", "y": "share", "H": "release",
}

// key carries out a key of the screen that was typed as a line, and says whether it was one.
func (t *talk) key(line string) bool {
	if command, ok := keyCommands[line]; ok {
		t.command(strings.ReplaceAll(command, "{member}", fmt.Sprintf("n%d", t.selected)))
		return true
	}
	switch line {
	case "0":
		t.healAll()
	case "c":
		t.putNext()
	case "w":
		t.why("")
	case "l":
		t.choose(raft.ID(t.leader()))
	default:
		if len(line) != 1 || line[0] < '1' || line[0] > '9' {
			return false
		}
		t.choose(raft.ID(line[0] - '0'))
	}
	return true
}

func (t *talk) choose(id raft.ID) {
	if id == raft.None || int(id) > len(t.s.View().Members) {
		t.failf("there is no such member", "没有这个成员")
		return
	}
	t.selected = id
	t.sayf("n%d is selected: x crashes it, r restarts it", "已选中 n%d：x 杀死，r 重启", id)
}

// healAll repairs all links and starts every member that is down.
func (t *talk) healAll() {
	t.command("heal")
	var down []string
	for _, m := range t.s.View().Members {
		if !m.Up {
			down = append(down, fmt.Sprintf("n%d", m.ID))
		}
	}
	if len(down) > 0 {
		t.command("restart " + strings.Join(down, " "))
	}
}

// putNext writes the next value of x; in a lesson whose client asks one member, there.
func (t *talk) putNext() {
	t.counter++
	line := fmt.Sprintf("put x %d", t.counter)
	if t.lesson != nil {
		if via := t.lesson.View().Client; via != raft.None {
			line += fmt.Sprintf(" --via n%d", via)
		}
	}
	t.command(line)
}
