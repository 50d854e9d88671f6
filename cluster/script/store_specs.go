package script

import "etcdscope/cluster"

// askFlags are the options of every request.
var askFlags = []Flag{viaFlag, byFlag, userFlag, tagFlag}

func withAsk(flags ...Flag) []Flag { return append(flags, askFlags...) }

// storeSpecs are etcdctl's commands about transactions and leases.
var storeSpecs = []*Spec{
	{
		Name: "lease grant", Usage: "lease grant SECONDS [flags]", Example: "lease grant 60 --tag l",
		parse: onLease(cluster.LeaseGrant), slots: []slot{anything}, Flags: askFlags,
		Help: "Make a lease; keys that are put with it die with it.", HelpZH: "创建租约；带租约写入的键随它一起消失。",
	},
	{
		Name: "lease keep-alive", Usage: "lease keep-alive LEASE [flags]", Example: "lease keep-alive l --tag k",
		parse: onLease(cluster.LeaseKeepAlive), slots: []slot{aLease},
		Flags: withAsk(Flag{"once", "", "renew once, not until unwatch TAG"}),
		Help:  "Renew a lease, named by the tag of its grant or by its ID.", HelpZH: "为租约续约；租约用创建时的标签或 ID 指代。",
	},
	{
		Name: "lease list", Usage: "lease list [flags]", Example: "lease list", parse: onLease(cluster.LeaseList),
		Flags: askFlags, Help: "Ask which leases there are.", HelpZH: "列出所有租约。",
	},
	{
		Name: "lease revoke", Usage: "lease revoke LEASE [flags]", Example: "lease revoke l",
		parse: onLease(cluster.LeaseRevoke), slots: []slot{aLease}, Flags: askFlags,
		Help: "End a lease and delete its keys.", HelpZH: "撤销租约并删除它的键。",
	},
	{
		Name: "lease timetolive", Usage: "lease timetolive LEASE [flags]", Example: "lease timetolive l --keys",
		parse: onLease(cluster.LeaseTimeToLive), slots: []slot{aLease},
		Flags: withAsk(Flag{"keys", "", "with the keys of the lease"}),
		Help:  "Ask how long a lease has left.", HelpZH: "查询租约的剩余时间。",
	},
	{
		Name: "txn", Usage: "txn [if COMPARE [and COMPARE]...] [then OP [; OP]...] [else OP [; OP]...] [flags]",
		Example: `txn if mod(x) = 2 then put x 3; get y else get x --tag t`, parse: parseTxn, Flags: askFlags,
		Help: "Do operations as one revision if conditions hold, else others; in parentheses, a transaction is an " +
			"operation.",
		HelpZH: "条件成立时原子地执行一组操作，否则执行另一组；括号里的事务也是一个操作。",
	},
}

// upkeepSpecs are etcdctl's commands about maintenance, and two of ours: clock and flag.
var upkeepSpecs = []*Spec{
	{
		Name: "alarm disarm", Usage: "alarm disarm [flags]", Example: "alarm disarm --by c2",
		parse: onNothing(cluster.AlarmDisarm), Flags: askFlags, Help: "Take all alarms back.", HelpZH: "解除所有告警。",
	},
	{
		Name: "alarm list", Usage: "alarm list [flags]", Example: "alarm list", parse: onNothing(cluster.AlarmList),
		Flags: askFlags, Help: "Ask which alarms stand.", HelpZH: "查看当前的告警。",
	},
	{
		Name: "clock", Usage: "clock MEMBER RATE", Example: "clock n1 2.0", parse: parseClock,
		slots:  []slot{aMemberOf, anything},
		Help:   "Let members' clocks run fast (2.0), slow (0.5), true (1) or not at all (0).",
		HelpZH: "让成员的时钟变快（2.0）、变慢（0.5）、正常（1）或停住（0）。",
	},
	{
		Name: "compact", Aliases: []string{"compaction"}, Usage: "compact REVISION|now [flags]",
		Example: "compact 10 --physical", parse: parseCompact,
		Flags: withAsk(Flag{"physical", "", "answer when the old revisions are deleted from the file"}),
		Help:  "Give up the history before a revision.", HelpZH: "放弃某个修订版本之前的历史。",
	},
	{
		Name: "defrag", Usage: "defrag " + memberList + " [flags]", Example: "defrag n2",
		parse: onEndpoints(cluster.Defrag), slots: []slot{aMemberOf}, Flags: []Flag{byFlag, userFlag, tagFlag},
		Help:   "Let members rewrite their files without free pages; each serves nobody meanwhile.",
		HelpZH: "让成员重写数据库文件以收回空闲页；其间该成员不提供服务。",
	},
	{
		Name: "endpoint hashkv", Usage: "endpoint hashkv [MEMBER...] [flags]", Example: "endpoint hashkv n1 n2 --rev 7",
		parse: onEndpoints(cluster.EndpointHashKV), slots: []slot{aMemberOf},
		Flags: []Flag{revFlag, byFlag, userFlag, tagFlag},
		Help:  "Ask members, or all of them, for the hash of their keys.", HelpZH: "询问部分或全部成员的键的哈希。",
	},
	{
		Name: "endpoint status", Usage: "endpoint status [MEMBER...] [flags]", Example: "endpoint status",
		parse: onEndpoints(cluster.EndpointStatus), slots: []slot{aMemberOf}, Flags: []Flag{byFlag, userFlag, tagFlag},
		Help: "Ask members, or all of them, how they are.", HelpZH: "询问部分或全部成员的状态。",
	},
	{
		Name: "flag", Usage: "flag NAME VALUE", Example: "flag quota-backend-bytes 65536", parse: parseFlag,
		slots:  []slot{aFlag, anything},
		Help:   "Give all members another value for one of etcd's command-line flags, at once.",
		HelpZH: "立即为所有成员设置 etcd 的一个命令行参数。",
	},
}
