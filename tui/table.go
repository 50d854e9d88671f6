package tui

// table is every key outside panes and dialogs. Order is the order of the help; the key bar takes the first that fit.
var table []Key

// The table refers to methods that consult it, so it is filled in at start.
func init() {
	table = append(table, lessonKeys()...)
	table = append(table, timeKeys()...)
	table = append(table, faultKeys()...)
	table = append(table, messageKeys()...)
	table = append(table, pastKeys()...)
	table = append(table, screenKeys()...)
}

func lessonKeys() []Key {
	return []Key{
		{
			Keys: []string{"enter", "pgdown"}, Show: "enter", Name: "continue", Bar: "continue", BarZH: "继续",
			Help: "Go on to the next step when this one is done.", HelpZH: "本步完成后进入下一步。",
			Lesson: true, do: (*Model).lessonNext, off: (*Model).noNext,
		},
		{
			Keys: []string{"a", "b", "c", "d"}, Show: "a-d", Name: "answer", Bar: "answer", BarZH: "作答",
			Help: "Answer the question.", HelpZH: "回答问题。", Lesson: true, do: (*Model).lessonAnswer, off: (*Model).noQuestion,
		},
		{
			Keys: []string{"pgup"}, Show: "PgUp", Name: "previous-step", Help: "Go back to the step before.",
			HelpZH: "回到上一步。", Lesson: true, do: (*Model).lessonPrevious,
		},
		{
			Keys: []string{"h"}, Show: "h", Name: "hint", Bar: "hint", BarZH: "提示",
			Help: "Show a hint; again for a stronger one.", HelpZH: "显示提示；再按给出更强的提示。", Lesson: true,
			do: (*Model).lessonHint, off: (*Model).hintIsHold, bar: (*Model).canHelp,
		},
		{
			Keys: []string{"s"}, Show: "s", Name: "show-me", Bar: "show me", BarZH: "演示",
			Help: "Let the reference solution run.", HelpZH: "运行参考解法。", Lesson: true, do: (*Model).lessonShow,
			bar: (*Model).canHelp,
		},
		{
			Keys: []string{"R"}, Show: "R", Name: "replay-step", Bar: "replay", BarZH: "重来",
			Help: "Start this step again.", HelpZH: "重新开始本步。",
			Lesson: true, do: (*Model).lessonReplay, bar: (*Model).wantsReplay,
		},
		{
			Keys: []string{"o"}, Show: "o", Name: "lesson-list", Help: "Show the list of lessons.", HelpZH: "显示课程列表。",
			Lesson: true, do: (*Model).openLessons,
		},
	}
}

func timeKeys() []Key {
	return []Key{
		{
			Keys: []string{"space"}, Show: "space", Name: "run", Bar: "run/pause", BarZH: "运行/暂停",
			Help: "Run or pause.", HelpZH: "运行或暂停。", do: (*Model).toggleRun,
		},
		{
			Keys: []string{".", "right"}, Show: ". →", Name: "step", Bar: "step", BarZH: "一步",
			Help: "One event forward.", HelpZH: "前进一个事件。", Command: "step",
		},
		{
			Keys: []string{",", "left"}, Show: ", ←", Name: "back", Bar: "back", BarZH: "后退", Help: "One event back.",
			HelpZH: "后退一个事件。", Command: "back",
		},
		{
			Keys: []string{"n"}, Show: "n", Name: "next", Bar: "next", BarZH: "下一件",
			Help: "Forward to the next story event.", HelpZH: "前进到下一个关键事件。", Command: "next",
		},
		{
			Keys: []string{"N"}, Show: "N", Name: "previous", Help: "Back to the story event before.",
			HelpZH: "后退到上一个关键事件。", Command: "prev",
		},
		{Keys: []string{">"}, Show: ">", Name: "tick", Help: "One tick forward.", HelpZH: "前进一个 tick。", Command: "tick"},
		{
			Keys: []string{"<"}, Show: "<", Name: "tick-back", Help: "One tick back.", HelpZH: "后退一个 tick。",
			Command: "tickback",
		},
		{
			Keys: []string{"u"}, Show: "u", Name: "undo", Bar: "undo", BarZH: "撤销",
			Help: "Undo my last action: the world as it was before it.", HelpZH: "撤销上一次操作：世界回到那之前。",
			do: (*Model).undo,
		},
		{
			Keys: []string{"+"}, Show: "+", Name: "faster", Help: "Twice as fast, up to 64x.", HelpZH: "加速一倍，最高 64 倍。",
			do: (*Model).faster,
		},
		{
			Keys: []string{"-"}, Show: "-", Name: "slower", Help: "Half as fast, down to 1/8x.", HelpZH: "减速一半，最低 1/8。",
			do: (*Model).slower,
		},
		{
			Keys: []string{"="}, Show: "=", Name: "normal-speed", Help: "Back to 1x: a message flies for a second.",
			HelpZH: "恢复 1 倍速：一条消息飞行一秒。", do: (*Model).normalSpeed,
		},
		{
			Keys: []string{"b"}, Show: "b", Name: "break", Help: "Break when a predicate becomes true.",
			HelpZH: "条件成立时停下。", do: (*Model).askBreak,
		},
		{
			Keys: []string{"i"}, Show: "i", Name: "detail", Help: "Level of detail: story, protocol, bytes.",
			HelpZH: "细节层次：关键事件、协议、字节。", do: (*Model).nextDetail,
		},
	}
}

