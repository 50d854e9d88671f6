package script

import (
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// memberSpecs are etcdctl's commands about the membership; set is ours.
var memberSpecs = []*Spec{
	{
		Name: "member add", Usage: "member add [MEMBER] [flags]", Example: "member add n4 --learner",
		parse: onMembership(cluster.ClientMemberAdd), slots: []slot{anything},
		Flags: []Flag{
			{"learner", "", "as a learner: it gets the log and does not count"},
			{"peer-urls", "URL", "where the others will look for it; its own address otherwise"},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help:   "Let a member join the cluster; start it then.",
		HelpZH: "让一个成员加入集群；之后用 start 启动它。",
	},
	{
		Name: "member leave-joint", Usage: "member leave-joint [flags]", Example: "member leave-joint",
		parse: onMembership(cluster.ClientMemberSet), Flags: []Flag{viaFlag, byFlag, userFlag, tagFlag},
		Help:   "End the joint configuration that member set --transition explicit began.",
		HelpZH: "结束 member set --transition explicit 开始的联合配置。",
	},
	{
		Name: "member list", Usage: "member list [flags]", Example: "member list",
		parse: onMembership(cluster.ClientMemberList),
		Flags: []Flag{
			{"consistency", "l|s", "l asks the majority, s the member alone"},
			{"serializable", "", "the same as --consistency s"},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Ask who belongs to the cluster.", HelpZH: "查询集群成员。",
	},
	{
		Name: "member promote", Usage: "member promote MEMBER [flags]", Example: "member promote n4",
		parse: onMembership(cluster.ClientMemberPromote), slots: []slot{aMemberOf},
		Flags: []Flag{viaFlag, byFlag, userFlag, tagFlag},
		Help:  "Let a learner vote from now on.", HelpZH: "让学习者成为有投票权的成员。",
	},
	{
		Name: "member remove", Usage: "member remove MEMBER [flags]", Example: "member remove n3",
		parse: onMembership(cluster.ClientMemberRemove), slots: []slot{aMemberOf},
		Flags: []Flag{viaFlag, byFlag, userFlag, tagFlag},
		Help:  "Let a member leave the cluster for ever.", HelpZH: "让一个成员永远离开集群。",
	},
	{
		Name: "member set", Usage: "member set MEMBER,MEMBER... [flags]", Example: "member set n1,n2,n4",
		parse: onMembership(cluster.ClientMemberSet), slots: []slot{anything},
		Flags: []Flag{
			{
				"transition", "HOW",
				"auto (joint if several change), implicit (always joint), explicit (until member leave-joint)",
			},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Make these the voters, through a joint configuration if several change.", HelpZH: "把投票成员设为这些；变动多于一个时经过联合配置。",
	},
	{
		Name: "member update", Usage: "member update MEMBER --peer-urls URL [flags]",
		Example: "member update n4 --peer-urls http://10.0.0.4:2380",
		parse:   onMembership(cluster.ClientMemberUpdate), slots: []slot{aMemberOf},
		Flags: []Flag{
			{"peer-urls", "URL", "where the others look for it from now on"},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Change the address of a member.", HelpZH: "修改成员的地址。",
	},
}

// leaveJoint is the command that asks for the empty change.
const leaveJoint = "member leave-joint"

// transitions are raftpb's ways into and out of a joint configuration, by number.
var transitions = []string{"auto", "implicit", "explicit"}

// transition reads one of them.
func (r *request) transition(v word) {
	at := slices.Index(transitions, v.text)
	if at < 0 {
		r.unknown(v, "transition", transitions)
		return
	}
	r.op.Member.Transition = raft.ConfChangeTransition(at)
}

// onMembership reads a command about the membership.
func onMembership(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		r := &request{lineParser: p, op: &cluster.OpSpec{Member: &cluster.MemberSpec{}}}
		if kind == cluster.ClientMemberList {
			r.op.Member = nil
		}
		r.read()
		switch kind {
		case cluster.ClientMemberList:
			r.wants(0, 0, "nothing")
		case cluster.ClientMemberSet:
			if p.spec.Name == leaveJoint {
				r.wants(0, 0, "nothing")
				break
			}
			r.voters()
		case cluster.ClientMemberAdd:
			r.wants(0, 1, "a member")
			r.joins()
		default:
			r.wants(1, 1, "a member")
			if r.err == nil {
				r.op.Member.ID = r.memberOf(r.words[0], r.words[0].text)
			}
		}
		if kind == cluster.ClientMemberUpdate && r.err == nil && r.op.Member.Addr == "" {
			r.missing("--peer-urls")
		}
		return world(cluster.Command{Kind: kind, Op: r.op})
	}
}

// joins reads the name of a member that may not exist yet.
func (r *request) joins() {
	if r.err != nil || len(r.words) == 0 {
		return
	}
	r.op.Member.ID = r.anyMember(r.words[0], r.words[0].text)
}

// anyMember resolves a name as memberOf does, of all members that a cluster can ever have.
func (p *lineParser) anyMember(w word, text string) raft.ID {
	nodes := p.nodes
	p.nodes = max(nodes, cluster.MaxNodes)
	id := p.memberOf(w, text)
	p.nodes = nodes
	return id
}

// voters reads who shall vote.
func (r *request) voters() {
	r.wants(1, cluster.MaxNodes, "the members that shall vote")
	for _, w := range r.words {
		for _, text := range strings.Split(w.text, ",") {
			if r.err == nil && text != "" {
				r.op.Member.Voters = appendNew(r.op.Member.Voters, r.anyMember(w, text))
			}
		}
	}
	if r.err == nil && len(r.op.Member.Voters) == 0 { // nothing but commas
		r.fail(r.words[0], "no member is named", "write "+r.spec.Usage)
	}
}

// membershipWords writes such a command.
func membershipWords(c *cluster.Command) []string {
	var words []string
	if s := c.Op.Member; s != nil {
		if len(s.Voters) > 0 {
			words = append(words, strings.Join(memberWords(s.Voters), ","))
		}
		if s.ID != raft.None {
			words = append(words, memberName(s.ID))
		}
		if s.Transition != 0 {
			words = append(words, "--transition", transitions[s.Transition])
		}
		if s.Learner {
			words = append(words, "--learner")
		}
		if s.Addr != "" {
			words = append(words, "--peer-urls", quote(s.Addr))
		}
	}
	return append(words, optionWords(c.Op)...)
}
