package plain

import (
	"fmt"
	"slices"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
)

// word is something to type that is no command of the language.
type word struct {
	name   string
	usage  string
	help   string
	helpZH string
	lesson bool // only in a lesson
	play   bool // only with a cluster
	do     func(t *talk, rest string)
}

// words is every word outside the command language, in the order of the help. A function, because help reads it.
func words() []word { return slices.Concat(lessonWords(), openingWords(), playWords()) }

// lessonWords are for who is in a lesson.
func lessonWords() []word {
	return []word{
		{
			name: "continue", usage: "continue", lesson: true, do: (*talk).next,
			help: "Go on to the next step; an empty line does the same.", helpZH: "进入下一步；空行也可以。",
		},
		{
			name: "answer", usage: "answer TEXT", lesson: true, do: (*talk).answer,
			help: "Answer the question; of a choice the letter alone is enough.", helpZH: "回答问题；选择题只输入字母即可。",
		},
		{
			name: "hint", usage: "hint", lesson: true, do: (*talk).hint,
			help: "Show a hint; again for a stronger one.", helpZH: "显示提示；再输入给出更强的提示。",
		},
		{
			name: "show", usage: "show", lesson: true, do: (*talk).show,
			help: "Let the reference solution run.", helpZH: "运行参考解法。",
		},
		{
			name: "replay", usage: "replay", lesson: true, do: (*talk).replay,
			help: "Start this step again.", helpZH: "重新开始本步。",
		},
		{
			name: "earlier", usage: "earlier", lesson: true, do: (*talk).earlier,
			help: "Go back to the step before.", helpZH: "回到上一步。",
		},
		{
			name: "read", usage: "read", lesson: true, do: func(t *talk, _ string) { t.tell() },
			help: "Read this step again.", helpZH: "重读本步。",
		},
	}
}

// openingWords open something, or end the talk.
func openingWords() []word {
	return []word{
		{
			name: "list", usage: "list", do: func(t *talk, _ string) { t.listLessons() },
			help: "List the lessons.", helpZH: "列出课程。",
		},
		{
			name: "lesson", usage: "lesson [ID]", do: (*talk).openLesson,
			help: "Begin a lesson; without ID the next one.", helpZH: "开始一课；不写 ID 则为下一课。",
		},
		{
			name: "play", usage: "play", do: (*talk).sandbox,
			help: "Free play with five members.", helpZH: "五个成员的自由练习。",
		},
		{
			name: "menu", usage: "menu", do: func(t *talk, _ string) { t.complain(t.leave()); t.menu() },
			help: "Leave this and go to the menu.", helpZH: "离开并回到菜单。",
		},
		{
			name: "quit", usage: "quit", do: func(t *talk, _ string) { t.done = true },
			help: "End the program.", helpZH: "结束程序。",
		},
	}
}

// playWords look at the cluster.
func playWords() []word {
	return []word{
		{
			name: "status", usage: "status", play: true, do: func(t *talk, _ string) { t.status() },
			help: "Say how every member is.", helpZH: "说明每个成员的状态。",
		},
		{
			name: "messages", usage: "messages", play: true, do: (*talk).messages,
			help: "List the messages on their way.", helpZH: "列出在途消息。",
		},
		{
			name: "log", usage: "log [MEMBER]", play: true, do: (*talk).log,
			help: "Read a member's log; without one, of the selected.", helpZH: "读出成员的日志；不写则为选中的成员。",
		},
		{
			name: "files", usage: "files [MEMBER]", play: true, do: (*talk).files,
			help:   "Read a member's disk: what of each file is on the platter, and what is wrong with it.",
			helpZH: "读出成员的磁盘：每个文件落盘多少，有什么故障。",
		},
		{
			name: "leases", usage: "leases [MEMBER]", play: true, do: (*talk).leases,
			help: "Read a member's leases, and who counts their time.", helpZH: "读出成员的租约，以及由谁计时。",
		},
		{
			name: "locks", usage: "locks", play: true, do: func(t *talk, _ string) { t.locks() },
			help:   "Say who wants which lock or election, and who believes that he holds it.",
			helpZH: "说明谁想要哪把锁或参加哪场选举，以及谁自认为持有。",
		},
		{
			name: "store", usage: "store [MEMBER]", play: true, do: (*talk).store,
			help: "Read the keys of a member's store.", helpZH: "读出成员存储里的键。",
		},
		{
			name: "marks", usage: "marks", play: true, do: (*talk).marks,
			help: "List the named moments, for goto.", helpZH: "列出标记，供 goto 使用。",
		},
		{
			name: "why", usage: "why [@EVENT]", play: true, do: (*talk).why,
			help: "Say why an event happened; without one, the last.", helpZH: "说明事件的原因；不写则为最后一个。",
		},
		{
			name: "detail", usage: "detail [story|protocol|bytes]", play: true, do: (*talk).detail,
			help: "How much to tell, and how far step goes.", helpZH: "讲述的细节，也是 step 的步幅。",
		},
	}
}