func faultKeys() []Key {
	return []Key{
		{
			Keys: []string{"c"}, Show: "c", Name: "put", Bar: "put", BarZH: "写入",
			Help: "A client puts the next value of x; a digit before it repeats it.", HelpZH: "客户端写入 x 的下一个值；前面加数字可重复。",
			do: (*Model).putNext,
		},
		{
			Keys: []string{"w"}, Show: "w", Name: "why", Bar: "why?", BarZH: "为什么",
			Help: "Why? The causes of what is selected.", HelpZH: "为什么？选中之事的原因。", do: (*Model).openWhy,
		},
		{
			Keys: []string{"x"}, Show: "x", Name: "crash", Bar: "crash", BarZH: "杀死",
			Help: "Crash the selected member (kill -9).", HelpZH: "杀死选中的成员（kill -9）。", Command: "crash {member}",
			off: (*Model).memberDown,
		},
		{
			Keys: []string{"X"}, Show: "X", Name: "poweroff", Help: "Cut the power of the selected member.",
			HelpZH: "切断选中成员的电源。", Command: "poweroff {member}", off: (*Model).memberDown,
		},
		{
			Keys: []string{"r"}, Show: "r", Name: "restart", Help: "Restart the selected member.", HelpZH: "重启选中的成员。",
			Command: "restart {member}",
		},
		{
			Keys: []string{"P"}, Show: "P", Name: "partition", Bar: "partition", BarZH: "分区", Help: "Partition editor.",
			HelpZH: "网络分区编辑器。", do: (*Model).openPartition,
		},
		{
			Keys: []string{"0"}, Show: "0", Name: "heal", Bar: "heal", BarZH: "恢复",
			Help: "Heal all links, restart members that are down, let paused ones go on.", HelpZH: "恢复所有连接，重启宕机的成员，让暂停的成员继续。",
			do: (*Model).healAll,
		},
		{
			Keys: []string{"t"}, Show: "t", Name: "timeout", Help: "Time out the selected member now: it campaigns.",
			HelpZH: "让选中的成员立刻超时参选。", Command: "campaign {member}", off: (*Model).memberDown,
		},
		{
			Keys: []string{"B"}, Show: "B", Name: "rules", Help: "Rules: switch one off and watch what breaks, or on again.",
			HelpZH: "规则：关闭一条，观察会出什么问题；或重新打开。", do: (*Model).openRules,
		},
		{
			Keys: []string{"A"}, Show: "A", Name: "align", Help: "Align the election timers: a split vote is likely.",
			HelpZH: "对齐选举定时器：容易瓜分选票。", Command: "align",
		},
		{
			Keys: []string{"T"}, Show: "T", Name: "spread", Help: "Spread the election timers.", HelpZH: "错开选举定时器。",
			Command: "spread",
		},
		{
			Keys: []string{"p"}, Show: "p", Name: "pause-member",
			Help: "Pause the selected member (SIGSTOP), or let it go on.", HelpZH: "暂停选中的成员（SIGSTOP），或让它继续。",
			do: (*Model).pauseMember, off: (*Model).memberDown,
		},
		{
			Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Show: "1-9", Name: "select",
			Help: "Select a member; fault keys act on it.", HelpZH: "选中成员；故障键作用于它。", do: (*Model).selectDigit,
		},
		{
			Keys: []string{"l"}, Show: "l", Name: "select-leader", Help: "Select the leader.", HelpZH: "选中领导者。",
			do: (*Model).selectLeader, off: (*Model).noLeader,
		},
	}
}

func messageKeys() []Key {
	return []Key{
		{
			Keys: []string{"m"}, Show: "m", Name: "message", Bar: "message", BarZH: "消息",
			Help: "Choose a message in flight; again for the next one.", HelpZH: "选择一条在途消息；再按选下一条。",
			do: (*Model).nextMessage, off: (*Model).noFlights,
		},
		{
			Keys: []string{"d"}, Show: "d", Name: "drop", Help: "Drop the chosen message.", HelpZH: "丢弃选中的消息。",
			Command: "drop {message}", off: (*Model).noMessage,
		},
		{
			Keys: []string{"D"}, Show: "D", Name: "duplicate", Help: "Duplicate the chosen message.",
			HelpZH: "复制选中的消息。", Command: "dup {message}", off: (*Model).noMessage,
		},
		{
			Keys: []string{"h"}, Show: "h", Name: "hold", Help: "Hold the chosen message back.", HelpZH: "扣留选中的消息。",
			Command: "hold {message}", off: (*Model).noMessage,
		},
		{
			Keys: []string{"H"}, Show: "H", Name: "release",
			Help: "Release the chosen message, or everything that is held.", HelpZH: "放行选中的消息，或放行所有被扣留的消息。",
			do: (*Model).release, off: (*Model).nothingHeld,
		},
	}
}

