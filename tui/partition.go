package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"etcdscope/tui/frame"
)

// partition is the editor of network partitions: each member is put into one of three groups, or of as many as the
// links form already.
type partition struct {
	group  []int // of member i+1
	groups int   // how many there are to choose from
	at     int
}

const (
	partitionGroups = 3  // at least
	partitionWidth  = 52 // of the dialog, besides the members
)

func (m *Model) openPartition() tea.Cmd {
	members := m.s.View().Members
	p := &partition{group: make([]int, len(members)), at: int(m.selected) - 1}
	islands := 0
	for i := range members {
		if with := m.firstInReach(i); with < i {
			p.group[i] = p.group[with]
			continue
		}
		p.group[i] = islands
		islands++
	}
	p.groups = max(islands, partitionGroups)
	m.open(p)
	return nil
}

// firstInReach is the first member, by its place, that member i reaches over whole links, itself at the latest.
func (m *Model) firstInReach(i int) int {
	members, links := m.s.View().Members, m.s.View().Links
	seen, first := make([]bool, len(members)), i
	seen[i] = true
	for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
		a := queue[0]
		first = min(first, a)
		for b := range members {
			if seen[b] || links.At(members[a].ID, members[b].ID).Cut || links.At(members[b].ID, members[a].ID).Cut {
				continue
			}
			seen[b] = true
			queue = append(queue, b)
		}
	}
	return first
}

func (p *partition) stops() bool { return true }

func (p *partition) key(m *Model, key string) tea.Cmd {
	switch key {
	case "left", "h":
		p.at = (p.at + len(p.group) - 1) % len(p.group)
	case "right", "l", "tab":
		p.at = (p.at + 1) % len(p.group)
	case "space", "up", "down", "j", "k":
		p.group[p.at] = (p.group[p.at] + 1) % p.groups
	case "esc", "q":
		m.close()
	case "0":
		m.close()
		return m.command("heal")
	case "enter", "P":
		m.close()
		return m.command(p.command())
	default:
		if len(key) == 1 && key[0] >= '1' && int(key[0]-'1') < len(p.group) {
			p.at = int(key[0] - '1')
			p.group[p.at] = (p.group[p.at] + 1) % p.groups
		}
	}
	return nil
}

func (p *partition) click(_ *Model, id string, n int) tea.Cmd {
	if id == "group" && n < len(p.group) {
		p.at = n
		p.group[n] = (p.group[n] + 1) % p.groups
	}
	return nil
}

// command is the partition as a line; one group only is no partition.
func (p *partition) command() string {
	groups := make([][]string, p.groups)
	for i, g := range p.group {
		groups[g] = append(groups[g], fmt.Sprintf("n%d", i+1))
	}
	var parts []string
	for _, g := range groups {
		if len(g) > 0 {
			parts = append(parts, strings.Join(g, ","))
		}
	}
	if len(parts) < 2 {
		return "heal"
	}
	return "partition " + strings.Join(parts, " / ")
}

func (p *partition) draw(m *Model, r frame.Rect) {
	in := m.box(r, partitionWidth+4*len(p.group), p.groups+8, m.word("partition", "网络分区")).Inset(1, 0)
	m.f.TextIn(in.Row(0), frame.Left, m.th.Faint, m.word("1-9 or space moves a member to the next group",
		"1-9 或空格把成员移到下一组"))
	for g := range p.groups {
		p.drawGroup(m, in.Row(2+g), g)
	}
	m.f.TextIn(in.Row(3+p.groups), frame.Left, m.th.Hint, ":"+p.command())
	m.f.TextIn(in.Row(in.H-1), frame.Left, m.th.Key, m.word("enter cut   0 heal   esc close", "enter 切断   0 恢复   esc 关闭"))
}

// drawGroup draws one group with what it can do: a majority of all voters, not of the living.
func (p *partition) drawGroup(m *Model, row frame.Rect, g int) {
	x := m.f.Text(row.X, row.Y, m.th.Faint, fmt.Sprintf(m.word("group %d  ", "第 %d 组  "), g+1))
	size := 0
	for i, of := range p.group {
		cell := frame.Rect{X: x, Y: row.Y, W: 4, H: 1}
		if of == g {
			size++
			m.f.Text(x, row.Y, m.th.Strong, fmt.Sprintf("n%d", i+1))
			if i == p.at {
				m.f.Tint(frame.Rect{X: x, Y: row.Y, W: 2, H: 1}, m.th.Selected)
			}
			m.f.RegionN("group", i, cell)
		}
		x += 4
	}
	need := len(p.group)/2 + 1
	st, verdict := m.th.Warn, m.word("cannot elect or commit", "不能选举，也不能提交")
	if size >= need {
		st, verdict = m.th.Ok, m.word("can elect and commit", "可以选举和提交")
	}
	if size > 0 {
		m.f.TextIn(frame.Rect{X: x, Y: row.Y, W: row.Right() - x, H: 1}, frame.Left, st,
			fmt.Sprintf(m.word("%d of %d, need %d: %s", "%d/%d，需要 %d：%s"), size, len(p.group), need, verdict))
	}
}
