package plain

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// facts tells what the cluster is in the middle of: alarms, a hand-over, a configuration that changes, failing disks.
func (t *talk) facts(v *cluster.View) {
	if m := v.Leader(); m != nil {
		t.leading(m)
	}
	for _, m := range v.Members {
		for i := range m.Disk.Faults {
			f := &m.Disk.Faults[i]
			t.sayf("the disk of n%d: %s", "n%d 的磁盘：%s", m.ID, f)
		}
	}
}

func (t *talk) leading(m *cluster.MemberView) {
	r := &m.Raft
	for _, a := range m.Alarms {
		t.sayf("alarm %v of n%d stands", "告警 %v（n%d）尚未解除", a.Kind, a.Member)
	}
	if m.Auth != nil && m.Auth.Enabled {
		t.sayf("authentication is enabled, revision %d: users %s", "认证已开启，修订 %d：用户 %s",
			m.Auth.Revision, strings.Join(userNames(m), " "))
	}
	if r.Transferee != raft.None {
		t.sayf("n%d hands over to n%d and takes no proposals", "n%d 正在移交给 n%d，不接受提案", m.ID, r.Transferee)
	}
	if r.Conf.Joint() {
		t.sayf("joint configuration: voters %s and, until it is left, %s", "联合配置：投票成员 %s，离开之前还有 %s",
			names(r.Conf.Voters), names(r.Conf.VotersOutgoing))
	}
	if r.PendingConf > r.Applied {
		t.sayf("entry %d changes the configuration once it is applied", "条目 %d 应用后会改变配置", r.PendingConf)
	}
	for i := range r.Progress {
		if p := &r.Progress[i]; p.State == raft.SnapshotSend {
			t.sayf("n%d gets the snapshot at entry %d", "n%d 将得到条目 %d 处的快照", p.ID, p.Snapshot)
		}
	}
	if n := r.Reads.Asked; n > 0 {
		t.sayf("%d reads wait for round %d", "%d 个读取在等第 %d 轮", n, r.Reads.Oldest)
	}
	if n := r.Reads.Waiting; n > 0 {
		t.sayf("%d reads wait for the first commit in term %d", "%d 个读取在等任期 %d 的首次提交", n, r.Term)
	}
}

func userNames(m *cluster.MemberView) (out []string) {
	for _, u := range m.Auth.Users {
		out = append(out, u.Name)
	}
	return out
}

// names writes n1 n2 n3.
func names(ids []raft.ID) string {
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf("n%d", id))
	}
	return strings.Join(all, " ")
}

// files reads a member's files out.
func (t *talk) files(name string) {
	m := t.which(name)
	if m == nil {
		return
	}
	for _, f := range m.Disk.Files {
		t.sayf("%s: %d bytes written, %d of them on the platter", "%s：已写 %d 字节，其中 %d 已落盘", f.Name, f.Written, f.Synced)
	}
	if m.Store != nil {
		t.sayf("db: %d bytes, %d in use, up to revision %d", "db：%d 字节，使用 %d，到修订 %d",
			m.Store.Size, m.Store.SizeInUse, m.Store.CommittedRevision)
		if m.Store.Pending > 0 {
			t.sayf("%d operations wait in the buffer", "缓冲里有 %d 个操作", m.Store.Pending)
		}
	}
	if m.Disk.Syncing {
		t.say("an fsync is running", "fsync 进行中")
	}
	for i := range m.Disk.Faults {
		t.sayf("fault: %s", "故障：%s", &m.Disk.Faults[i])
	}
}

// leases reads a member's leases out, in order of expiry.
func (t *talk) leases(name string) {
	m := t.which(name)
	if m == nil {
		return
	}
	if m.Leases == nil {
		t.sayf("n%d is down", "n%d 已停机", m.ID)
		return
	}
	list := m.LeaseList(t.s.Now())
	if len(list) == 0 {
		t.sayf("n%d knows no lease", "n%d 没有租约", m.ID)
	}
	for i := range list[:min(len(list), shownLines)] {
		l := &list[i]
		left := fmt.Sprintf(t.pick("%d of %d seconds left", "剩 %d/%d 秒"), l.Remaining, l.TTL)
		if !m.Leases.Primary {
			left = fmt.Sprintf(t.pick("granted %d seconds, not counted here", "授予 %d 秒，这里不计时"), l.TTL)
		}
		if slices.Contains(m.Expiring, l.ID) {
			left = t.pick("over, being revoked", "已到期，正在撤销")
		}
		t.sayf("lease %016x: %s, keys: %s", "租约 %016x：%s，键：%s", uint64(l.ID), left, strings.Join(l.Keys, ", "))
	}
}

// locks reads the locks and elections out that clients want, in the order in which they asked.
func (t *talk) locks() {
	list := t.s.View().Claims()
	if len(list) == 0 {
		t.say("nobody wants a lock", "没有人申请锁")
	}
	for _, o := range list[max(0, len(list)-shownLines):] {
		what := t.pick("lock", "锁")
		if o.Kind != cluster.ClientLock {
			what = t.pick("election", "选举")
		}
		t.sayf("%s %s, c%d %s: %s", "%s %s，c%d %s：%s", what, o.Name(), max(o.Spec.Client, 1), o.Spec.Tag, o.Text())
	}
}
