package pane

import (
	"testing"

	"etcdscope/cluster"
)

// TestEveryKindHasALetter holds that no kind of event is blank in the narrow column, and no two look the same.
func TestEveryKindHasALetter(t *testing.T) {
	letters := map[byte]cluster.Kind{}
	for k := cluster.Kind(1); k.String() != "?"; k++ {
		c := kindChar(&cluster.Event{Kind: k})
		if other, taken := letters[c]; c == ' ' || taken {
			t.Errorf("the letter of %v is %q, also that of %v", k, c, other)
		}
		letters[c] = k
	}
}
