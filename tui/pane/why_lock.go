package pane

import "etcdscope/cluster"

// locksExplained is of how many clients it is said at once why they do not hold a lock.
const locksExplained = 2

// presentLocks writes why clients do not hold what they wait for or believe to hold: those of the explained event, or
// the newest.
func (p *Why) presentLocks(s *Scene, width int) {
	e, shown := s.event(p.Event), 0
	claims := s.View.Claims()
	for i := len(claims) - 1; i >= 0 && shown < locksExplained; i-- {
		o := claims[i]
		switch {
		case e != nil && (e.Turn == nil || e.Turn.Op != o.ID), !o.Claim.Live():
			continue
		case p.presentLock(s, o, width):
			shown++
		}
	}
}

// presentLock is false where everything holds that must hold.
func (p *Why) presentLock(s *Scene, o *cluster.Op, width int) bool {
	list, held := s.View.WhyNotHeld(o), true
	for i := range list {
		held = held && list[i].Holds
	}
	if held {
		return false
	}
	p.apart()
	b := append(line(nil).text(s.words().whyLock), 'c').int(int64(max(o.Spec.Client, 1)))
	p.add(-1, whyHead, "", string(b.text(s.words().notHold).text(o.Name()).text("?")), width)
	p.conjuncts(list, width)
	return true
}
