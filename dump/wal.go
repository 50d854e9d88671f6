package dump

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"etcdscope/raft"
	"etcdscope/raft/wal"
)

// RecordTypes are the names that Options.Types may hold.
func RecordTypes() []string { return []string{"crc", "entry", "metadata", "snapshot", "state"} }

// errEnough ends a walk.
var errEnough = errors.New("enough")

// WAL prints the log below a directory. The error is Damaged when a member would not start with it.
func WAL(w io.Writer, path string, o Options) error {
	dir, err := findWAL(path)
	if err != nil {
		return err
	}
	d, err := wal.OpenDir(dir)
	if err != nil {
		return err
	}
	gone, err := replaced(d)
	if err != nil {
		return err
	}
	p := &walPrinter{out: bufio.NewWriter(w), disk: d, o: o, replaced: gone}
	if !o.JSON {
		p.snapshots(path)
	}
	if err := wal.Walk(d, p.record); err != nil && !errors.Is(err, errEnough) {
		return errors.Join(err, p.out.Flush())
	}
	verdict := p.verdict()
	return errors.Join(p.out.Flush(), verdict)
}

// walPrinter prints records and remembers what they amount to.
type walPrinter struct {
	out   *bufio.Writer
	disk  wal.Disk
	o     Options
	file  string // whose heading was printed last
	shown int
	total int

	replaced map[place]bool

	meta  wal.Metadata
	state raft.HardState
	last  raft.Index
	first raft.Index
}

// record prints one record, unless it was not asked for.
func (p *walPrinter) record(r *wal.Record) error {
	p.total++
	p.remember(r)
	if !p.wanted(r) {
		return nil
	}
	if p.o.Limit > 0 && p.shown == p.o.Limit {
		return errEnough
	}
	p.shown++
	if p.o.JSON {
		return p.json(r)
	}
	if r.File != p.file {
		p.heading(r.File)
	}
	if r.Length > 0 {
		p.row(r)
	}
	if r.Damage != nil {
		fmt.Fprintf(p.out, "%10d  %s\n", r.Offset, damageText(r))
	}
	return nil
}

func (p *walPrinter) remember(r *wal.Record) {
	switch {
	case r.Metadata != nil:
		p.meta = *r.Metadata
	case r.State != nil:
		p.state = *r.State
	case r.Entry != nil:
		p.last = r.Entry.Index
		if p.first == 0 {
			p.first = p.last
		}
	}
}

// wanted tells what was asked for; damage always is.
func (p *walPrinter) wanted(r *wal.Record) bool {
	if r.Damage != nil {
		return true
	}
	if len(p.o.Types) > 0 && !slices.Contains(p.o.Types, r.Type.String()) {
		return false
	}
	about := r.Type == wal.EntryType || r.Type == wal.StateType || r.Type == wal.SnapshotType
	return !about || uint64(r.Index) >= p.o.StartIndex
}

func (p *walPrinter) heading(file string) {
	size, err := p.disk.Size(file)
	if p.file != "" {
		fmt.Fprintln(p.out)
	}
	p.file = file
	fmt.Fprint(p.out, safe(file))
	if err == nil {
		fmt.Fprintf(p.out, ", %d bytes", size)
	}
	fmt.Fprintf(p.out, "\n%10s %7s  %-8s  %-8s %5s %8s  %s\n",
		"offset", "length", "crc", "record", "term", "index", "what")
}

func (p *walPrinter) row(r *wal.Record) {
	term, index := "", ""
	if r.Type == wal.EntryType || r.Type == wal.SnapshotType || r.Type == wal.StateType {
		term = fmt.Sprint(r.Term)
	}
	if r.Type == wal.EntryType || r.Type == wal.SnapshotType {
		index = fmt.Sprint(r.Index)
	}
	fmt.Fprintf(p.out, "%10d %7d  %08x  %-8s %5s %8s  %s\n",
		r.Offset, r.Length, r.CRC, r.Type, term, index,
		safe(recordText(r))+flag("  (replaced further down)", p.replaced[place{r.File, r.Offset}]))
	if p.o.Raw && len(r.Data) > 0 {
		fmt.Fprint(p.out, hexLines(r.Data))
	}
}

// recordText says what a record holds.
func recordText(r *wal.Record) string {
	switch {
	case r.Metadata != nil:
		return fmt.Sprintf("member %s of cluster %s", id(r.Metadata.NodeID), id(r.Metadata.ClusterID))
	case r.Entry != nil:
		return entryText(r.Entry)
	case r.State != nil && r.State.Vote == raft.None:
		return fmt.Sprintf("no vote, commit %d", r.State.Commit)
	case r.State != nil:
		return fmt.Sprintf("vote for %s, commit %d", id(r.State.Vote), r.State.Commit)
	case r.Snapshot != nil && r.Snapshot.Index == 0:
		return "none: the log begins with its first entry"
	case r.Snapshot != nil:
		return confStateText(r.Snapshot.Conf)
	case r.Type == wal.CRCType:
		return "the checksum goes on from here"
	}
	return notBytes("known", r.Data)
}

func confStateText(c raft.ConfState) string {
	out := "voters " + ids(c.Voters)
	for _, list := range []struct {
		name string
		ids  []raft.ID
	}{{"learners", c.Learners}, {"outgoing voters", c.VotersOutgoing}, {"next learners", c.LearnersNext}} {
		if len(list.ids) > 0 {
			out += ", " + list.name + " " + ids(list.ids)
		}
	}
	return out
}

// damageText says what is wrong, and what it means for the member.
func damageText(r *wal.Record) string {
	switch {
	case r.Damage.Torn:
		return "unfinished write: " + r.Damage.Reason + "; a restart cuts it off (a running member may be writing it)"
	case r.Length == 0:
		return "DAMAGED: " + r.Damage.Reason + "; what follows in this file cannot be made out"
	}
	return "DAMAGED: " + r.Damage.Reason
}

// verdict sums up, and returns Damaged if a member would refuse the log.
func (p *walPrinter) verdict() error {
	var err error
	torn := false
	for range attempts { // half a record of a running member is whole a moment later
		_, err = wal.Verify(p.disk)
		damage, ok := errors.AsType[*wal.Damage](err)
		if torn = ok && damage.Torn; err == nil || torn {
			break
		}
	}
	if p.o.JSON {
		return damagedUnless(err == nil || torn, err)
	}
	if p.total > 0 && p.o.Limit == 0 {
		fmt.Fprintf(p.out, "\n%d records, %d shown: member %s of cluster %s, term %d, ", p.total, p.shown,
			id(p.meta.NodeID), id(p.meta.ClusterID), p.state.Term)
		if p.first > 0 {
			fmt.Fprintf(p.out, "entries %d to %d, ", p.first, p.last)
		}
		fmt.Fprintf(p.out, "commit %d\n", p.state.Commit)
	}
	switch {
	case err == nil:
		fmt.Fprintln(p.out, "A member starts with this log: nothing is damaged.")
	case torn:
		fmt.Fprintln(p.out, "A member starts with this log, and cuts the unfinished write off: nobody was told of it.")
	default:
		fmt.Fprintln(p.out, "A member refuses to start with this log.")
	}
	return damagedUnless(err == nil || torn, err)
}

func damagedUnless(good bool, err error) error {
	if good {
		return nil
	}
	return Damaged{err}
}

// json prints a record as one line.
func (p *walPrinter) json(r *wal.Record) error {
	line := newRecordJSON(r, p.o.Raw)
	line.Replaced = p.replaced[place{r.File, r.Offset}]
	return writeJSON(p.out, line)
}
