package disk

import "testing"

func TestFaultSentences(t *testing.T) {
	seen := map[string]bool{}
	for kind := Slow; kind <= Misdirect; kind++ {
		f := Fault{Kind: kind, File: "wal", N: 7}
		every := Fault{Kind: kind, N: 7}
		for _, text := range []string{f.String(), every.String()} {
			if seen[text] {
				t.Errorf("two faults are described as %q", text)
			}
			seen[text] = true
		}
	}
	for f, want := range map[*Fault]string{
		{Kind: Slow, N: 200, File: "wal"}: "an fsync of wal takes 200µs",
		{Kind: Full, N: 9}:                "full: room for 9 bytes in every file",
		{Kind: 99, File: "x"}:             "fault 99 of x",
	} {
		if got := f.String(); got != want {
			t.Errorf("%+v is described as %q, want %q", *f, got, want)
		}
	}
}
