package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// eventNames are the names that cluster.Event.Names gives, in the order of the reference page.
var eventNames = []struct {
	what  string
	names []string
}{
	{"what a member did", []string{
		"timeout", "timer_reset", "pre_candidate", "candidate", "elected", "stepdown", "term", "leader_known",
		"vote_granted", "vote_rejected", "vote_counted", "propose", "forward", "dropped", "append_ok",
		"append_rejected", "truncate", "match_updated", "backtrack", "commit_advanced", "commit_held", "ignored",
		"read_index", "durable", "quorum_lost", "violation", "snapshot_installed", "snapshot_refused", "compacted",
		"progress", "conf_changed", "conf_rejected", "transfer",
	}},
	{"what a member sent", []string{
		"request_vote", "request_prevote", "append_sent", "heartbeat_sent",
		"snapshot_sent",
	}},
	{"what happened in the world", []string{
		"tick", "deliver", "handle", "lost", "wal_write", "fsync_start", "fsync_done", "apply", "batch_start",
		"batch_commit", "watch_sync", "watch_event", "client_request", "client_response", "client_timeout", "command",
		"lease_check", "lease_expire", "compact_batch", "defrag_step", "peer_request", "peer_response", "keepalive_due",
		"auto_compact", "corrupt_check", "snapshot_received", "snapshot_install", "snapshot_file", "snapshot_done",
		"peer_report", "member_stop", "file_purge", "progress_request", "restore_step", "initial_check",
	}},
	{"what became of a lock or an election", []string{
		"lock_waits", "lock_held", "lock_released", "lock_lost", "lock_refused",
	}},
	{"what somebody ordered", []string{
		"crash", "poweroff", "restart", "pause", "resume", "campaign", "cut", "heal", "partition", "isolate", "delay",
		"drop", "dup", "hold", "release", "timer", "align", "spread", "put", "get", "delete", "watch", "unwatch",
		"rule", "move_leader", "txn", "compact", "lease_grant", "lease_revoke", "keepalive", "timetolive", "lease_list",
		"alarm_list", "alarm_disarm", "defrag", "endpoint_status", "endpoint_hashkv", "clock", "flag",
		"member_add", "member_remove", "member_promote", "member_update", "member_set", "member_list",
		"snapshot_save", "disk", "slow_disk", "wipe", "slow_watch", "fast_watch", "watch_progress", "auth",
		"lock", "unlock", "elect", "proclaim", "resign", "observe", "client_pause", "client_resume",
	}},
}

// EventNames lists the names of events that count and ticks_since know, sorted.
func EventNames() []string {
	var out []string
	for _, group := range eventNames {
		out = append(out, group.names...)
	}
	slices.Sort(out)
	return out
}

// filterKeys are the names of filters, sorted.
var filterKeys = []string{"by", "from", "index", "kind", "reason", "term", "text", "to"}

// eventQuery is an event's name with filters. Members are numbers as in node arguments; 0 filters nothing.
type eventQuery struct {
	name             string
	by, from, to     int
	term, index      int
	reason, text     string
	kind             raft.MessageType
	filters, leading bool // any filter at all; one that names the leader
}

// events resolves count(EVENT, filters...) and its like into one constant.
func (r *resolver) events(f *function, n *ast.CallNode) ast.Node {
	if len(n.Arguments) == 0 {
		r.fail(n, f.name+" needs an event", "write "+f.usage())
		return n
	}
	q := &eventQuery{}
	first := n.Arguments[0]
	if call, ok := first.(*ast.CallNode); ok { // append_ok(n2): the event names its member
		if name, ok := call.Callee.(*ast.IdentifierNode); ok && len(call.Arguments) == 1 {
			r.filterBy(q, call.Arguments[0])
			first = located(&ast.StringNode{Value: name.Value}, call)
		}
	}
	name, _ := r.closed(first, "event", EventNames()).(*ast.StringNode)
	if name == nil {
		return n
	}
	q.name = name.Value
	for _, arg := range n.Arguments[1:] {
		r.filter(q, arg)
	}
	r.leader = r.leader || q.leading
	return r.invoke(f.name, n, located(&ast.ConstantNode{Value: q}, n))
}

