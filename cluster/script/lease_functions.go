package script

import (
	"slices"
	"strconv"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// leaseObject is what lease answers.
type leaseObject struct {
	Alive     bool     `expr:"alive"`
	TTL       int      `expr:"ttl"`
	Remaining int      `expr:"remaining"`
	Keys      []string `expr:"keys"`
}

var alarmNames = []string{"CORRUPT", "NOSPACE"}

var leaseFunctions = []function{
	{
		name: "alarm", params: []param{aText}, result: false, example: "not alarm(NOSPACE)",
		help: "Whether an alarm of this kind stands on a member that is up: NOSPACE or CORRUPT.",
		call: func(s *scene, a []any) (any, error) {
			kind := slices.Index(alarmNames, a[0].(string))
			if kind < 0 {
				return nil, errMissing
			}
			return slices.ContainsFunc(s.view.Members, func(m *cluster.MemberView) bool {
				return m.Up && slices.ContainsFunc(m.Alarms, func(x cluster.Alarm) bool {
					return x.Kind.String() == alarmNames[kind]
				})
			}), nil
		},
	},
	{
		name: "db_in_use", params: []param{aNode}, result: 0, example: "db_in_use(n1) <= db_size(n1)",
		help: "The part of the member's db file that rows need, in bytes.",
		call: ofStore(func(v *mvcc.View) int { return int(v.SizeInUse) }),
	},
	{
		name: "db_size", params: []param{aNode}, result: 0, example: "db_size(n1) >= 20480",
		help: "The size of the member's db file, in bytes.",
		call: ofStore(func(v *mvcc.View) int { return int(v.Size) }),
	},
	{
		name: "hash", params: []param{aNode}, result: 0, example: "hash(n1) == hash(n2)",
		help: "A fingerprint of the member's keys with their history: equal where the same was applied.",
		call: ofStore(func(v *mvcc.View) int { return int(v.Digest >> 12) }),
	},
	{
		name: "lease", params: []param{aText}, result: (*leaseObject)(nil), example: "lease(l).remaining >= 1",
		help: "The lease with this tag of its grant, or this ID in hex, as the leader sees it: alive, ttl and " +
			"remaining (seconds), keys.",
		call: func(s *scene, a []any) (any, error) { return s.lease(a[0].(string)) },
	},
}

// lease describes a lease that was granted; one that has ended is not alive.
func (s *scene) lease(name string) (any, error) {
	lead := s.view.Leader()
	if lead == nil {
		return nil, errMissing
	}
	id, err := strconv.ParseInt(name, 16, 64)
	if op := s.view.OpTagged(name); op != nil && op.Kind == cluster.LeaseGrant && op.Lease != nil {
		id, err = int64(op.Lease.ID), nil
	}
	if err != nil {
		return nil, errMissing
	}
	for _, l := range lead.LeaseList(s.view.At) {
		if int64(l.ID) == id {
			return &leaseObject{true, int(l.TTL), int(l.Remaining), append([]string{}, l.Keys...)}, nil
		}
	}
	return &leaseObject{}, nil
}