// word carries a word out, and says whether it was one.
func (t *talk) word(name, rest string) bool {
	switch name {
	case "q", "exit":
		name = "quit"
	case "?":
		name = "help"
	}
	if name == "help" {
		return t.help(rest)
	}
	for _, w := range words() {
		if w.name == name && (!w.lesson || t.lesson != nil) && (!w.play || t.s != nil) {
			w.do(t, rest)
			return true
		}
	}
	return false
}

// help explains a word, or lists everything; commands of the language explain themselves.
func (t *talk) help(name string) bool {
	for _, w := range words() {
		if w.name == name {
			t.print(w.usage + "\n" + t.pick(w.help, w.helpZH))
			return true
		}
	}
	if name != "" {
		t.explain(name)
		return true
	}
	for _, w := range words() {
		if (!w.lesson || t.lesson != nil) && (!w.play || t.s != nil) {
			t.print(fmt.Sprintf("  %-30s %s", w.usage, t.pick(w.help, w.helpZH)))
		}
	}
	if t.s == nil {
		return true
	}
	t.say("Keys of the screen work as lines too: . , > < n N u c x X r t w, 0 heals everything, 1-9 select a member.",
		"屏幕上的按键也可以作为一行输入：. , > < n N u c x X r t w，0 恢复一切，1-9 选择成员。")
	for _, spec := range script.Specs() {
		t.print(fmt.Sprintf("  %-30s %s", spec.Usage, t.pick(spec.Help, spec.HelpZH)))
	}
	return true
}

// explain is the help of commands of the language.
func (t *talk) explain(name string) {
	if _, err := script.Parse("help "+name, cluster.MaxNodes, 0); err != nil {
		t.complain(err)
		return
	}
	t.print(script.Explain(strings.Join(strings.Fields(name), " "), t.opt.Lang == "zh"))
}

// menu says what this is and what can be typed.
func (t *talk) menu() {
	t.say("etcdscope runs a whole etcd cluster in one process: step it event by event, go back, "+
		"kill leaders, cut networks. "+
		"Type lesson to begin with the next lesson, lesson list to see them all, lesson O1 for the first, "+
		"play for free play with five members, help for all words, quit to end. "+
		"From a shell: etcdscope lesson O1, etcdscope play, etcdscope run FILE.",
		"etcdscope 在一个进程里运行完整的 etcd 集群：逐个事件前进、后退、杀死领导者、切断网络。"+
			"输入 lesson 开始下一课，lesson list 列出课程，lesson O1 从第一课开始，play 自由练习，help 查看所有词，quit 结束。"+
			"在 shell 中：etcdscope lesson O1、etcdscope play、etcdscope run FILE。")
}

// sandbox begins free play.
func (t *talk) sandbox(rest string) {
	if rest != "" {
		t.failf("play takes nothing here; in a shell: etcdscope play --nodes 3 FILE",
			"这里的 play 不带参数；在 shell 中：etcdscope play --nodes 3 FILE")
		return
	}
	s, err := session.New(t.opt.Config, t.opt.Sessions)
	if err != nil {
		t.complain(err)
		return
	}
	t.complain(t.leave())
	t.attach(s, true)
	t.status()
	t.say("Time stands still: run 300ms lets it pass, next goes to the next thing that matters, "+
		"detail story tells less, help lists the rest.",
		"时间静止：run 300ms 让时间前进，next 到下一件要事，detail story 只讲要事，help 列出其余命令。")
}

// listLessons lists the course.
func (t *talk) listLessons() {
	for _, chapter := range lessons.Course() {
		t.print(chapter.Title.In(t.opt.Lang))
		for _, l := range chapter.Lessons {
			state := ""
			if t.opt.Progress.Lessons[l.ID].Done {
				state = t.pick(", done", "，已完成")
			}
			t.sayf("  lesson %s: %s, %d min%s", "  lesson %s：%s，%d 分钟%s",
				l.ID, l.Title.In(t.opt.Lang), l.Minutes, state)
		}
	}
}
