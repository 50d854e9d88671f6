package plain

import (
	"fmt"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// shownLines bounds lists that are read out: the newest entries, the first keys.
const shownLines = 40

// messages lists what is on its way, so that drop, dup and hold have something to name.
func (t *talk) messages(string) {
	flights := t.s.View().Flights
	if len(flights) == 0 {
		t.say("no message is in flight", "没有在途消息")
	}
	for _, f := range flights {
		when := fmt.Sprintf(t.pick("arrives at %v", "%v 到达"), f.DeliverAt)
		if f.Held {
			when = t.pick("is held", "被扣住")
		}
		t.sayf("#%d %s to n%d %s", "#%d %s 到 n%d，%s", f.ID, f.Brief(), f.To, when)
	}
}

// which is the member that a line names, or the selected one; nil after a complaint.
func (t *talk) which(name string) *cluster.MemberView {
	id := t.selected
	if name != "" {
		var n uint64
		if name == "leader" {
			n = t.leader()
		} else if _, err := fmt.Sscanf(name, "n%d", &n); err != nil {
			n = 0
		}
		id = raft.ID(n)
	}
	m := t.s.View().Member(uint64(id))
	if m == nil {
		t.failf("member %q: want n1 to n%d, or leader while there is one", "成员 %q：应为 n1 到 n%d，或有领导者时用 leader",
			name, len(t.s.View().Members))
	}
	return m
}

// log reads a member's log out.
func (t *talk) log(name string) {
	m := t.which(name)
	if m == nil {
		return
	}
	r := &m.Raft
	t.sayf("the log of n%d ends at entry %d; on the platter to %d, commit %d, applied %d",
		"n%d 的日志到第 %d 条；落盘到 %d，提交 %d，应用 %d",
		m.ID, r.Last, r.DurableIndex, r.Commit, r.Applied)
	first := r.First
	if r.Last >= shownLines {
		first = max(first, r.Last-shownLines+1)
	}
	for i := first; i <= r.Last; i++ {
		e, ok := r.Entry(i)
		if !ok {
			continue
		}
		state := t.pick("only stored", "仅存储")
		switch {
		case i <= r.Applied:
			state = t.pick("applied", "已应用")
		case i <= r.Commit:
			state = t.pick("committed", "已提交")
		}
		t.sayf("entry %d of term %d, %d bytes, %s", "第 %d 条，任期 %d，%d 字节，%s", i, e.Term, len(e.Data), state)
	}
}

// store reads the keys of a member's store out.
func (t *talk) store(name string) {
	m := t.which(name)
	if m == nil {
		return
	}
	if m.Store == nil {
		t.sayf("n%d is down: its store is closed", "n%d 已停机：存储已关闭", m.ID)
		return
	}
	t.sayf("the store of n%d is at revision %d", "n%d 的存储处于修订 %d", m.ID, m.Store.Revision)
	for _, k := range m.Store.Keys(shownLines) {
		kv, ok := m.Store.Get(k.Key, 0)
		if !ok {
			t.sayf("%s is deleted", "%s 已删除", k.Key)
			continue
		}
		t.sayf("%s = %s, created at %d, changed at %d, version %d", "%s = %s，创建于 %d，修改于 %d，版本 %d",
			k.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version)
	}
}

// marks lists the named moments.
func (t *talk) marks(string) {
	list := t.s.Marks()
	if len(list) == 0 {
		t.say("there is no mark yet: mark NAME makes one", "还没有标记：mark NAME 可以创建")
	}
	for _, m := range list {
		t.sayf("mark %s (%s) at event %d, %v", "标记 %s（%s），事件 %d，%v", m.Name, m.Kind, m.Event, m.At)
	}
}
