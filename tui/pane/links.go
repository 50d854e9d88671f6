package pane

import (
	"math/bits"

	"etcdscope/cluster"
	"etcdscope/raft"
	"etcdscope/tui/theme"
)

// linkText is the sentence about the links: only what is not as it should be. It is made again when the
// links are another value.
type linkText struct {
	of    *cluster.Links
	theme *theme.Theme
	lang  string
	n     int
	buf   line
}

// get returns the sentence for the scene's links.
func (t *linkText) get(s *Scene) line {
	n := len(s.View.Members)
	if t.buf != nil && t.of == s.View.Links && t.theme == s.Theme && t.lang == s.Lang && t.n == n {
		return t.buf
	}
	t.of, t.theme, t.lang, t.n = s.View.Links, s.Theme, s.Lang, n
	t.buf = appendLinks(t.buf[:0], s, n)
	return t.buf
}

func appendLinks(b line, s *Scene, n int) line {
	t, start := s.Theme, len(b)
	group := linkGroups(s, n)
	split := group[0] != 1<<n-1 && n > 0 && partitioned(s, n, &group)
	if split {
		b = appendGroups(b, s, n, &group)
	}
	for from := raft.ID(1); int(from) <= n; from++ {
		for to := from + 1; int(to) <= n; to++ {
			if split && group[from-1]&(1<<(to-1)) == 0 {
				continue
			}
			there, back := s.link(from, to), s.link(to, from)
			if there.Cut && back.Cut {
				b = gap(b, start).member(from).glyph(t.Glyph.LinkCut).member(to).text(" ").text(s.words().cut)
				continue
			}
			b = appendLink(b, start, s, from, to, there)
			b = appendLink(b, start, s, to, from, back)
		}
	}
	if len(b) == start {
		b = b.text(s.words().allLinks)
	}
	return b
}

// gap separates what comes from what is there.
func gap(b line, start int) line {
	if len(b) > start {
		return b.text("   ")
	}
	return b
}

// appendLink appends what is wrong with one direction of a link.
func appendLink(b line, start int, s *Scene, from, to raft.ID, l cluster.Link) line {
	t, w := s.Theme, s.words()
	ends := func(g rune) { b = gap(b, start).member(from).glyph(g).glyph(t.Glyph.Request).member(to).text(" ") }
	if l.Cut {
		ends(t.Glyph.LinkCut)
		b = b.text(w.cutOneWay)
	}
	if l.Hold {
		ends(t.Glyph.CommitFence)
		b = b.text(w.held)
		for _, t := range l.Types {
			b = b.text(" ").text(messageWords[min(int(t), len(messageWords)-1)].full)
		}
	}
	if l.Delay > 0 {
		ends(t.Glyph.LinkSlow)
		b = b.text(w.delay).text(" ").ms(l.Delay).text("ms")
	}
	if l.Loss > 0 {
		ends(t.Glyph.LinkSlow)
		b = b.text(w.loss).text(" ").int(int64(l.Loss)).text("%")
	}
	return b
}

// linkGroups returns for each member the set of members that it can reach both ways, itself included, over any
// number of whole links.
func linkGroups(s *Scene, n int) (group [cluster.MaxNodes]uint16) {
	for i := range n {
		group[i] = 1 << i
		for j := range n {
			if i != j && !s.link(raft.ID(i+1), raft.ID(j+1)).Cut && !s.link(raft.ID(j+1), raft.ID(i+1)).Cut {
				group[i] |= 1 << j
			}
		}
	}
	for via := range n {
		for i := range n {
			if group[i]&(1<<via) != 0 {
				group[i] |= group[via]
			}
		}
	}
	return group
}

// partitioned reports whether all links between different groups are cut in both directions.
func partitioned(s *Scene, n int, group *[cluster.MaxNodes]uint16) bool {
	for i := range n {
		for j := range n {
			if group[i]&(1<<j) == 0 && !s.link(raft.ID(i+1), raft.ID(j+1)).Cut {
				return false
			}
		}
	}
	return true
}

// appendGroups appends a partition as {n1 n2 | n3 n4 n5}.
func appendGroups(b line, s *Scene, n int, group *[cluster.MaxNodes]uint16) line {
	b = b.text(s.words().partition).text(" {")
	first := true
	for i := range n {
		if bits.TrailingZeros16(group[i]) != i {
			continue
		}
		if !first {
			b = b.text(" | ")
		}
		first = false
		for set, k := group[i], 0; set != 0; k++ {
			if k > 0 {
				b = b.text(" ")
			}
			b = b.member(raft.ID(bits.TrailingZeros16(set) + 1))
			set &= set - 1
		}
	}
	return b.text("}")
}
