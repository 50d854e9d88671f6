package session

import "etcdscope/cluster"

// Chain returns the causes of an event, nearest first, at most limit hops: for "why?". Of two causes it
// follows the one that explains more; the arrival of a message is left out where its sending and its handling
// say the same.
func (s *Session) Chain(id uint64, limit int) []*cluster.Event {
	var chain []*cluster.Event
	e := s.Event(id)
	for e != nil && len(chain) < limit {
		e = s.explain(e)
		if e == nil {
			break
		}
		if e.Kind != cluster.Deliver {
			chain = append(chain, e)
		}
	}
	return chain
}

// explain picks the cause of e that says most, or nil at the root.
func (s *Session) explain(e *cluster.Event) *cluster.Event {
	first, second := s.earlier(e, 0), s.earlier(e, 1)
	switch {
	case first == nil:
		return second
	case second == nil || weight(first) >= weight(second):
		return first
	}
	return second
}

// earlier returns a cause of e; a cause always lies before its effect, so that chains end.
func (s *Session) earlier(e *cluster.Event, i int) *cluster.Event {
	if id := e.Causes[i]; id < e.ID {
		return s.Event(id)
	}
	return nil
}

// weight is how much an event explains: a message that came says why its handler acted, whatever its salience,
// and anything else says as much as it matters.
func weight(e *cluster.Event) int {
	switch {
	case e.Kind == cluster.Deliver:
		return int(cluster.Story)
	case e.Kind == cluster.Tick && len(e.Facts) == 0:
		return -1
	}
	return int(e.Salience)
}
