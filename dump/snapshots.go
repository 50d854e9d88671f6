package dump

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"etcdscope/raft/snap"
	"etcdscope/raft/wal"
)

// snapshots prints what the snapshot files say that lie beside the log. The file of a snapshot holds who was a member;
// the keys are in the database.
func (p *walPrinter) snapshots(path string) {
	for _, place := range append([]string{""}, snapDirs...) {
		d, err := wal.OpenDir(filepath.Join(path, place))
		if err != nil || len(snap.List(d)) == 0 {
			continue
		}
		names := snap.List(d)
		slices.Reverse(names)
		for _, name := range names {
			fmt.Fprintf(p.out, "%s  %s\n", safe(name), safe(snapshotText(d, name)))
		}
		fmt.Fprintln(p.out)
		return
	}
}

func snapshotText(d wal.Disk, name string) string {
	s, err := snap.Read(d, name)
	if err != nil {
		return "DAMAGED: " + err.Error()
	}
	text := fmt.Sprintf("index %d, term %d, %s", s.Meta.Index, s.Meta.Term, confStateText(s.Meta.Conf))
	m, err := snap.DecodeMembership(s.Data)
	if err != nil {
		return text + ", " + notBytes("a list of members", s.Data)
	}
	for _, one := range m.Members {
		text += fmt.Sprintf("; %s %s at %s", id(one.ID), quote([]byte(one.Name)), strings.Join(one.PeerURLs, " "))
	}
	return text
}
