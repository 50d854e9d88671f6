package cluster

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// restoreAlarm reads a row of the bucket of alarms.
func (m *member) restoreAlarm(key, _ []byte) error {
	var row pb.AlarmMember
	if err := proto.Unmarshal(key, &row); err != nil {
		return fmt.Errorf("alarm row %x: %w", key, err)
	}
	m.setAlarm(Alarm{Member: raft.ID(row.MemberID), Kind: AlarmKind(row.Alarm)})
	return nil
}

// alarmRow is the key under which an alarm is kept; the row has no value.
func alarmRow(a Alarm) string {
	row := &pb.AlarmMember{MemberID: uint64(a.Member), Alarm: pb.AlarmType(a.Kind)}
	key, _ := proto.MarshalOptions{Deterministic: true}.Marshal(row) // two numbers: nothing can fail
	return string(key)
}

func (u *upkeep) setAlarm(a Alarm) bool {
	if slices.Contains(u.alarms, a) {
		return false
	}
	u.alarms = append(slices.Clip(u.alarms), a)
	slices.SortFunc(u.alarms, func(a, b Alarm) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Member, b.Member))
	})
	return true
}

// alarmed says whether an alarm of a kind stands, whomever it is about.
func (u *upkeep) alarmed(k AlarmKind) bool {
	return slices.ContainsFunc(u.alarms, func(a Alarm) bool { return a.Kind == k })
}

// raise is an alarm that was applied: it stands on every member, and survives restarts. It is false when it stood.
func (m *member) raise(a Alarm) bool {
	if !m.setAlarm(a) {
		return false
	}
	m.store.SetRow(mvcc.BucketAlarm, alarmRow(a), []byte{})
	return true
}

// disarm takes an alarm back; it is false when there was none.
func (m *member) disarm(a Alarm) bool {
	i := slices.Index(m.alarms, a)
	if i < 0 {
		return false
	}
	m.alarms = slices.Delete(slices.Clone(m.alarms), i, i+1)
	m.store.DeleteRow(mvcc.BucketAlarm, alarmRow(a))
	return true
}

// activation is the request that raises an alarm.
func activation(a Alarm) *pb.InternalRaftRequest {
	return &pb.InternalRaftRequest{Alarm: &pb.AlarmRequest{
		Action: pb.AlarmRequest_ACTIVATE, MemberID: uint64(a.Member), Alarm: pb.AlarmType(a.Kind),
	}}
}

// alarmRequest asks for all alarms, or takes back the next one of those that the client was told of.
func (o *Op) alarmRequest() *pb.AlarmRequest {
	if o.Kind == AlarmList || len(o.standing) == 0 {
		return &pb.AlarmRequest{Action: pb.AlarmRequest_GET}
	}
	a := o.standing[0]
	return &pb.AlarmRequest{
		Action: pb.AlarmRequest_DEACTIVATE, MemberID: uint64(a.Member), Alarm: pb.AlarmType(a.Kind),
	}
}

// alarm applies a request about alarms. All of them, also the question, go through the log.
func (m *member) alarm(r *pb.AlarmRequest, e *Event) *reply {
	out := &reply{rev: m.store.Revision()}
	a := Alarm{Member: raft.ID(r.MemberID), Kind: AlarmKind(r.Alarm)}
	switch r.Action {
	case pb.AlarmRequest_GET:
		out.Alarms = slices.Clone(m.alarms)
	case pb.AlarmRequest_ACTIVATE:
		if m.raise(a) {
			e.Note = fmt.Sprintf("alarm %v of %s", a.Kind, name(a.Member))
		}
		out.Alarms = []Alarm{a}
	case pb.AlarmRequest_DEACTIVATE:
		if m.disarm(a) {
			e.Note = fmt.Sprintf("alarm %v of %s is taken back", a.Kind, name(a.Member))
			out.Alarms = []Alarm{a}
		}
	}
	return out
}

// disarmNext lets a client that takes all alarms back send its next request; it is false when none is left. As
// etcdctl does, it asks which alarms stand, and then takes back one after the other.
func (c *Cluster) disarmNext(i int, r *reply, e *Event) bool {
	o := c.ops[i]
	rest := r.Alarms
	if o.listed {
		rest = o.standing[1:]
	}
	if o.Kind != AlarmDisarm || r.err != "" || len(rest) == 0 {
		return false
	}
	c.update(i, func(o *Op) {
		if o.listed {
			o.Alarms = append(slices.Clip(o.Alarms), r.Alarms...)
		}
		o.standing, o.listed = rest, true
	})
	e.Answer = "left to disarm: " + alarmsText(rest)
	c.post(o.ID, o.Via, c.config.Timing.Client, e.ID)
	return true
}
