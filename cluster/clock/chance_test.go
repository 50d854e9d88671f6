package clock

import "testing"

// TestDrawIsFixed pins draws: recorded runs depend on them on every machine.
func TestDrawIsFixed(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		p    Purpose
		a, b uint64
		n    uint64
		want uint64
	}{
		{7, ForElection, 1, 0, 0, 0xf11798667e620e0c},
		{7, ForLink, 1, 2, 3, 0x553f55456ba81bba},
		{8, ForLink, 1, 2, 3, 0xcd6da508eec12b9e},
	} {
		if got := Draw(c.seed, c.p, c.a, c.b, c.n); got != c.want {
			t.Errorf("Draw(%d, %d, %d, %d, %d) = %#x, want %#x", c.seed, c.p, c.a, c.b, c.n, got, c.want)
		}
	}
}

// TestDrawIsEven counts draws in ten boxes.
func TestDrawIsEven(t *testing.T) {
	var boxes [10]int
	const draws = 100_000
	for n := range uint64(draws) {
		boxes[Between(Draw(1, ForLink, 1, 2, n), 0, 9)]++
	}
	for i, n := range boxes {
		if n < draws/10*95/100 || n > draws/10*105/100 {
			t.Errorf("box %d holds %d of %d draws", i, n, draws)
		}
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		draw   uint64
		lo, hi int64
		want   int64
	}{{0, 5, 9, 5}, {4, 5, 9, 9}, {5, 5, 9, 5}, {3, 5, 5, 5}, {3, 5, 2, 5}} {
		if got := Between(c.draw, c.lo, c.hi); got != c.want {
			t.Errorf("Between(%d, %d, %d) = %d, want %d", c.draw, c.lo, c.hi, got, c.want)
		}
	}
}

func TestTimeString(t *testing.T) {
	for at, want := range map[Time]string{0: "0.0ms", 148_300: "148.3ms", 99: "0.0ms", 2 * Second: "2000.0ms"} {
		if got := at.String(); got != want {
			t.Errorf("%d prints %q, want %q", int64(at), got, want)
		}
	}
}
