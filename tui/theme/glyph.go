package theme

import "etcdscope/tui/frame"

// Glyphs is a set of signs, each one cell wide in every terminal that the set is meant for.
type Glyphs struct {
	Leader, Follower, Candidate, PreCandidate, Learner, Down rune // roles

	Applied, Committed, Stored, Conflict rune // a log entry
	Tombstone                            rune
	Synced, Cached, Torn                 rune // a record on disk

	LinkOk, LinkSlow, LinkCut          rune
	Request, Reply, Accepted, Rejected rune // a message

	WatchSynced, WatchUnsynced, WatchVictim, WatchCancelled rune

	VoteGranted, VoteRefused, VoteAsked, VoteComing rune // asked: the request flies; coming: the reply flies

	Yes, No, Warn rune // a rule holds, does not hold, is near its edge

	LaneDot, LaneEnd, LaneDown                rune // the path of a message, its end, a path to nobody
	ArrowLeft, ArrowRight, ArrowUp, ArrowDown rune
	HeadLeft, HeadRight                       rune // arrow heads at the end of a line
	Match, Next                               rune // the leader's marks in a peer's log
	CommitFence, CompactFence                 rune

	Event, Life, LifeDown, Partition, Folded rune // the columns of a space-time diagram
	Rail, Here, Breakpoint, Head             rune // the timeline: axis, the learner, a stop, the newest event
	TreeTee, TreeEnd, TreeBar                rune // branches

	Done, Todo         rune // steps of a lesson
	SlotUsed, SlotFree rune // a flow-control window
	Cover              rune // hides an answer
	Prompt, Cursor     rune
	Bullet, Separator  rune
	Ellipsis           rune // text was cut; also for frame.Frame.Ellipsis
	Delta              rune // how far two futures are apart
	Thumb, Track       rune // a scroll bar

	Bar                      string // parts of a cell in equal steps, the last one full: for frame.Frame.Bar
	BarLeft, BarRight, Empty rune   // the ends of a bar, and its cells with nothing in them
	Spark                    string // heights in equal steps, lowest first

	Border, BorderFocus, BorderDialog frame.Border

	numbers []rune // signs for 1, 2, 3 …
}

// Unicode returns the glyphs for terminals with a Unicode font. None is an emoji or needs a variation selector.
func Unicode() Glyphs {
	return Glyphs{
		Leader: '★', Follower: '○', Candidate: '◐', PreCandidate: '◔', Learner: '◇', Down: '✖',
		Applied: '▓', Committed: '▒', Stored: '░', Conflict: '┆', Tombstone: '†',
		Synced: '■', Cached: '▒', Torn: '✂',
		LinkOk: '─', LinkSlow: '◌', LinkCut: '╳',
		Request: '▸', Reply: '◂', Accepted: '+', Rejected: '-',
		WatchSynced: '●', WatchUnsynced: '◍', WatchVictim: '◌', WatchCancelled: '╳',
		VoteGranted: '●', VoteRefused: '╳', VoteAsked: '○', VoteComing: '◐',
		Yes: '✓', No: '✗', Warn: '△',
		LaneDot: '·', LaneEnd: '▐', LaneDown: '┄',
		ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', HeadLeft: '◄', HeadRight: '►',
		Match: '•', Next: '↑', CommitFence: '║', CompactFence: '┃',
		Event: '●', Life: '│', LifeDown: '═', Partition: '┊', Folded: '┈',
		Rail: '─', Here: '▲', Breakpoint: '▮', Head: '●',
		TreeTee: '├', TreeEnd: '└', TreeBar: '│',
		Done: '■', Todo: '□', SlotUsed: '▮', SlotFree: '▯', Cover: '╱',
		Prompt: '›', Cursor: '▏', Bullet: '•', Separator: '·', Ellipsis: '…', Delta: 'Δ', Thumb: '█', Track: '│',
		Bar: "▏▎▍▌▋▊▉█", BarLeft: '▕', BarRight: '▏', Empty: '▁', Spark: "▁▂▃▄▅▆▇█",
		Border: frame.Light, BorderFocus: frame.Heavy, BorderDialog: frame.Double,
		numbers: []rune("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
	}
}

// ASCII returns the twins of the glyphs of [Unicode], for terminals and fonts that have no more.
func ASCII() Glyphs {
	return Glyphs{
		Leader: '*', Follower: 'o', Candidate: '?', PreCandidate: '~', Learner: '^', Down: 'x',
		Applied: '#', Committed: '=', Stored: '.', Conflict: '%', Tombstone: '!',
		Synced: '#', Cached: '=', Torn: '/',
		LinkOk: '-', LinkSlow: '~', LinkCut: 'x',
		Request: '>', Reply: '<', Accepted: '+', Rejected: '-',
		WatchSynced: '@', WatchUnsynced: 'u', WatchVictim: 'v', WatchCancelled: 'x',
		VoteGranted: '@', VoteRefused: 'x', VoteAsked: 'o', VoteComing: '?',
		Yes: 'v', No: 'x', Warn: '!',
		LaneDot: '.', LaneEnd: '|', LaneDown: '-',
		ArrowLeft: '<', ArrowRight: '>', ArrowUp: '^', ArrowDown: 'v', HeadLeft: '<', HeadRight: '>',
		Match: '*', Next: '^', CommitFence: '|', CompactFence: '!',
		Event: 'o', Life: '|', LifeDown: '=', Partition: ':', Folded: '.',
		Rail: '-', Here: '^', Breakpoint: 'B', Head: 'o',
		TreeTee: '+', TreeEnd: '`', TreeBar: '|',
		Done: '#', Todo: '.', SlotUsed: '#', SlotFree: '.', Cover: '/',
		Prompt: '>', Cursor: '_', Bullet: '*', Separator: '-', Ellipsis: '~', Delta: 'd', Thumb: '#', Track: '|',
		Bar: "-=#", BarLeft: '[', BarRight: ']', Empty: '.', Spark: "_.-=+*#",
		Border: frame.ASCII, BorderFocus: frame.Border{
			Horizontal: '=', Vertical: '|', TopLeft: '#', TopRight: '#', BottomLeft: '#', BottomRight: '#',
		}, BorderDialog: frame.Border{
			Horizontal: '=', Vertical: '!', TopLeft: '*', TopRight: '*', BottomLeft: '*', BottomRight: '*',
		},
		numbers: []rune("123456789"),
	}
}

// Numbered returns the sign that marks both ends of message n, counted from 1: ① to ⑳, or 1 to 9 in ASCII; then
// they begin again.
func (g *Glyphs) Numbered(n int) rune { return g.numbers[max(0, n-1)%len(g.numbers)] }

// Level returns the step of a sparkline for value out of total: the lowest for 0 or less, the highest for total
// or more.
func (g *Glyphs) Level(value, total int64) rune {
	steps := []rune(g.Spark)
	if total <= 0 || value <= 0 {
		return steps[0]
	}
	top := len(steps) - 1
	return steps[min(top, int(float64(value)/float64(total)*float64(top)+0.5))]
}
