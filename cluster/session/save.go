package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// formatVersion is the version of the text that Save writes.
const formatVersion = 1

// engineVersion names the behaviour of the simulation. A recording holds commands and not events, so it means
// the same only to an engine that behaves the same: raise it with every change that alters what a run does.
const engineVersion = "1"

// plan is a branch as a file tells it, before it has been replayed.
type plan struct {
	commands []given // ascending
	end      uint64
	at       clock.Time // of the end
	hash     uint64     // of the events up to the end; 0: not known
}

// given is a command, the event after which it was given, and how much later.
type given struct {
	after   uint64
	later   clock.Time
	command cluster.Command // At is 0: the two above say when
}

// Save writes the session (configuration, journals of all branches, marks, position) as readable text.
func (s *Session) Save(w io.Writer) error {
	var text bytes.Buffer
	if err := s.write(&text, ""); err != nil {
		return err
	}
	if text.Len() > fileLimits.bytes {
		return fmt.Errorf("the session would be %d bytes, and only %d are read again: its cluster began with too many files",
			text.Len(), fileLimits.bytes)
	}
	if _, err := text.WriteTo(w); err != nil {
		return err
	}
	s.unsaved = false
	return nil
}

// write is Save with a remark, which readers skip.
func (s *Session) write(w io.Writer, remark string) error {
	var b strings.Builder
	s.writeHead(&b, remark)
	for _, x := range s.branches {
		s.writeBranch(&b, x, x.end())
	}
	s.writePresent(&b)
	return s.writeSum(w, b.String())
}

func (s *Session) writeHead(b *strings.Builder, remark string) {
	fmt.Fprintf(b, "etcdscope session %d\n", formatVersion)
	if remark != "" {
		for line := range strings.SplitSeq(strings.TrimRight(remark, "\n"), "\n") {
			fmt.Fprintf(b, "# %s\n", line)
		}
	}
	fmt.Fprintf(b, "engine %s\nconfig %s\n", engineVersion, configJSON(s.config))
}

// writeBranch writes a branch up to event end.
func (s *Session) writeBranch(b *strings.Builder, x *branch, end uint64) {
	fmt.Fprintf(b, "branch %q", x.name)
	if x.parent != nil {
		fmt.Fprintf(b, " from %q after %d", x.parent.name, x.forkAt)
	}
	b.WriteByte('\n')
	if x.plan != nil {
		fmt.Fprintf(b, "end %d %d %016x\n", x.plan.end, int64(x.plan.at), x.plan.hash)
	} else {
		fmt.Fprintf(b, "end %d %d %016x\n", end, int64(x.timeOf(end)), s.hashAt(x, end))
	}
	if x.left != nil && *x.left < end {
		fmt.Fprintf(b, "left %d\n", *x.left)
	}
	for _, m := range x.marks {
		if m.Event <= end {
			fmt.Fprintf(b, "mark %d %q %q\n", m.Event, m.Kind, m.Name)
		}
	}
	for _, g := range x.journal(end) {
		b.WriteString("@" + strconv.FormatUint(g.after, 10))
		if g.later > 0 {
			b.WriteString("+" + strconv.FormatInt(int64(g.later), 10))
		}
		b.WriteString(" " + s.commandText(&g.command) + "\n")
	}
}

// journal lists the commands of a branch up to event end.
func (b *branch) journal(end uint64) []given {
	if b.plan != nil {
		return b.plan.commands
	}
	var out []given
	for _, id := range b.commands {
		if id <= end {
			e := b.event(id)
			g := given{after: id - 1, later: e.At - b.timeOf(id-1), command: *e.Command}
			g.command.At = 0
			out = append(out, g)
		}
	}
	return out
}

// hashAt is the event hash at the end of a branch, or 0 when it is not at hand.
func (s *Session) hashAt(b *branch, id uint64) uint64 {
	switch {
	case b == s.cur && id == s.pos && s.live != nil:
		return s.live.EventHash()
	case b.hashAt == id:
		return b.endHash
	}
	return 0
}

func (s *Session) writePresent(b *strings.Builder) {
	var hash uint64
	if s.live != nil {
		hash = s.live.EventHash()
	}
	fmt.Fprintf(b, "at %q %d %016x\n", s.cur.name, s.pos, hash)
}

func (s *Session) writeSum(w io.Writer, text string) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(text) // Flush tells
	fmt.Fprintf(out, "sum %08x\n", crc32.ChecksumIEEE([]byte(text)))
	return out.Flush()
}

// configJSON leaves out what the profile says anyway.
func configJSON(c cluster.Config) string {
	base, _ := cluster.Config{Seed: c.Seed, Nodes: c.Nodes, Profile: c.Profile}.Complete()
	if c.Timing == base.Timing {
		c.Timing = cluster.Timing{}
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("a configuration is plain data: %v", err))
	}
	return string(text)
}

// commandText is a command as a line of the journal: what the user typed when that means the command exactly,
// else "= " and the command as JSON (a command that no line of the language gives).
func (s *Session) commandText(c *cluster.Command) string {
	if back, err := parseCommand(s.config, c.Text); err == nil && reflect.DeepEqual(back, *c) {
		return c.Text
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("a command is plain data: %v", err))
	}
	return "= " + string(text)
}

// parseCommand reads the text of a journal line. Text of the command is the line itself: it is part of the
// event hash.
func parseCommand(cfg cluster.Config, line string) (cluster.Command, error) {
	if strings.TrimSpace(line) != line || strings.ContainsAny(line, "\r\n") {
		return cluster.Command{}, fmt.Errorf("want one line without blanks around it")
	}
	if text, ok := strings.CutPrefix(line, "= "); ok {
		var c cluster.Command
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		err := d.Decode(&c)
		return c, err
	}
	call, err := script.Parse(line, cluster.MaxNodes, 0)
	if err != nil {
		return cluster.Command{}, err
	}
	if call == nil || call.World == nil {
		return cluster.Command{}, fmt.Errorf("%q is no command of the world: want one like `put x 1` or `crash n1`", line)
	}
	call.Resolve(cfg.Timing.Tick)
	c := *call.World
	c.Text = line
	return c, nil
}
