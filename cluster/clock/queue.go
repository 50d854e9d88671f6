package clock

import "slices"

// Item is something that will happen at a time; Seq breaks ties in the order of scheduling.
type Item[T any] struct {
	At   Time
	Seq  uint64
	What T
}

// Queue holds what will happen, earliest first. The zero value is empty and ready.
type Queue[T any] struct {
	heap []Item[T]
	seq  uint64
}

// Len is how many items wait.
func (q *Queue[T]) Len() int { return len(q.heap) }

// Push schedules what at time at and returns its sequence number.
func (q *Queue[T]) Push(at Time, what T) uint64 {
	q.seq++
	q.heap = append(q.heap, Item[T]{At: at, Seq: q.seq, What: what})
	q.up(len(q.heap) - 1)
	return q.seq
}

// Peek returns the earliest item without removing it.
func (q *Queue[T]) Peek() (Item[T], bool) {
	if len(q.heap) == 0 {
		return Item[T]{}, false
	}
	return q.heap[0], true
}

// Pop removes and returns the earliest item.
func (q *Queue[T]) Pop() (Item[T], bool) {
	if len(q.heap) == 0 {
		return Item[T]{}, false
	}
	first := q.heap[0]
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap[last] = Item[T]{}
	q.heap = q.heap[:last]
	q.down(0)
	return first, true
}

// RemoveIf takes out all items that match and returns them in the order in which they would have happened.
func (q *Queue[T]) RemoveIf(match func(*Item[T]) bool) []Item[T] {
	var out []Item[T]
	keep := q.heap[:0]
	for i := range q.heap {
		if match(&q.heap[i]) {
			out = append(out, q.heap[i])
		} else {
			keep = append(keep, q.heap[i])
		}
	}
	if len(out) == 0 {
		return nil
	}
	clear(q.heap[len(keep):])
	q.heap = keep
	for i := len(keep)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
	slices.SortFunc(out, compare[T])
	return out
}

// Each calls f for every waiting item in no useful order; f must not keep the pointer.
func (q *Queue[T]) Each(f func(*Item[T])) {
	for i := range q.heap {
		f(&q.heap[i])
	}
}

// Sorted returns a copy of all items, earliest first.
func (q *Queue[T]) Sorted() []Item[T] {
	out := slices.Clone(q.heap)
	slices.SortFunc(out, compare[T])
	return out
}

// Clone returns an independent copy.
func (q *Queue[T]) Clone() Queue[T] { return Queue[T]{heap: slices.Clone(q.heap), seq: q.seq} }

func compare[T any](a, b Item[T]) int {
	if before(&a, &b) {
		return -1
	}
	return 1
}

func before[T any](a, b *Item[T]) bool { return a.At < b.At || a.At == b.At && a.Seq < b.Seq }

func (q *Queue[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !before(&q.heap[i], &q.heap[parent]) {
			return
		}
		q.heap[i], q.heap[parent] = q.heap[parent], q.heap[i]
		i = parent
	}
}

func (q *Queue[T]) down(i int) {
	for {
		least := 2*i + 1
		if least >= len(q.heap) {
			return
		}
		if right := least + 1; right < len(q.heap) && before(&q.heap[right], &q.heap[least]) {
			least = right
		}
		if !before(&q.heap[least], &q.heap[i]) {
			return
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}
