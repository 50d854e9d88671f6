package clock

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestQueueAgainstModel compares the queue with a list that is sorted anew each time.
func TestQueueAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q Queue[int]
		var model []Item[int]
		order := func(a, b Item[int]) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq)) }
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				at, what := Time(rapid.IntRange(0, 20).Draw(t, "at")), rapid.IntRange(0, 9).Draw(t, "what")
				model = append(model, Item[int]{At: at, Seq: q.Push(at, what), What: what})
				slices.SortFunc(model, order)
			},
			"pop": func(t *rapid.T) {
				got, ok := q.Pop()
				if ok != (len(model) > 0) || ok && got != model[0] {
					t.Fatalf("pop gave %v %v of %v", got, ok, model)
				}
				if ok {
					model = model[1:]
				}
			},
			"remove": func(t *rapid.T) {
				what := rapid.IntRange(0, 9).Draw(t, "what")
				var want []Item[int]
				model = slices.DeleteFunc(slices.Clone(model), func(it Item[int]) bool {
					if it.What == what {
						want = append(want, it)
					}
					return it.What == what
				})
				if got := q.RemoveIf(func(it *Item[int]) bool { return it.What == what }); !slices.Equal(got, want) {
					t.Fatalf("removed %v, want %v", got, want)
				}
			},
			"clone": func(t *rapid.T) {
				old := q
				q = q.Clone()
				old.Push(0, 99)
			},
			"": func(t *rapid.T) {
				if got := q.Sorted(); !slices.Equal(got, model) {
					t.Fatalf("queue %v, want %v", got, model)
				}
				if first, ok := q.Peek(); ok && first != model[0] {
					t.Fatalf("peek %v, want %v", first, model[0])
				}
			},
		})
	})
}
