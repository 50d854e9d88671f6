package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
)

// savedFile is a save file, parsed and checked, before anything is run.
type savedFile struct {
	config      cluster.Config
	configLine  int
	branches    []*branch
	current     string
	pos         uint64
	hash        uint64
	presentLine int
}

// reader reads a save file line by line.
type reader struct {
	name   string
	line   int
	limits limits
	file   savedFile
	count  int  // commands
	ended  bool // the present was read: nothing may follow but the sum
}

// parseSave reads and checks the text without running anything.
func parseSave(name, text string, l limits) (*savedFile, error) {
	r := &reader{name: name, limits: l, line: 1}
	if len(text) > l.bytes {
		return nil, r.errorf("the recording is longer than %d bytes: want a file that Save wrote", l.bytes)
	}
	if err := r.checkFrame(text); err != nil {
		return nil, err
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if err := r.read(line); err != nil {
			return nil, err
		}
		r.line++
	}
	return &r.file, r.checkAll()
}

func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{r.name, r.line}, args...)...)
}

// checkFrame looks at the first and the last line, which say whether the rest can be trusted.
func (r *reader) checkFrame(text string) error {
	first, _, _ := strings.Cut(text, "\n")
	version, ok := strings.CutPrefix(first, "etcdscope session ")
	if !ok {
		return r.errorf("want a first line `etcdscope session %d`: this is no saved session", formatVersion)
	}
	if version != strconv.Itoa(formatVersion) {
		return r.errorf("format %.20q: this version of etcdscope reads format %d", version, formatVersion)
	}
	r.line = strings.Count(text, "\n")
	body, sum, ok := cutLast(text, "\nsum ")
	if !ok || !strings.HasSuffix(text, "\n") {
		return r.errorf("want a last line `sum CHECKSUM`: the file was cut off")
	}
	if want := fmt.Sprintf("%08x\n", crc32.ChecksumIEEE([]byte(body+"\n"))); sum != want {
		return r.errorf("the checksum is %.8q, want %.8q: the file was changed or damaged", sum, want)
	}
	r.line = 1
	return nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// read reads one line.
func (r *reader) read(line string) error {
	if r.line == 1 || line == "" || line[0] == '#' {
		return nil
	}
	if after, ok := strings.CutPrefix(line, "@"); ok {
		return r.readCommand(after)
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "engine":
		if rest != engineVersion {
			return r.errorf("engine %.20q: this is engine %s, in which the run would come out differently; "+
				"play it with the version that recorded it", rest, engineVersion)
		}
		return nil
	case "config":
		return r.readConfig(rest)
	case "branch":
		return r.readBranch(rest)
	case "end", "left", "mark":
		return r.readDetail(word, rest)
	case "at":
		return r.readPresent(rest)
	case "sum":
		return nil
	}
	return r.errorf("%.40q: want engine, config, branch, end, left, mark, at, sum, @EVENT or #", word)
}

func (r *reader) readConfig(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var c cluster.Config
	if err := d.Decode(&c); err != nil {
		return r.errorf("config: %v; want JSON such as {\"seed\":1,\"nodes\":5,\"profile\":\"paper\"}", err)
	}
	c, err := c.Complete()
	if err != nil {
		return r.errorf("config: %w", err)
	}
	if tooLong(c.Timing) {
		return r.errorf("config: want times of at most %v and counts of at most %d", longest, most)
	}
	if r.file.configLine != 0 {
		return r.errorf("config: there is one already in line %d", r.file.configLine)
	}
	r.file.config, r.file.configLine = c, r.line
	return nil
}

// What a file may ask for: virtual time must not overflow within the events that it may have.
const (
	longest = 3600 * clock.Second
	most    = 1_000_000
)

func tooLong(t cluster.Timing) bool {
	times := []clock.Time{
		t.Tick, t.LinkMin, t.LinkMax, t.Client, t.Fsync, t.Handle, t.Apply, t.BatchInterval, t.WatchSync, t.Request,
	}
	return slices.Max(times) > longest || max(t.Heartbeat, t.ElectionMin, t.ElectionMax, t.BatchLimit) > most
}

// readBranch reads `"B" from "A" after 120`, or the name alone for the first.
func (r *reader) readBranch(text string) error {
	words, err := split(text)
	if err != nil || len(words) != 1 && (len(words) != 5 || words[1] != "from" || words[3] != "after") {
		return r.errorf("branch: want \"NAME\" or \"NAME\" from \"PARENT\" after EVENT")
	}
	b := &branch{name: words[0], named: true, plan: &plan{}}
	switch {
	case checkName(b.name) != nil:
		return r.errorf("branch: %w", checkName(b.name))
	case r.branch(b.name) != nil:
		return r.errorf("branch %s: there is one already", b.name)
	case len(r.file.branches) >= maxBranches:
		return r.errorf("branch %s: more than %d branches", b.name, maxBranches)
	case r.file.configLine == 0:
		return r.errorf("branch: want a line `config` before it")
	case (len(words) == 1) != (len(r.file.branches) == 0):
		return r.errorf("branch %s: want the first without a parent, and every other with one", b.name)
	}
	if len(words) == 5 {
		b.parent = r.branch(words[2])
		at, err := strconv.ParseUint(words[4], 10, 64)
		if b.parent == nil || err != nil || at < b.parent.forkAt || at > b.parent.plan.end {
			return r.errorf("branch %s: want a parent above and one of its events, not %q after %q", b.name, words[2], words[4])
		}
		b.forkAt, b.plan.end = at, at
	}
	b.named = !isLetters(b.name)
	r.file.branches = append(r.file.branches, b)
	return nil
}

func isLetters(name string) bool { return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

func (r *reader) branch(name string) *branch {
	for _, b := range r.file.branches {
		if b.name == name {
			return b
		}
	}
	return nil
}

// readDetail reads what stands below a branch: its end, where it was left, a mark.
func (r *reader) readDetail(word, text string) error {
	b := r.lastBranch()
	words, err := split(text)
	want := map[string]int{"end": 3, "left": 1, "mark": 3}[word]
	if b == nil || err != nil || len(words) != want {
		return r.errorf("%s: want it below a branch, with %d words", word, want)
	}
	id, err := strconv.ParseUint(words[0], 10, 64)
	if err != nil {
		return r.errorf("%s: want the number of an event, not %q", word, words[0])
	}
	switch word {
	case "end":
		return r.readEnd(b, id, words)
	case "left":
		b.left = &id
	case "mark":
		b.marks = append(b.marks, Mark{Event: id, Kind: words[1], Name: words[2]})
	}
	if id > b.plan.end || id < b.forkAt && word == "mark" {
		return r.errorf("%s: event %d is not on branch %s, which goes to %d", word, id, b.name, b.plan.end)
	}
	return nil
}

func (r *reader) readEnd(b *branch, id uint64, words []string) error {
	at, err := strconv.ParseInt(words[1], 10, 64)
	hash, hashErr := strconv.ParseUint(words[2], 16, 64)
	if err != nil || hashErr != nil {
		return r.errorf("end: want EVENT, microseconds and a hash")
	}
	if id < b.forkAt || id > r.limits.events {
		return r.errorf("end: want an event from %d to %d, not %d", b.forkAt, r.limits.events, id)
	}
	b.plan.end, b.plan.at, b.plan.hash = id, clock.Time(at), hash
	return nil
}

func (r *reader) lastBranch() *branch {
	if len(r.file.branches) == 0 {
		return nil
	}
	return r.file.branches[len(r.file.branches)-1]
}

// readCommand reads `120 put x 1` or `120+2200 put x 1`: after event 120 somebody gave that command.
func (r *reader) readCommand(text string) error {
	number, line, _ := strings.Cut(text, " ")
	after, later, err := moment(number)
	b := r.lastBranch()
	if err != nil || b == nil {
		return r.errorf("want @EVENT COMMAND or @EVENT+MICROSECONDS COMMAND below a branch")
	}
	if n := len(b.plan.commands); n > 0 && b.plan.commands[n-1].after >= after {
		return r.errorf("want commands in the order of their events: %d comes after %d", after, b.plan.commands[n-1].after)
	}
	if after < b.forkAt || after >= b.plan.end {
		return r.errorf("event %d: want one of branch %s, from %d to before %d", after, b.name, b.forkAt, b.plan.end)
	}
	if r.count++; r.count > r.limits.commands {
		return r.errorf("more than %d commands", r.limits.commands)
	}
	c, err := parseCommand(r.file.config, line)
	if err != nil {
		return r.errorf("%w", err)
	}
	b.plan.commands = append(b.plan.commands, given{after, later, c})
	return nil
}

// moment reads `120` or `120+2200`: after event 120, and so many microseconds later.
func moment(text string) (after uint64, later clock.Time, err error) {
	event, wait, waits := strings.Cut(text, "+")
	if waits {
		var us uint64
		us, err = strconv.ParseUint(wait, 10, 48)
		later = clock.Time(us)
	}
	after, eventErr := strconv.ParseUint(event, 10, 64)
	return after, later, errors.Join(err, eventErr)
}

// readPresent reads `"B" 300 HASH`.
func (r *reader) readPresent(text string) error {
	words, err := split(text)
	if err != nil || len(words) != 3 || r.ended {
		return r.errorf("at: want \"BRANCH\" EVENT HASH, once")
	}
	pos, err := strconv.ParseUint(words[1], 10, 64)
	hash, hashErr := strconv.ParseUint(words[2], 16, 64)
	b := r.branch(words[0])
	if err != nil || hashErr != nil || b == nil || pos > b.plan.end {
		return r.errorf("at: want a branch above, one of its events and a hash")
	}
	r.file.current, r.file.pos, r.file.hash, r.file.presentLine, r.ended = words[0], pos, hash, r.line, true
	return nil
}

// checkAll looks at what only the whole file shows.
func (r *reader) checkAll() error {
	if !r.ended {
		return r.errorf("want a line `at \"BRANCH\" EVENT HASH`")
	}
	var total uint64
	for _, b := range r.file.branches {
		total += b.plan.end - b.forkAt
	}
	if total > r.limits.events {
		return r.errorf("%d events to replay: want at most %d", total, r.limits.events)
	}
	return nil
}

// split cuts a line into words; words in double quotes are unquoted as in Go.
func split(text string) ([]string, error) {
	var words []string
	for text != "" {
		word, rest, _ := strings.Cut(text, " ")
		if text[0] == '"' {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, err
			}
			word, _ = strconv.Unquote(quoted)
			rest = strings.TrimPrefix(text[len(quoted):], " ")
		}
		words, text = append(words, word), rest
	}
	return slices.Clip(words), nil
}
