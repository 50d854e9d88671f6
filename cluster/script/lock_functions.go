package script

import (
	"cmp"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// claimObject is what claim answers.
type claimObject struct {
	State    string `expr:"state"`
	Key      string `expr:"key"`
	Token    int    `expr:"token"`
	Behind   string `expr:"behind"`
	WaitsFor string `expr:"waits_for"`
	Value    string `expr:"value"`
	Client   int    `expr:"client"`
	Over     bool   `expr:"over"`
	Exists   bool   `expr:"exists"`
	Requests int    `expr:"requests"`
}

// queueObject is what lock and election answer.
type queueObject struct {
	Holder    int    `expr:"holder"`
	Leader    int    `expr:"leader"` // the same: of an election one says so
	Token     int    `expr:"token"`
	Value     string `expr:"value"`
	Waiters   []int  `expr:"waiters"`
	Believers []int  `expr:"believers"`
}

const queueHelp = "as the keys in the store of the cluster's leader say: holder (or leader; 0 is nobody, -1 somebody " +
	"unknown), token (create revision of his key), value, waiters (in order); and believers, who believe that they " +
	"hold it."

var claimFunctions = []function{
	{
		name: "claim", params: []param{aText}, result: (*claimObject)(nil), example: "claim(a).token < claim(b).token",
		partWords: map[string][]string{"state": cluster.ClaimStates()},
		help: "The lock, the election or the observation with this tag, as its client sees it: state, key, token (create " +
			"revision of the key), behind (the key that it waits for), waits_for (the tag of that key's owner), value, " +
			"client, over (it knows that its session has ended), requests; and exists: the cluster's leader has its key.",
		call: func(s *scene, a []any) (any, error) {
			o := s.claim(a[0].(string))
			if o == nil {
				return nil, errMissing
			}
			return s.claimOf(o), nil
		},
	},
	{
		name: "election", params: []param{aText}, result: (*queueObject)(nil), example: "election(e).leader == c1",
		help: "The election of this name, " + queueHelp,
		call: func(s *scene, a []any) (any, error) { return s.queue(a[0].(string)) },
	},
	{
		name: "holds", params: []param{aText}, result: false, example: "holds(a) and not holds(b)",
		help: "Whether the client of the lock, or of the election, with this tag believes that it holds it.",
		call: func(s *scene, a []any) (any, error) {
			o := s.claim(a[0].(string))
			return o != nil && o.Held(), nil
		},
	},
	{
		name: "lock", params: []param{aText}, result: (*queueObject)(nil),
		example: "lock(l).holder == c2 and size(lock(l).waiters) == 1",
		help:    "The lock of this name, " + queueHelp,
		call:    func(s *scene, a []any) (any, error) { return s.queue(a[0].(string)) },
	},
	{
		name: "waits_for", params: []param{aText}, result: "", example: "waits_for(b) == \"a\"",
		help: "The tag of the lock or of the election whose key the one with this tag waits for; missing when it does not.",
		call: func(s *scene, a []any) (any, error) {
			o := s.claim(a[0].(string))
			if o == nil || o.Claim.Behind == "" {
				return nil, errMissing
			}
			return s.claimOf(o).WaitsFor, nil
		},
	},
}

// claim is the newest lock, election or observation with a tag, or nil.
func (s *scene) claim(tag string) *cluster.Op {
	if o := s.view.OpTagged(tag); o != nil && o.Claim != nil {
		return o
	}
	return nil
}

func (s *scene) claimOf(o *cluster.Op) *claimObject {
	l := o.Claim
	out := &claimObject{
		State: l.State.String(), Key: l.Key, Token: int(l.Token), Behind: l.Behind, Value: l.Value,
		Client: clientOf(o), Over: l.Over, Requests: l.Asked,
	}
	if other := s.view.WaitsFor(o); other != nil && other != o {
		out.WaitsFor = other.Spec.Tag
	}
	if lead := s.view.Leader(); lead != nil && lead.Store != nil {
		_, out.Exists = lead.Store.Get(l.Key, 0)
	}
	return out
}

func clientOf(o *cluster.Op) int { return max(o.Spec.Client, 1) }

// queue is who wants a name, by the keys that the leader's store has, and who believes to have it.
func (s *scene) queue(name string) (any, error) {
	lead := s.view.Leader()
	if lead == nil || lead.Store == nil {
		return nil, errMissing
	}
	out := &queueObject{Waiters: []int{}, Believers: []int{}}
	for i, kv := range keysUnder(lead.Store, name+"/") {
		if client := s.owner(kv.Key); i > 0 {
			out.Waiters = append(out.Waiters, client)
		} else {
			out.Holder, out.Leader, out.Token, out.Value = client, client, int(kv.CreateRevision), string(kv.Value)
		}
	}
	for _, o := range s.view.Claims() {
		if o.Held() && o.Name() == name {
			out.Believers = append(out.Believers, clientOf(o))
		}
	}
	return out, nil
}

// keysUnder lists the keys with a prefix in the order of their creation.
func keysUnder(v *mvcc.View, prefix string) (out []mvcc.KeyValue) {
	for _, h := range v.Keys(v.Len()) {
		if !strings.HasPrefix(h.Key, prefix) {
			continue
		}
		if kv, ok := v.Get(h.Key, 0); ok {
			out = append(out, kv)
		}
	}
	slices.SortStableFunc(out, func(a, b mvcc.KeyValue) int { return cmp.Compare(a.CreateRevision, b.CreateRevision) })
	return out
}

// owner is the client whose key it is; -1 is none that is known.
func (s *scene) owner(key []byte) int {
	for _, o := range s.view.Claims() {
		if o.Kind != cluster.ClientObserve && o.Claim.Key == string(key) {
			return clientOf(o)
		}
	}
	return -1
}
