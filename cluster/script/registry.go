package script

import (
	"slices"
	"strings"

	"etcdscope/cluster"
)

// Groups lists the groups of commands in the order of the reference page.
func Groups() []string {
	return []string{"time", "nodes", "network", "timers", "clients", "admin", "session"}
}

// slot is what may stand at a place of a line, for completion.
type slot uint8

const (
	anything  slot = iota // nothing that could be listed
	aMemberOf             // n1, leader, all
	anEnd                 // one end of a link, or the arrow of both: n1, any, n1->n2
	aMessage              // #17
	aLink                 // #17 or n1->n2
	aHeld                 // as aLink, of messages that are held
	aKind                 // append
	aTag                  // tag of a watch
	aCommand              // a command's name
	aRuleName             // a rule's name
	onOrOff               // on, off
	aGroup                // n1, and / between groups
	anUntil               // until
	aDiskVerb             // fill
	aDiskFile             // wal
	aLease                // the tag of a grant
	aFlag                 // one of etcd's flags
	aClient               // c1
	aClaim                // the tag of a lock or an election
	aUser                 // a user's name
	aRole                 // a role's name
	anAccess              // read
)

// flags that several requests share.
var (
	prefixFlag  = Flag{"prefix", "", "all keys that begin with KEY"}
	fromKeyFlag = Flag{"from-key", "", "all keys from KEY on, in byte order"}
	prevFlag    = Flag{"prev-kv", "", "answer with what was there before"}
	revFlag     = Flag{"rev", "N", "at revision N; 0 is the newest"}
	viaFlag     = Flag{"via", "MEMBER", "ask this member; the client chooses otherwise"}
	byFlag      = Flag{"by", "cN", "the client that asks; c1 otherwise"}
	userFlag    = Flag{"user", "NAME[:PASSWORD]", "who asks; the client remembers the password"}
	tagFlag     = Flag{"tag", "NAME", "a name for predicates: resp(NAME), watch(NAME)"}
)

const memberList = "MEMBER..."

// specs is the registry: by group, then by name.
var specs = slices.Concat(
	group("time", timeSpecs), group("nodes", slices.Concat(nodeSpecs, diskSpecs)), group("network", networkSpecs),
	group("timers", timerSpecs), group("clients", slices.Concat(clientSpecs, storeSpecs, lockSpecs)),
	group("admin", slices.Concat(authSpecs, memberSpecs, snapshotSpecs, upkeepSpecs)),
	group("session", sessionSpecs),
)

var timeSpecs = []*Spec{
	{
		Name: "back", Usage: "back [N]", Example: "back 5", parse: times(Back, "a number of events"),
		Help: "Go N events back.", HelpZH: "后退 N 个事件。",
	},
	{
		Name: "goto", Usage: "goto MARK|@EVENT|TIME", Example: "goto @120", parse: parseGoto,
		Help: "Go to a mark, behind an event, or to a time.", HelpZH: "跳到标记、某个事件之后或某个时刻。",
	},
	{
		Name: "mark", Usage: "mark [NAME]", Example: "mark before", parse: named(Mark, "a mark", true),
		Help: "Name this moment.", HelpZH: "给当前时刻起名。",
	},
	{
		Name: "next", Usage: "next", Example: "next", parse: action(Next),
		Help:   "Go to the next story event: an election, a commit, an answer, a fault.",
		HelpZH: "前进到下一个关键事件：选举、提交、应答或故障。",
	},
	{
		Name: "prev", Aliases: []string{"previous"}, Usage: "prev", Example: "prev", parse: action(Previous),
		Help: "Go back to the story event before.", HelpZH: "退回上一个关键事件。",
	},
	{
		Name: "run", Usage: "run DURATION | run until PREDICATE [max DURATION]",
		Example: "run until size(leaders()) == 1 max 60",
		parse:   parseRun, slots: []slot{anUntil, anything}, Help: "Run for a duration, or until a predicate holds.",
		HelpZH: "运行一段时间，或运行到谓词成立。",
	},
	{
		Name: "step", Usage: "step [N]", Example: "step 3", parse: times(Step, "a number of events"),
		Help: "Go N events forward.", HelpZH: "前进 N 个事件。",
	},
	{
		Name: "tick", Usage: "tick [N]", Example: "tick 10", parse: times(TickOn, "a number of ticks"),
		Help: "Go N ticks forward.", HelpZH: "前进 N 个 tick。",
	},
	{
		Name: "tickback", Usage: "tickback [N]", Example: "tickback", parse: times(TickBack, "a number of ticks"),
		Help: "Go N ticks back.", HelpZH: "后退 N 个 tick。",
	},
	{
		Name: "undo", Usage: "undo", Example: "undo", parse: action(Undo),
		Help: "Take back your last command, not the last event.", HelpZH: "撤销你的上一条命令（不是上一个事件）。",
	},
}

