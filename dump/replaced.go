package dump

import (
	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// place is where a record stands.
type place struct {
	file   string
	offset int64
}

// replaced finds the entries that a later record takes the place of. No record says that the log was cut: an entry
// replaces the one at its index, and all that follow that (Raft figure 7).
func replaced(d wal.Disk) (map[place]bool, error) {
	type entry struct {
		index raft.Index
		at    place
	}
	var log []entry
	gone := map[place]bool{}
	err := wal.Walk(d, func(r *wal.Record) error {
		if r.Entry == nil || r.Damage != nil {
			return nil
		}
		for len(log) > 0 && log[len(log)-1].index >= r.Index {
			gone[log[len(log)-1].at] = true
			log = log[:len(log)-1]
		}
		log = append(log, entry{r.Index, place{r.File, r.Offset}})
		return nil
	})
	return gone, err
}
