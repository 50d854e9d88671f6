package frame

import (
	"strings"
	"testing"
)

// TestColumns sets a table with wide characters, a control byte, and a row whose last cell runs on over the others.
func TestColumns(t *testing.T) {
	got := Columns([][]string{
		{"ENDPOINT", "HASH", "REV"},
		{"n1", "42", "7"},
		{"n2", "connection refused, and more"},
		{"值\x1b", "1", ""},
	})
	want := []string{
		"ENDPOINT  HASH  REV",
		"n1        42    7",
		"n2        connection refused, and more",
		`值\x1b    1`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if Columns(nil) == nil || len(Columns(nil)) != 0 {
		t.Error("no rows are no lines")
	}
}
