package wal

import (
	"fmt"
	"strings"
	"testing"
)

// walked lists what Walk finds on a disk, one line a record.
func walked(t testing.TB, d Disk) string {
	var b strings.Builder
	check(t, Walk(d, func(r *Record) error {
		fmt.Fprintf(&b, "%s %3d+%d", r.File[15:], r.Offset, r.Length)
		if r.Length > 0 {
			fmt.Fprintf(&b, " %v %08x", r.Type, r.CRC)
		}
		switch {
		case r.Metadata != nil:
			fmt.Fprintf(&b, " %+v", *r.Metadata)
		case r.Entry != nil:
			fmt.Fprintf(&b, " %d/%d=%s", r.Entry.Index, r.Entry.Term, r.Entry.Data)
		case r.State != nil:
			fmt.Fprintf(&b, " %+v", *r.State)
		case r.Snapshot != nil:
			fmt.Fprintf(&b, " %d/%d %v", r.Snapshot.Index, r.Snapshot.Term, r.Snapshot.Conf.Voters)
		}
		if r.Damage != nil {
			fmt.Fprintf(&b, " (torn %v: %s)", r.Damage.Torn, r.Damage.Reason)
		}
		b.WriteString("\n")
		return nil
	}))
	return b.String()
}
