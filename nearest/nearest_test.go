package nearest

import "testing"

func TestWord(t *testing.T) {
	known := []string{"partition", "pause", "put", "isolate", "n1", "n2", "goal", "Step"}
	for word, want := range map[string]string{
		"partion": "partition", "PARTITON": "partition", "part": "partition", "puase": "pause", "gaol": "goal",
		"step": "Step", "putt": "put", "n9": "n1", "x": "", "": "", "elephant": "", "isolation": "isolate",
		"a word that is far longer than any word that anybody would type": "",
	} {
		if got := Word(word, known); got != want {
			t.Errorf("Word(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Word("put", nil); got != "" {
		t.Errorf("nothing is near %q when nothing is known, got %q", "put", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"goal", "gaol", 1},
		{"a", "b", 1},
		{"ab", "", 2},
		{"中文", "中", 1},
		{"abc", "cab", 2},
		{"abcdefgh", "x", 4},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
