package plain

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// status says how the cluster is: one sentence on the whole, one on each member, one on what is wrong.
func (t *talk) status() {
	v := t.s.View()
	lead := t.pick("no leader", "没有领导者")
	if m := v.Leader(); m != nil {
		lead = fmt.Sprintf(t.pick("leader n%d of term %d", "领导者 n%d，任期 %d"), m.ID, m.Raft.Term)
	}
	branch := ""
	for _, b := range t.s.Branches() {
		if b.Current {
			branch = b.Name
		}
	}
	t.sayf("event %d at %v on branch %s, seed %d: %s, %d messages in flight",
		"事件 %d，时间 %v，分支 %s，种子 %d：%s，%d 条在途消息",
		t.s.Pos(), t.s.Now(), branch, t.s.Config().Seed, lead, len(v.Flights))
	for _, m := range v.Members {
		t.member(m)
	}
	t.links(v)
	t.facts(v)
	for _, r := range cluster.Rules() {
		if !v.Config.On(r.Name) {
			t.sayf("the rule %s is off: %s", "规则 %s 已关闭：%s", r.Name, r.Sentence)
		}
	}
	for _, w := range t.s.Violations() {
		t.sayf("invariant %s violated at event %d: %s", "不变量 %s 在事件 %d 被违反：%s", w.Name, w.Event, w.Sentence)
	}
}

var roles = map[raft.Role][2]string{
	raft.Follower: {"follower", "跟随者"}, raft.PreCandidate: {"pre-candidate", "预候选人"},
	raft.Candidate: {"candidate", "候选人"}, raft.Leader: {"leader", "领导者"},
}

func (t *talk) member(m *cluster.MemberView) {
	r := &m.Raft
	role := roles[r.Role]
	what := t.pick(role[0], role[1])
	if slices.Contains(r.Conf.Learners, m.ID) {
		what = t.pick("learner", "学习者")
	}
	switch {
	case !m.Up:
		t.sayf("n%d down (%s)", "n%d 停机（%s）", m.ID, m.Down)
		return
	case m.Paused:
		what += t.pick(", paused", "，暂停")
	}
	vote := t.pick("none", "无")
	if r.Vote != raft.None {
		vote = fmt.Sprintf("n%d", r.Vote)
	}
	timer := ""
	if r.Role != raft.Leader {
		left := t.pick(", election timer %d of %d ticks left", "，选举定时器剩 %d/%d tick")
		timer = fmt.Sprintf(left, r.Timeout-r.Elapsed, r.Timeout)
	}
	var rev int64
	if m.Store != nil {
		rev = m.Store.Revision
	}
	t.sayf("n%d %s, term %d, vote %s, log to %d, commit %d, applied %d, revision %d%s",
		"n%d %s，任期 %d，投票 %s，日志到 %d，提交 %d，应用 %d，修订 %d%s",
		m.ID, what, r.Term, vote, r.Last, r.Commit, r.Applied, rev, timer)
}

// links names the links that are not whole.
func (t *talk) links(v *cluster.View) {
	var troubled []string
	for _, a := range v.Members {
		for _, b := range v.Members {
			if a.ID == b.ID {
				continue
			}
			if what := t.trouble(v.Links.At(a.ID, b.ID)); what != "" {
				troubled = append(troubled, fmt.Sprintf("n%d->n%d %s", a.ID, b.ID, what))
			}
		}
	}
	if len(troubled) > 0 {
		t.print(t.pick("links: ", "连接：") + strings.Join(troubled, ", "))
	}
}

// trouble says what is wrong with a link, or nothing.
func (t *talk) trouble(l cluster.Link) string {
	var what []string
	if l.Cut {
		what = append(what, t.pick("cut", "切断"))
	}
	if l.Hold {
		what = append(what, t.pick("held", "扣住"))
	}
	if l.Delay > 0 {
		what = append(what, fmt.Sprintf(t.pick("%v slower", "慢 %v"), l.Delay))
	}
	if l.Loss > 0 {
		what = append(what, fmt.Sprintf(t.pick("loses %d%%", "丢失 %d%%"), l.Loss))
	}
	return strings.Join(what, " ")
}
