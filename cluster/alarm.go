package cluster

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/mvcc"
	"etcdscope/raft"
)

// restoreAlarm reads a row of the bucket of alarms.
func (m *member) restoreAlarm(key, _ []byte) error {
	var row etcdserverpb.AlarmMember
	if err := proto.Unmarshal(key, &row); err != nil {
		return fmt.Errorf("alarm row %x: %w", key, err)
	}
	m.setAlarm(Alarm{Member: raft.ID(row.MemberID), Kind: AlarmKind(row.Alarm)})
	return nil
}

// alarmRow is the key under which an alarm is kept; the row has no value.
func alarmRow(a Alarm) string {
	row := &etcdserverpb.AlarmMember{MemberID: uint64(a.Member), Alarm: etcdserverpb.AlarmType(a.Kind)}
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

// raise is an alarm that was applied: it stands on every member, and survives restarts.
func (m *member) raise(a Alarm) {
	if m.setAlarm(a) {
		m.store.SetRow(mvcc.BucketAlarm, alarmRow(a), []byte{})
	}
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
