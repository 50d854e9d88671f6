package raft

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOutboxSharesSafely drives outboxes and their clones: each hands out its own messages in order, and what is out
// stays as it was, whatever is queued later.
func TestOutboxSharesSafely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		boxes, models := []*outbox{{}}, [][]Index{nil}
		var taken [][]Message
		var want [][]Index
		next := Index(0)
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			i := rapid.IntRange(0, len(boxes)-1).Draw(t, "box")
			switch rapid.SampledFrom([]string{"add", "add", "take", "clone"}).Draw(t, "op") {
			case "add":
				for range rapid.SampledFrom([]int{1, 3, outboxRoom, 3 * outboxRoom}).Draw(t, "count") {
					next++
					boxes[i].add(&Message{Index: next})
					models[i] = append(models[i], next)
				}
			case "take":
				taken, want = append(taken, boxes[i].take()), append(want, models[i])
				models[i] = nil
			case "clone":
				c := boxes[i].clone()
				boxes, models = append(boxes, &c), append(models, slices.Clone(models[i]))
			}
			if boxes[i].empty() != (len(models[i]) == 0) {
				t.Fatalf("empty() is %v, %d messages are queued", boxes[i].empty(), len(models[i]))
			}
		}
		for i := range taken {
			if !slices.EqualFunc(taken[i], want[i], func(m Message, at Index) bool { return m.Index == at }) {
				t.Fatalf("handed out %v, want %v", taken[i], want[i])
			}
			if cap(taken[i]) > len(taken[i]) {
				t.Fatal("an append to what was handed out would reach into the queue")
			}
		}
	})
}
