package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/nearest"
)

// diskVerbs are the words for what can happen to a disk, in order of name.
var diskVerbs = []struct {
	name string
	verb cluster.DiskVerb
}{
	{"fill", cluster.DiskFill},
	{"flip", cluster.DiskFlip},
	{"fsync-error", cluster.DiskFsyncError},
	{"lose-fsync", cluster.DiskLoseFsync},
	{"misdirect", cluster.DiskMisdirect},
	{"repair", cluster.DiskRepair},
	{"tear", cluster.DiskTear},
}

func diskVerbNames() []string {
	out := make([]string, len(diskVerbs))
	for i, v := range diskVerbs {
		out[i] = v.name
	}
	return out
}

func diskVerbName(verb cluster.DiskVerb) string {
	for _, v := range diskVerbs {
		if v.verb == verb {
			return v.name
		}
	}
	return "unknown"
}

// diskFiles are the words for the files of a member; a file's own name is understood too.
var diskFiles = []string{"db", "snap", "wal"}

// maxOffset is the largest offset or number of bytes of a file that a line may name.
const maxOffset = 1 << 40

const memberOrFile = "a member, such as n1"

var diskSpecs = []*Spec{
	{
		Name: "disk", Usage: "disk FAULT " + memberList + " [FILE] [N]", Example: "disk fsync-error n1 wal",
		parse: parseDisk, slots: []slot{aDiskVerb, aMemberOf, aDiskFile},
		Help: "Let a disk fail, for one file or all of them: fill leaves room for N bytes, fsync-error lets the next " +
			"fsync say EIO (kept: after all was written), lose-fsync keeps nothing, tear spares N sectors of the last " +
			"write at the next power cut, misdirect lets the next write land at N, flip turns a bit of the byte at N, " +
			"repair ends it.",
		HelpZH: "让磁盘出故障，可只针对一个文件：fill 只剩 N 字节空间，fsync-error 让下一次 fsync 返回 EIO（kept：其实已写好），" +
			"lose-fsync 谎报成功，tear 让下次断电只留下最后一次写的 N 个扇区，misdirect 让下一次写落到偏移 N，" +
			"flip 翻转偏移 N 处的一位，repair 结束故障。",
	},
	{
		Name: "slow-disk", Usage: "slow-disk " + memberList + " DURATION [FILE]", Example: "slow-disk n1 200ms",
		parse: parseSlowDisk, slots: []slot{aMemberOf, anything, aDiskFile},
		Help:   "Let every fsync of members take so long; 0 is as long as before.",
		HelpZH: "让成员的每次 fsync 都耗时这么久；0 表示恢复原样。",
	},
	{
		Name: "wipe", Usage: "wipe " + memberList, Example: "wipe n1", parse: onMembers(cluster.Wipe),
		slots: []slot{aMemberOf}, Help: "Delete the data directory of members that are down.",
		HelpZH: "删除已停止成员的数据目录。",
	},
}

// diskMembers reads the members at the beginning of what follows.
func (p *lineParser) diskMembers(c *cluster.Command) {
	for p.more() && (len(c.Members) == 0 || isMemberList(p.peek().text)) {
		c.Members = appendNew(c.Members, p.memberList(p.take(""))...)
	}
	if len(c.Members) == 0 {
		p.missing(memberOrFile)
	}
}

// isMemberList says whether a word can only mean members.
func isMemberList(text string) bool {
	for _, s := range strings.Split(text, ",") {
		if s != "leader" && s != "all" && (len(s) < 2 || s[0] != 'n' || !isDigits(s[1:])) {
			return false
		}
	}
	return true
}

// diskFile reads a file if that is what follows.
func (p *lineParser) diskFile() string {
	if !p.more() || isDigits(p.peek().text) || p.peek().text == "kept" {
		return ""
	}
	w := p.take("")
	if !slices.Contains(diskFiles, w.text) && !strings.HasSuffix(w.text, ".wal") &&
		!strings.HasSuffix(w.text, ".snap") && !strings.HasSuffix(w.text, ".snap.db") {
		p.unknown(w, "file", nil)
		p.err.Suggest, p.err.Advice = nearest.Word(w.text, diskFiles), "write db, snap, wal or the name of a file"
	}
	return w.text
}

func parseDisk(p *lineParser) *Call {
	w := p.take("a fault and a member")
	if p.err == nil && !slices.Contains(diskVerbNames(), w.text) {
		p.unknown(w, "fault", diskVerbNames())
	}
	c := cluster.Command{Kind: cluster.Disk}
	for _, v := range diskVerbs {
		if v.name == w.text {
			c.Disk.Verb = v.verb
		}
	}
	p.diskMembers(&c)
	c.Disk.File = p.diskFile()
	p.diskNumbers(&c.Disk)
	return world(c)
}

// diskNumbers reads what stands behind the file.
func (p *lineParser) diskNumbers(d *cluster.DiskSpec) {
	switch d.Verb {
	case cluster.DiskFill:
		if p.more() {
			d.N = p.number("a number of bytes", 0, maxOffset)
		}
	case cluster.DiskTear:
		if d.N = -1; p.more() {
			d.N = p.number("a number of sectors", 0, maxOffset)
		}
	case cluster.DiskFsyncError:
		d.Kept = p.accept("kept")
	case cluster.DiskMisdirect, cluster.DiskFlip:
		if d.File == "" {
			p.fail(p.peek(), fmt.Sprintf("%s needs a file", diskVerbName(d.Verb)), "write db, snap, wal or the name of a file")
		}
		d.N = p.number("an offset in bytes", 0, maxOffset)
		if d.Verb == cluster.DiskFlip && p.more() {
			d.Bit = uint8(p.number("a bit", 0, 7))
		}
	}
}

func parseSlowDisk(p *lineParser) *Call {
	c := cluster.Command{Kind: cluster.SlowDisk}
	p.diskMembers(&c)
	c.For, c.Ticks = p.duration("a duration")
	c.Disk.File = p.diskFile()
	return world(c)
}

// diskWords writes what parseDisk and parseSlowDisk read.
func diskWords(c *cluster.Command) []string {
	words, d := memberWords(c.Members), &c.Disk
	if c.Kind == cluster.SlowDisk {
		words = append(words, formatDuration(c.For, c.Ticks))
	} else {
		words = append([]string{diskVerbName(d.Verb)}, words...)
	}
	if d.File != "" {
		words = append(words, d.File)
	}
	switch {
	case d.Verb == cluster.DiskFlip && d.Bit != 0:
		return append(words, strconv.FormatInt(d.N, 10), strconv.Itoa(int(d.Bit)))
	case d.Verb == cluster.DiskMisdirect, d.Verb == cluster.DiskFlip, d.Verb == cluster.DiskFill && d.N > 0,
		d.Verb == cluster.DiskTear && d.N >= 0:
		return append(words, strconv.FormatInt(d.N, 10))
	case d.Kept:
		return append(words, "kept")
	}
	return words
}