var nodeSpecs = []*Spec{
	{
		Name: "move-leader", Aliases: []string{"transfer"}, Usage: "move-leader MEMBER", Example: "move-leader n2",
		parse: onMembers(cluster.MoveLeader), slots: []slot{aMemberOf},
		Help: "Let the leader hand its leadership to another member.", HelpZH: "让领导者把领导权交给另一个成员。",
	},
	{
		Name: "rule", Usage: "rule NAME on|off", Example: "rule vote-once off", parse: parseRule,
		slots: []slot{aRuleName, onOrOff}, Help: "Switch a rule off and watch what breaks, or on again.",
		HelpZH: "关闭一条规则，观察会出什么问题；或重新打开。",
	},
	{
		Name: "campaign", Usage: "campaign " + memberList, Example: "campaign n2", parse: onMembers(cluster.Campaign),
		slots: []slot{aMemberOf}, Help: "Let members time out at once and stand for election.",
		HelpZH: "让成员立刻超时并发起选举。",
	},
	{
		Name: "crash", Aliases: []string{"kill"}, Usage: "crash " + memberList, Example: "crash leader",
		parse: onMembers(cluster.Crash),
		slots: []slot{aMemberOf}, Help: "Kill members as kill -9 does: memory is lost, written bytes stay.",
		HelpZH: "像 kill -9 一样杀死成员：内存丢失，已写入的字节还在。",
	},
	{
		Name: "pause", Usage: "pause " + memberList, Example: "pause n3", parse: onMembers(cluster.Pause),
		slots: []slot{aMemberOf},
		Help:  "Stop members as SIGSTOP does; the world goes on.", HelpZH: "像 SIGSTOP 一样暂停成员，外界照常运行。",
	},
	{
		Name: "poweroff", Usage: "poweroff " + memberList, Example: "poweroff n1", parse: onMembers(cluster.Poweroff),
		slots:  []slot{aMemberOf},
		Help:   "Cut the power of members: what was not synced is lost, the last write may tear.",
		HelpZH: "切断成员的电源：没有 fsync 的数据丢失，最后一次写可能撕裂。",
	},
	{
		Name: "restart", Aliases: []string{"start"}, Usage: "restart " + memberList, Example: "restart all",
		parse:  onMembers(cluster.Restart),
		slots:  []slot{aMemberOf},
		Help:   "Start members again from their disks; those that are up are killed first.",
		HelpZH: "从磁盘重新启动成员；还在运行的先被杀死。",
	},
	{
		Name: "resume", Usage: "resume " + memberList, Example: "resume n3", parse: onMembers(cluster.Resume),
		slots: []slot{aMemberOf},
		Help:  "Let paused members go on.", HelpZH: "让暂停的成员继续运行。",
	},
}

var networkSpecs = []*Spec{
	{
		Name: "cut", Usage: "cut A B | cut A->B", Example: "cut n1->n2", parse: onLink(cluster.Cut),
		slots: []slot{anEnd},
		Help:  "Cut the link between two members, or one direction of it.", HelpZH: "切断两个成员之间的连接，或只切一个方向。",
	},
	{
		Name: "delay", Usage: "delay A B DURATION | delay A->B DURATION", Example: "delay n1->n3 50ms",
		parse: parseDelay, slots: []slot{anEnd},
		Help: "Make a link slower until heal.", HelpZH: "让连接变慢，直到 heal。",
	},
	{
		Name: "drop", Usage: "drop #ID | drop A->B [KIND...] | drop A->B PERCENT%", Example: "drop n1->n2 append",
		parse:  parseDrop,
		slots:  []slot{aLink, aKind},
		Help:   "Lose a message, all that are in flight on a direction, or from now on a share of them.",
		HelpZH: "丢弃一条消息、某方向上所有在途消息，或从此按比例丢包。",
	},
	{
		Name: "dup", Usage: "dup #ID", Example: "dup #17", parse: parseDuplicate, slots: []slot{aMessage},
		Help: "Let a message arrive once more.", HelpZH: "让一条消息再到达一次。",
	},
	{
		Name: "heal", Usage: "heal [A B | A->B]", Example: "heal", parse: parseHeal, slots: []slot{anEnd},
		Help: "Repair one link or all of them; held messages leave.", HelpZH: "修复一条或全部连接；被扣住的消息放行。",
	},
	{
		Name: "hold", Usage: "hold #ID | hold A->B [KIND...]", Example: "hold leader->n3 append", parse: parseHold,
		slots:  []slot{aLink, aKind},
		Help:   "Let a message, or all messages on a direction, wait until release.",
		HelpZH: "扣住一条消息或某方向上的所有消息，直到 release。",
	},
	{
		Name: "isolate", Usage: "isolate " + memberList, Example: "isolate leader", parse: onMembers(cluster.Isolate),
		slots: []slot{aMemberOf},
		Help:  "Cut all links of each of the members.", HelpZH: "切断每个成员的全部连接。",
	},
	{
		Name: "partition", Usage: "partition A,B / C,D [/ ...]", Example: "partition n1,n2 / n3",
		parse: parsePartition, slots: []slot{aGroup},
		Help:   "Let only members of the same group talk; those not named form the last group.",
		HelpZH: "只让同组成员互通；没写到的成员自成最后一组。",
	},
	{
		Name: "release", Usage: "release [#ID | A->B]", Example: "release", parse: parseRelease, slots: []slot{aHeld},
		Help: "Let held messages go.", HelpZH: "放行被扣住的消息。",
	},
}