func pastKeys() []Key {
	return []Key{
		{
			Keys: []string{"["}, Show: "[", Name: "mark-before", Help: "Back to the marker before.", HelpZH: "回到上一个标记。",
			do: (*Model).markBefore,
		},
		{
			Keys: []string{"]"}, Show: "]", Name: "mark-after", Help: "On to the next marker.", HelpZH: "前往下一个标记。",
			do: (*Model).markAfter,
		},
		{
			Keys: []string{"{"}, Show: "{", Name: "branch-before", Help: "To the branch before.", HelpZH: "切换到上一条分支。",
			do: (*Model).branchBefore,
		},
		{
			Keys: []string{"}"}, Show: "}", Name: "branch-after", Help: "To the next branch.", HelpZH: "切换到下一条分支。",
			do: (*Model).branchAfter,
		},
		{
			Keys: []string{"F"}, Show: "F", Name: "fork", Help: "Fork here: a new branch from this moment.",
			HelpZH: "在此分叉：从这一刻开始新分支。", Command: "fork",
		},
		{
			Keys: []string{"M"}, Show: "M", Name: "mark", Help: "Mark this moment on the timeline.",
			HelpZH: "在时间线上标记这一刻。", Command: "mark",
		},
		{
			Keys: []string{"y"}, Show: "y", Name: "share", Help: "Copy the share code of this moment.",
			HelpZH: "复制这一刻的分享码。", do: (*Model).copyShare,
		},
		{
			Keys: []string{"E"}, Show: "E", Name: "export",
			Help:   "Export the data directory of the selected member: say where to.",
			HelpZH: "导出选中成员的数据目录：输入目录名。", do: (*Model).askExport,
		},
	}
}

func screenKeys() []Key {
	return []Key{
		{
			Keys: []string{":"}, Show: ":", Name: "prompt", Bar: "command", BarZH: "命令",
			Help: "Prompt: every command, with completion and history.", HelpZH: "命令行：所有命令，可补全，有历史。",
			do: (*Model).openPrompt,
		},
		{
			Keys: []string{"tab"}, Show: "tab", Name: "next-pane", Help: "Focus the next pane.", HelpZH: "聚焦下一个窗格。",
			do: (*Model).nextPane,
		},
		{
			Keys: []string{"shift+tab"}, Show: "shift+tab", Name: "previous-pane", Help: "Focus the pane before.",
			HelpZH: "聚焦上一个窗格。", do: (*Model).previousPane,
		},
		{
			Keys: []string{"v"}, Show: "v", Name: "panes", Help: "Pane menu: what stands in the free place.",
			HelpZH: "窗格菜单：空位里放什么。", do: (*Model).openPanes,
		},
		{
			Keys: []string{"z"}, Show: "z", Name: "zoom", Help: "Zoom the focused pane, or zoom out.",
			HelpZH: "放大聚焦的窗格，或还原。", do: (*Model).toggleZoom,
		},
		{
			Keys: []string{"L"}, Show: "L", Name: "language", Help: "Language: English or 中文.",
			HelpZH: "语言：English 或 中文。", do: (*Model).toggleLanguage,
		},
		{
			Keys: []string{"?"}, Show: "?", Name: "help", Bar: "help", BarZH: "帮助", Help: "The keys of this mode.",
			HelpZH: "当前可用的按键。", do: (*Model).openHelp,
		},
		{
			Keys: []string{"esc"}, Show: "esc", Name: "escape",
			Help:   "Close a dialog, or let go of a chosen message; at last to the menu.",
			HelpZH: "关闭对话框，放开选中的消息；最后回到菜单。", do: (*Model).escape,
		},
		{
			Keys: []string{"ctrl+z"}, Show: "ctrl+z", Name: "suspend", Help: "Suspend the program (fg brings it back).",
			HelpZH: "挂起程序（fg 恢复）。", do: (*Model).suspend,
		},
		{
			Keys: []string{"q", "ctrl+c"}, Show: "q", Name: "quit", Bar: "quit", BarZH: "退出",
			Help: "Quit; asks only if something would be lost.", HelpZH: "退出；只有会丢失内容时才询问。", do: (*Model).quit,
		},
	}
}
