package pane

var chinese = words{
	role:      [...]string{"跟随者", "预候选人", "候选人", "领导者", "学习者", "暂停", "宕机"},
	roleBrief: [...]string{"跟随者", "预候选人", "候选人", "领导者", "学习者", "暂停", "宕机"},
	watcher:   [...]string{"已同步", "未同步", "受害（积压）", "已取消：已压缩"},
	level:     [...]string{"字节", "协议", "故事"},

	term: "任期", vote: "投票", leader: "领导者", commit: "提交", applied: "已应用", match: "匹配", next: "下一",
	rev: "修订版本", index: "索引", pending: "缓冲", compacted: "已压缩", inFile: "文件中", durable: "已落盘",

	lanesWords: lanesWords{
		cluster: "集群", noLeader: "没有领导者", invariants: "条不变量",
		roleHead: "角色", termHead: "任期", timerHead: "选举超时", leftHead: "剩余",
		laneHead: "收件箱：飞向该成员的消息",
		onTheWay: " 条在途", links: "连接", lastCaption: "刚才", nextCaption: "接着", arrives: "将至",
		receives: "收到", neverGets: "收不到",
		allLinks: "所有连接正常", cut: "切断", cutOneWay: "单向切断", held: "扣留", delay: "延迟", loss: "丢包",
		partition: "网络分区", inFlight: "在途", dropped: "丢弃", duplicated: "重复",
	},
	logsWords: logsWords{
		logs: "日志", numberIsTerm: "数字：任期", committed: "已提交", stored: "仅存储",
		conflict: "冲突，将被截断", unsynced: "本机未落盘",
		peerState: "复制状态", commitLine: "领导者的提交线：",
		whyIs: "为什么 ", notCommitted: " 没有提交？", allCommitted: "领导者日志中的条目都已提交",
		noLeaderCommits: "没有领导者：什么都不能提交",
		entry:           "条目", notThere: "不在任何日志中", storedOn: "存储于 ",
	},
	mvccWords: mvccWords{
		of: "：", op: "操作", generations: "键：各代（generations）", noStore: "成员已宕机：存储已关闭",
		noKeys: "还没有键", noValue: "没有值", nextRev: "下一版本", behind: "个版本落后", queued: "排队",
	},
	memberWords: memberWords{
		member: "成员", incarnation: "第几次启动", why: "原因", log: "日志", toApply: "待应用", inbox: "收件箱",
		votes: "选票", needs: "需要 ",
		store: "存储", committing: "正在提交", consistent: "一致性索引", watchers: "观察者",
		waiting: "请求", disk: "磁盘", running: "进行中",
	},
	raftWords: raftWords{
		handOver: "移交", holds: " 已存储 ", mayStand: " 已存储全部：可以立刻参选",
		noProposals: "其间不接受提案", givesUp: "放弃前还有 ", ticks: " 个 tick",
		joint: "联合", incoming: "新组", outgoing: "旧组", leavesItself: "自动离开", storeEntry: "已存储条目 ",
		change: "变更", notCommittedYet: "未提交：由旧的投票成员决定", notAppliedYet: "已提交，应用后生效",
		snapshot: "快照", installs: "正在安装", noAnswer: "已发送，尚无答复", due: "到达",
		reads: "读取", round: "轮次", readsAsked: " 个读取在等", readsWait: " 个读取在等本任期首次提交：任期 ",
		waits: "等待", voters: "投票成员", learners: "学习者", lease: "投票租约",
		leaseHolds: " 个 tick 内不理会候选人", leaseOver: "已过：会听取候选人",
	},
	diskWords: diskWords{
		diskTitle: "磁盘", onPlatter: "已落盘", cacheOnly: "仅在页缓存", torn: "撕裂",
		syncedTo: "落盘到此为止", record: "记录", offset: "偏移",
		powerCut: "断电", restart: "重启", keepsTo: "保留到 ", keepsNone: "这些都保不住",
		mayLose: "，可能丢失 ", records: " 条记录",
		replays: "重放 WAL，截掉撕裂的尾部", readsPlatter: "读取已落盘的内容，截掉撕裂的尾部",
		promisesWait: "只在页缓存里的内容还没有向任何人承诺：投票和确认都等 fsync。",
		promisesLeft: " 已关闭：投票或确认可能在记录落盘之前就发出了。",
		allSafe:      "写入的内容都已落盘：断电不会丢失任何东西。",
		reserved:     "预留", inUse: "使用中",
	},
	eventWords: eventWords{
		events: "事件", nothingYet: "还没有发生任何事", folded: " 个心跳与空转已折叠",
		timeline: "时间线", youAreAt: "现在 ", onBranch: "，分支 ", forked: "分自 ",
		commands: "命令 ", here: "现在位置",
		whyNot: "为什么没有？", whyEvent: "为什么？ 事件 ", because: "因为 ", notRecorded: "没有记录这个事件",
		whyLeader: "为什么 ", notLeader: " 不是领导者？",
		whyVote: "问：", votesFor: " 会投票给 ", inTerm: "，任期 ", asItIsNow: "？（按现在的状态）",
		covered: "已遮住：先做预测，这里才会打开。",
	},
}
