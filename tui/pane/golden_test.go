package pane

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"etcdscope/tui/frame"
)

var rewrite = flag.Bool("rewrite", false, "write what is drawn into the golden files")

// golden compares a picture with its file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file+".txt")
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is drawn differently; if that is right, run go test with -rewrite.\ngot:\n%s\nwant:\n%s",
			file, got, want)
	}
}

// draw draws a pane with its border on a frame of its own and returns the text.
func draw(p Pane, s *Scene, w, h int) string {
	f := frame.New(w, h)
	f.Ellipsis = s.Theme.Glyph.Ellipsis
	Framed(f, f.Bounds(), p, s, true)
	return f.Trimmed()
}