// filter reads one filter: by=n1, {by: n1}, "by=n1 to=n2", or a member alone.
func (r *resolver) filter(q *eventQuery, n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if key, ok := n.Left.(*ast.IdentifierNode); ok && n.Operator == "^" {
			r.setFilter(q, n.Left, key.Value, n.Right)
			return
		}
	case *ast.MapNode:
		for _, pair := range n.Pairs {
			p, ok := pair.(*ast.PairNode)
			if !ok {
				continue
			}
			if key, ok := p.Key.(*ast.StringNode); ok {
				r.setFilter(q, p.Key, key.Value, p.Value)
			}
		}
		return
	case *ast.StringNode:
		for _, word := range strings.Fields(n.Value) {
			key, value, _ := strings.Cut(word, "=")
			r.setFilter(q, n, key, located(&ast.IdentifierNode{Value: value}, n))
		}
		return
	case *ast.IdentifierNode:
		r.filterBy(q, n)
		return
	}
	r.fail(n, "this is not a filter", "write by=n1 or another of "+strings.Join(filterKeys, ", "))
}

func (r *resolver) filterBy(q *eventQuery, n ast.Node) {
	r.setFilter(q, n, "by", n)
}

func (r *resolver) setFilter(q *eventQuery, at ast.Node, key string, value ast.Node) {
	q.filters = true
	switch key {
	case "by":
		q.by = r.filterMember(q, value)
	case "from":
		q.from = r.filterMember(q, value)
	case "to":
		q.to = r.filterMember(q, value)
	case "term":
		q.term = r.filterNumber(value)
	case "index":
		q.index = r.filterNumber(value)
	case "reason":
		q.reason = strings.ReplaceAll(r.filterText(value), "_", "-")
	case "text":
		q.text = r.filterText(value)
	case "kind":
		q.kind = r.kind(value)
	default:
		r.unknown(at, "filter", key, filterKeys)
	}
}

func (r *resolver) filterMember(q *eventQuery, n ast.Node) int {
	if id, ok := n.(*ast.IdentifierNode); ok {
		if number, isMember := memberNumber(id.Value); isMember {
			return number
		}
		if id.Value == "leader" {
			q.leading = true
			return leaderNode
		}
		r.unknown(n, "member", id.Value, append(memberNames(cluster.MaxNodes), "leader"))
		return 0
	}
	r.fail(n, "this is not a member", "write n1 to n9 or leader")
	return 0
}

func (r *resolver) filterNumber(n ast.Node) int {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value
	case *ast.IdentifierNode: // out of a filter in quotes
		if v, err := strconv.Atoi(n.Value); err == nil {
			return v
		}
	}
	r.fail(n, "this is not a number", "write for example term=2")
	return 0
}

func (r *resolver) filterText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.IdentifierNode:
		return n.Value
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value)
	}
	r.fail(n, "this is not text", `write for example reason=log or text="x 1"`)
	return ""
}

// occurrence is one time that an event carries a name, with what filters look at.
type occurrence struct {
	by, from, to raft.ID
	peer         raft.ID
	term         raft.Term
	index        raft.Index
	kind         raft.MessageType
	rule         *raft.Rule
	texts        func(text string) bool // nil: no text
}

// countAll counts over the history. An event may stand in the list once for every time it carries the name.
func (q *eventQuery) countAll(s *scene) int {
	n, before := 0, (*cluster.Event)(nil)
	for _, e := range s.world.EventsNamed(q.name) {
		if e != before {
			n += q.count(s, e)
		}
		before = e
	}
	return n
}

