package session

import (
	"sort"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
)

// nameIndex knows which events of a branch's whole line carry which name. It grows when somebody asks, so that
// runs without predicates do not pay for it.
type nameIndex struct {
	built  bool
	upTo   uint64
	events map[string][]*cluster.Event // ascending
	buffer []string
}

// eventsNamed returns the events up to id that carry the name, oldest first.
func (b *branch) eventsNamed(name string, id uint64) []*cluster.Event {
	b.indexNames(id)
	list := b.names.events[name]
	if n := len(list); n == 0 || list[n-1].ID <= id {
		return list
	}
	n := sort.Search(len(list), func(i int) bool { return list[i].ID > id })
	return list[:n:n]
}

// indexNames brings the index forward to id. A branch starts with a copy of its parent's; the lists are shared
// and grow apart.
func (b *branch) indexNames(id uint64) {
	x := &b.names
	if !x.built {
		x.events, x.built = map[string][]*cluster.Event{}, true
		if b.parent != nil {
			b.parent.indexNames(b.forkAt)
			for name := range b.parent.names.events { // order: every list goes to its own place
				list := b.parent.eventsNamed(name, b.forkAt)
				x.events[name] = list[:len(list):len(list)]
			}
			x.upTo = b.forkAt
		}
	}
	for x.upTo < id {
		e := b.event(x.upTo + 1)
		if e == nil {
			return
		}
		x.buffer = e.Names(x.buffer[:0])
		for _, name := range x.buffer {
			x.events[name] = append(x.events[name], e)
		}
		x.upTo++
	}
}

// world is the session as predicates see it.
type world struct{ s *Session }

// World is the session as predicates see it.
func (s *Session) World() script.World { return world{s} }

func (w world) View() *cluster.View { return w.s.View() }

func (w world) Count(name string) int { return len(w.EventsNamed(name)) }

func (w world) EventsNamed(name string) []*cluster.Event {
	return w.s.cur.eventsNamed(name, w.s.pos)
}

func (w world) Commands(name string) int { return w.s.counted[commandName(name)] }

func (w world) Answer(id string) string {
	if id == "" {
		return w.s.latest
	}
	return w.s.answers[id]
}

// lessonNames are the names under which lessons know some invariants besides their own.
var lessonNames = map[string]string{"persist_before_send": "ack_after_fsync", "commit_monotonic": "index_monotonic"}

func (w world) Violations() []string {
	var names []string
	for _, v := range w.s.Violations() {
		names = append(names, v.Name)
		if also, ok := lessonNames[v.Name]; ok {
			names = append(names, also)
		}
	}
	return names
}

// BeginStep starts counting commands anew (a lesson step begins) and forgets answers.
func (s *Session) BeginStep() {
	s.counted, s.answers, s.latest = map[string]int{}, map[string]string{}, ""
}

// SetAnswer remembers what the learner answered to question id.
func (s *Session) SetAnswer(id, answer string) {
	s.answers[id], s.latest = answer, answer
}