var timerSpecs = []*Spec{
	{
		Name: "align", Usage: "align [MEMBER...]", Example: "align n2 n3", parse: onTimers(cluster.Align),
		slots: []slot{aMemberOf},
		Help:  "Let election timers run out in the same tick: a split vote.", HelpZH: "让选举定时器在同一个 tick 到期：选票瓜分。",
	},
	{
		Name: "spread", Usage: "spread [MEMBER...]", Example: "spread", parse: onTimers(cluster.Spread),
		slots: []slot{aMemberOf},
		Help:  "Let election timers run out far apart.", HelpZH: "让选举定时器错开到期。",
	},
	{
		Name: "timer", Usage: "timer MEMBER TICKS", Example: "timer n2 3", parse: parseTimer,
		slots: []slot{aMemberOf, anything},
		Help:  "Leave a member's election timer so many ticks.", HelpZH: "把成员的选举定时器设为还剩这么多 tick。",
	},
}

var clientSpecs = []*Spec{
	{
		Name: "del", Aliases: []string{"delete"}, Usage: "del KEY [RANGE_END] [flags]", Example: "del job/ --prefix",
		parse: onClient(cluster.ClientDelete),
		Flags: []Flag{prefixFlag, fromKeyFlag, prevFlag, viaFlag, byFlag, userFlag, tagFlag},
		Help:  "Delete a key or a range of keys.", HelpZH: "删除一个键或一段键。",
	},
	{
		Name: "fast", Usage: "fast TAG", Example: "fast jobs", parse: ofWatch(cluster.FastWatch), slots: []slot{aTag},
		Help:   "Let the client of a watch take what comes at once again.",
		HelpZH: "让监听的客户端恢复立即接收。",
	},
	{
		Name: "get", Usage: "get KEY [RANGE_END] [flags]", Example: "get x --serializable --via n3",
		parse: onClient(cluster.ClientGet),
		Flags: []Flag{
			prefixFlag, fromKeyFlag, revFlag,
			{"limit", "N", "at most N keys; 0 is all"},
			{"keys-only", "", "answer without values"},
			{"count-only", "", "answer with the number of keys only"},
			{"sort-by", "FIELD", "CREATE, KEY, MODIFY, VALUE or VERSION"},
			{"order", "ORDER", "ASCEND or DESCEND"},
			{"min-mod-rev", "N", "only keys changed at revision N or later"},
			{"max-mod-rev", "N", "only keys changed at revision N or before"},
			{"min-create-rev", "N", "only keys created at revision N or later"},
			{"max-create-rev", "N", "only keys created at revision N or before"},
			{"consistency", "l|s", "l asks the majority, s the member alone"},
			{"serializable", "", "the same as --consistency s"},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Read a key or a range of keys.", HelpZH: "读取一个键或一段键。",
	},
	{
		Name: "progress", Usage: "progress TAG", Example: "progress jobs", parse: ofWatch(cluster.WatchProgress),
		slots:  []slot{aTag},
		Help:   "Ask how far a watch is: the answer comes only when it has been given everything.",
		HelpZH: "询问监听进行到哪里：只有全部事件都已送达时才有回答。",
	},
	{
		Name: "put", Usage: "put KEY VALUE [flags]", Example: "put x 1 --via n1 --tag w",
		parse: onClient(cluster.ClientPut),
		Flags: []Flag{
			{"lease", "LEASE", "the key dies with this lease: the tag of its grant, or its ID in hex"},
			{"ignore-value", "", "keep the value that the key has; none is given"},
			{"ignore-lease", "", "keep the lease that the key has"},
			lockFlag, prevFlag, viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Store a value under a key.", HelpZH: "把值写到键上。",
	},
	{
		Name: "slow", Usage: "slow TAG", Example: "slow jobs", parse: ofWatch(cluster.SlowWatch), slots: []slot{aTag},
		Help:   "Let the client of a watch take nothing: what comes fills its buffer at the member.",
		HelpZH: "让一个监听的客户端什么也不收：到来的事件会填满成员上的缓冲区。",
	},
	{
		Name: "unwatch", Usage: "unwatch TAG", Example: "unwatch jobs", parse: ofWatch(cluster.ClientCancel),
		slots:  []slot{aTag},
		Help:   "End the watch or the keep-alive that has this tag.",
		HelpZH: "结束带这个标签的监听或续约。",
	},
	{
		Name: "watch", Usage: "watch KEY [RANGE_END] [flags]", Example: "watch job/ --prefix --tag jobs",
		parse: onClient(cluster.ClientWatch),
		Flags: []Flag{
			prefixFlag,
			{"rev", "N", "from revision N on; 0 is from now on"},
			prevFlag,
			{"require-leader", "", "end when the member has known no leader for three election timeouts"},
			viaFlag, byFlag, userFlag, tagFlag,
		},
		Help: "Follow the changes of a key or a range of keys.", HelpZH: "监听一个键或一段键的变化。",
	},
}

var sessionSpecs = []*Spec{
	{
		Name: "branch", Aliases: []string{"switch"}, Usage: "branch NAME", Example: "branch A",
		parse: named(Switch, "a branch", false),
		Help:  "Go to another branch of history.", HelpZH: "切换到另一条历史分支。",
	},
	{
		Name: "branches", Usage: "branches", Example: "branches", parse: action(Branches),
		Help: "List the branches of history.", HelpZH: "列出所有历史分支。",
	},
	{
		Name: "drop-branch", Usage: "drop-branch NAME", Example: "drop-branch B",
		parse: named(DropBranch, "a branch", false),
		Help:  "Forget a branch.", HelpZH: "丢弃一条分支。",
	},
	{
		Name: "export", Usage: "export MEMBER|all DIR", Example: "export n1 n1.etcd", parse: parseExport,
		slots:  []slot{aMemberOf, anything},
		Help:   "Write a member's data directory as real etcd tools read it, as it would be found now.",
		HelpZH: "把成员此刻的数据目录写出来，真正的 etcd 工具可以读取。",
	},
	{
		Name: "fork", Usage: "fork [NAME]", Example: "fork whatif", parse: named(Fork, "a branch", true),
		Help: "Begin a branch of history at this moment.", HelpZH: "从当前时刻分出一条历史分支。",
	},
	{
		Name: "help", Usage: "help [COMMAND]", Example: "help partition", parse: parseHelp, slots: []slot{aCommand},
		Help: "Explain a command, or list all of them.", HelpZH: "解释一条命令，或列出全部命令。",
	},
	{
		Name: "load", Usage: "load FILE", Example: "load lesson.json", parse: onFile(Load),
		Help: "Read a session from a file.", HelpZH: "从文件读入会话。",
	},
	{
		Name: "reset", Usage: "reset", Example: "reset", parse: action(Reset),
		Help: "Start again with the same seed.", HelpZH: "用同一个种子从头开始。",
	},
	{
		Name: "save", Usage: "save FILE", Example: "save lesson.json", parse: onFile(Save),
		Help: "Write the session to a file.", HelpZH: "把会话写入文件。",
	},
	{
		Name: "seed", Usage: "seed N", Example: "seed 7", parse: parseSeed,
		Help: "Start again with another seed.", HelpZH: "换一个种子从头开始。",
	},
	{
		Name: "share", Usage: "share", Example: "share", parse: action(Share),
		Help: "Show this moment as one line that others can open.", HelpZH: "把当前时刻显示成别人可以打开的一行。",
	},
}

// group writes the group's name into its commands.
func group(name string, list []*Spec) []*Spec {
	for _, s := range list {
		s.Group = name
	}
	return list
}

// Specs lists all commands, by group and then by name.
func Specs() []*Spec { return slices.Clone(specs) }

// Lookup finds a command by name or alias.
func Lookup(name string) (*Spec, bool) {
	s := find(specs, name)
	return s, s != nil
}

func find(table []*Spec, name string) *Spec {
	for _, s := range table {
		if s.Name == name || slices.Contains(s.Aliases, name) {
			return s
		}
	}
	return nil
}

// Begins says whether commands begin with a word, alone or with a second one.
func Begins(word string) bool { return find(specs, word) != nil || len(under(specs, word)) > 0 }

// under lists the second words of the commands that begin with a word.
func under(table []*Spec, first string) []string {
	var out []string
	for _, s := range table {
		if second, ok := strings.CutPrefix(s.Name, first+" "); ok {
			out = append(out, second)
		}
	}
	slices.Sort(out)
	return out
}

// names lists names and aliases, sorted.
func names(table []*Spec) []string {
	var out []string
	for _, s := range table {
		out = append(append(out, s.Name), s.Aliases...)
	}
	slices.Sort(out)
	return out
}