// count is how often e carries the name and passes the filters.
func (q *eventQuery) count(s *scene, e *cluster.Event) int {
	n := 0
	add := func(o *occurrence) {
		if q.matches(s, o) {
			n++
		}
	}
	if e.Kind.String() == q.name {
		add(ofKind(e))
	}
	if e.Command != nil && e.Command.Kind.String() == q.name {
		n += q.countCommand(s, e.Command)
	}
	for i := range e.Facts {
		if f := &e.Facts[i]; f.Kind.String() == q.name {
			add(&occurrence{
				by: e.Member, peer: f.Peer, term: f.Term, index: f.Index, rule: f.Rule, texts: textAt(s, e, f.Index),
			})
		}
	}
	for _, m := range e.Sent {
		if q.matches(s, ofMessage(m, m.From)) && sentName(m) == q.name {
			n++
		}
	}
	return n
}

func ofKind(e *cluster.Event) *occurrence {
	o := &occurrence{by: e.Member, term: e.Term, index: e.Index}
	if e.Msg != nil {
		o = ofMessage(e.Msg, e.Member)
	}
	messageTexts := o.texts
	o.texts = func(text string) bool {
		return strings.Contains(e.Note, text) || messageTexts != nil && messageTexts(text)
	}
	return o
}

func ofMessage(m *cluster.Message, by raft.ID) *occurrence {
	texts := func(text string) bool {
		return slices.ContainsFunc(m.Entries, func(e raft.Entry) bool { return strings.Contains(entryText(e.Data), text) })
	}
	return &occurrence{by: by, from: m.From, to: m.To, term: m.Term, index: m.Index, kind: m.Type, texts: texts}
}

// textAt looks at the entry that a fact is about, in the log of the member as it is in this moment.
func textAt(s *scene, e *cluster.Event, index raft.Index) func(string) bool {
	return func(text string) bool {
		m := s.view.Member(uint64(e.Member))
		if m == nil || index == 0 {
			return false
		}
		entry, ok := m.Raft.Entry(index)
		return ok && strings.Contains(entryText(entry.Data), text)
	}
}

// countCommand counts a command once, whatever number of members it names.
func (q *eventQuery) countCommand(s *scene, c *cluster.Command) int {
	by := c.Members
	if len(by) == 0 {
		by = []raft.ID{c.From}
	}
	if c.Op != nil {
		by = []raft.ID{c.Op.Via}
	}
	for _, id := range by {
		o := occurrence{
			by: id, from: c.From, to: c.To,
			texts: func(text string) bool { return strings.Contains(c.Text, text) },
		}
		if len(c.Types) > 0 {
			o.kind = c.Types[0]
		}
		if q.matches(s, &o) {
			return 1
		}
	}
	return 0
}

// matches says whether an occurrence passes every filter. Facts know one peer: it counts as from and as to.
func (q *eventQuery) matches(s *scene, o *occurrence) bool {
	return s.same(q.by, o.by) &&
		(s.same(q.from, o.from) || o.from == 0 && s.same(q.from, o.peer)) &&
		(s.same(q.to, o.to) || o.to == 0 && s.same(q.to, o.peer)) &&
		(q.term == 0 || raft.Term(q.term) == o.term) &&
		(q.index == 0 || raft.Index(q.index) == o.index) &&
		(q.kind == 0 || q.kind == o.kind) &&
		(q.reason == "" || o.rule != nil && strings.Contains(o.rule.ID, q.reason)) &&
		(q.text == "" || o.texts != nil && o.texts(q.text))
}

// same says whether a filter (0: none) names id.
func (s *scene) same(filter int, id raft.ID) bool {
	if filter == leaderNode {
		m := s.view.Leader()
		return m != nil && m.ID == id
	}
	return filter == 0 || raft.ID(filter) == id
}

// sentName is the name under which the sending of a message is counted.
func sentName(m *cluster.Message) string {
	e := cluster.Event{Sent: []*cluster.Message{m}}
	names := e.Names(nil)
	return names[len(names)-1]
}

// String is the query as it could be written.
func (q *eventQuery) String() string { return fmt.Sprintf("event %s", q.name) }
