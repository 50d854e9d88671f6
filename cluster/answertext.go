package cluster

import (
	"fmt"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// Text is the answer in etcdctl's words, on one line; empty where a revision says it all.
func (o *Op) Text() string {
	switch {
	case o.Claim != nil:
		return o.claimText()
	case o.State != OpDone && !o.streams():
		return ""
	case o.Txn != nil:
		return txnText(o.Txn)
	case o.Lease != nil:
		return o.leaseText()
	case o.Backup != nil:
		return o.Backup.text()
	case o.Members != nil:
		return membersText(o.Members)
	case o.Status != nil:
		return o.Status.text()
	case o.HashKV != nil:
		return fmt.Sprintf("%s, %d, %d", name(o.Via), o.HashKV.Hash, o.HashKV.Revision)
	}
	switch o.Kind {
	case ClientGet:
		return o.found()
	case ClientDelete:
		return plural(int(o.Count), "key", "keys") + " deleted"
	case ClientCompact:
		return "compacted revision " + fmt.Sprint(o.Compacted)
	case LeaseList:
		return leasesText(o.Leases)
	case AlarmList, AlarmDisarm:
		return alarmsText(o.Alarms)
	case ClientAuth:
		return o.authText()
	case Defrag:
		return fmt.Sprintf("Finished defragmenting etcd member[%s]. took %v", name(o.Via), o.Returned-o.Called)
	}
	return ""
}

// found is what a get brought: keys with their values, the first few of many.
func (o *Op) found() string {
	const most = 4
	switch {
	case o.Count == 0, o.Part != 0 && len(o.KVs) == 0:
		return "no such key"
	case len(o.KVs) == 0:
		return plural(int(o.Count), "key", "keys")
	case len(o.KVs) > most:
		return pairs(o.KVs[:most]) + fmt.Sprintf(" and %d more", len(o.KVs)-most)
	}
	return pairs(o.KVs)
}

// leaseName is a lease's ID as etcdctl writes it.
func leaseName[T ~int64](id T) string { return fmt.Sprintf("%016x", uint64(id)) }

func (o *Op) leaseText() string {
	l := o.Lease
	id := leaseName(l.ID)
	switch {
	case o.Kind == LeaseGrant:
		return fmt.Sprintf("lease %s granted with TTL(%ds)", id, l.TTL)
	case o.Kind == LeaseRevoke:
		return fmt.Sprintf("lease %s revoked", id)
	case o.Kind == LeaseKeepAlive && l.TTL > 0:
		return fmt.Sprintf("lease %s keepalived with TTL(%d)", id, l.TTL)
	case o.Kind == LeaseKeepAlive:
		return fmt.Sprintf("lease %s expired or revoked.", id)
	case l.TTL < 0:
		return fmt.Sprintf("lease %s already expired", id)
	case o.Spec.Keys:
		return fmt.Sprintf("lease %s granted with TTL(%ds), remaining(%ds), attached keys(%v)", id, l.Granted, l.TTL, l.Keys)
	}
	return fmt.Sprintf("lease %s granted with TTL(%ds), remaining(%ds)", id, l.Granted, l.TTL)
}

func leasesText[T ~int64](ids []T) string {
	out := []string{fmt.Sprintf("found %d leases", len(ids))}
	for _, id := range ids {
		out = append(out, leaseName(id))
	}
	return strings.Join(out, " ")
}

func alarmsText(alarms []Alarm) string {
	var out []string
	for _, a := range alarms {
		out = append(out, fmt.Sprintf("memberID:%d alarm:%v", uint64(a.Member), a.Kind))
	}
	return strings.Join(out, ", ")
}

// text is the line of endpoint status: endpoint, size, size in use, quota, leads, learns, term, index, applied, errors.
func (s *Status) text() string {
	return fmt.Sprintf("%s, %s, %s, %s, %v, %v, %d, %d, %d, %s", name(s.ID), bytesText(s.Size), bytesText(s.SizeInUse),
		bytesText(s.Quota), s.Leader == s.ID, s.Learner, s.Term, s.Commit, s.Applied, strings.Join(s.Errors, ", "))
}

// membersText lists members as etcdctl member list does: name, started or not, peer URLs, whether it learns.
func membersText(members []mvcc.Member) string {
	out := make([]string, len(members))
	for i, m := range members {
		state, role := "started", "voter"
		if m.Name == "" {
			state = "unstarted"
		}
		if m.IsLearner {
			role = "learner"
		}
		out[i] = fmt.Sprintf("%s %s %s %s", name(raft.ID(m.ID)), state, strings.Join(m.PeerURLs, " "), role)
	}
	return strings.Join(out, ", ")
}

// bytesText is a size as etcdctl writes it: 20 kB, 2.1 GB.
func bytesText(n int64) string {
	if n < 0 {
		return "none"
	}
	unit, value := 0, float64(n)
	for value >= 1000 && unit < 3 {
		unit, value = unit+1, value/1000
	}
	format := "%.0f %s"
	if value < 10 && unit > 0 {
		format = "%.1f %s"
	}
	return fmt.Sprintf(format, value, [...]string{"B", "kB", "MB", "GB"}[unit])
}

// txnText is what etcdctl prints of a transaction.
func txnText(r *mvcc.TxnResult) string {
	out := []string{"FAILURE"}
	if r.Succeeded {
		out[0] = "SUCCESS"
	}
	for i := range r.Results {
		switch one := &r.Results[i]; {
		case one.Put != nil:
			out = append(out, "OK")
		case one.Delete != nil:
			out = append(out, fmt.Sprint(one.Delete.Deleted))
		case one.Range != nil:
			out = append(out, pairs(one.Range.KVs))
		case one.Txn != nil:
			out = append(out, "("+txnText(one.Txn)+")")
		}
	}
	return strings.Join(out, ", ")
}

// shortened is as much of a value as an answer shows.
func shortened(value []byte) []byte {
	const most = 60
	if len(value) <= most {
		return value
	}
	return append(value[:most:most], "..."...)
}

func pairs(kvs []mvcc.KeyValue) string {
	out := make([]string, len(kvs))
	for i := range kvs {
		out[i] = fmt.Sprintf("%q=%q", kvs[i].Key, shortened(kvs[i].Value))
	}
	return "[" + strings.Join(out, " ") + "]"
}
