package script

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"etcdscope/cluster"
)

// maxClient is the largest client number: c1 to c99.
const maxClient = 99

// onClient reads a request of a client. keys is how many words it needs before options without dashes may come.
func onClient(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		r := &request{lineParser: p, op: &cluster.OpSpec{}, needs: 1}
		if kind == cluster.ClientPut {
			r.needs = 2
		}
		r.read()
		if kind == cluster.ClientPut {
			r.put()
		} else {
			r.keyRange()
		}
		r.agree()
		return world(cluster.Command{Kind: kind, Op: r.op})
	}
}

// request is a client's request while it is read.
type request struct {
	*lineParser
	op      *cluster.OpSpec
	needs   int
	words   []word // keys and values
	prefix  *word  // the flag, if it was given
	fromKey *word
	listen  *word
	literal bool // behind --

	nodesAsked    int // of snapshot restore
	bump          int64
	markCompacted bool
}

// read parts flags from keys and values.
func (r *request) read() {
	for r.more() {
		w := r.take("")
		switch {
		case r.literal || !w.bare:
			r.words = append(r.words, w)
		case w.text == "--":
			r.literal = true
		case strings.HasPrefix(w.text, "--"):
			name, value, hasValue := strings.Cut(w.text[2:], "=")
			r.flag(w, name, value, hasValue)
		case len(w.text) > 1 && w.text[0] == '-':
			r.fail(w, fmt.Sprintf("unknown flag %q", w.text),
				"write -- before a key or value that begins with -, or quote it")
		case len(r.words) >= r.needs && isOptionWord(w.text) && r.has(w.text) && r.more():
			r.flag(w, w.text, "", false)
		default:
			r.words = append(r.words, w)
		}
	}
}

func (r *request) has(flag string) bool {
	for _, f := range r.spec.Flags {
		if f.Name == flag {
			return true
		}
	}
	return false
}

// flag reads one option and its value.
func (r *request) flag(w word, name, value string, hasValue bool) {
	if !r.has(name) {
		r.unknown(word{text: "--" + name, col: w.col}, "flag", flagNames(r.spec))
		return
	}
	for _, f := range r.spec.Flags {
		if f.Name != name {
			continue
		}
		if f.Value == "" {
			r.toggle(w, name, value, hasValue)
			return
		}
		v := word{text: value, col: w.col + len([]rune(w.text)) - len([]rune(value))}
		if !hasValue {
			v = r.take("a value for " + w.text)
		}
		r.option(v, name)
	}
}

// toggle sets a switch; like pflag it takes =true and =false, never a word of its own.
func (r *request) toggle(w word, name, value string, hasValue bool) {
	on := !hasValue || value == "true"
	if hasValue && value != "true" && value != "false" {
		r.fail(w, fmt.Sprintf("--%s is a switch", name), "write it without a value, or =true, or =false")
	}
	mark := &w
	if !on {
		mark = nil
	}
	switch name {
	case "prefix":
		r.prefix = mark
	case "from-key":
		r.fromKey = mark
	case "listen":
		r.listen = mark
	case "prev-kv":
		r.op.PrevKV = on
	case "keys-only":
		r.op.KeysOnly = on
	case "count-only":
		r.op.CountOnly = on
	case "require-leader":
		r.op.RequireLeader = on
	case "serializable":
		r.op.Serializable = on
	case "mark-compacted":
		r.markCompacted = on
	case "learner":
		r.op.Member.Learner = on
	case "ignore-value":
		r.op.IgnoreValue = on
	case "ignore-lease":
		r.op.IgnoreLease = on
	case "physical":
		r.op.Physical = on
	case "keys":
		r.op.Keys = on
	case "once":
		r.op.Once = on
	case "no-password":
		r.op.Auth.NoPassword = on
	}
}

// option sets an option that has a value.
func (r *request) option(v word, name string) {
	switch name {
	case "via":
		r.op.Via = r.memberOf(v, v.text)
	case "by":
		r.op.Client = r.client(v)
	case "user":
		r.op.User, r.op.Password = r.credentials(v)
	case "new-user-password":
		r.op.Auth.Password = r.password(v, v.text)
	case "tag":
		if r.err == nil && !isTag(v.text) {
			r.fail(v, fmt.Sprintf("%q cannot be a tag", v.text),
				"write a letter, then letters, digits or _, at most 32 in all")
		}
		r.op.Tag = v.text
	case "rev":
		r.op.Rev = r.numberIn(v, v.text, "a revision", 0, math.MaxInt64)
	case "limit":
		r.op.Limit = r.numberIn(v, v.text, "a limit", 0, math.MaxInt64)
	case "nodes":
		r.nodesAsked = int(r.numberIn(v, v.text, "members", 1, cluster.MaxNodes))
	case "bump-revision":
		r.bump = r.numberIn(v, v.text, "revisions", 1, math.MaxInt32)
	case "transition":
		r.transition(v)
	case "peer-urls":
		r.op.Member.Addr = string(r.bytes(v))
	case "consistency":
		if v.text != "l" && v.text != "s" {
			r.fail(v, fmt.Sprintf("unknown consistency %q", v.text), "write l (linearizable) or s (serializable)")
		}
		r.op.Serializable = v.text == "s"
	default:
		r.storeOption(v, name)
	}
}

// client reads c1, c2, …
func (r *request) client(v word) int {
	number, ok := strings.CutPrefix(v.text, "c")
	if r.err == nil && (!ok || !isDigits(number)) {
		r.fail(v, fmt.Sprintf("unknown client %q", v.text), fmt.Sprintf("write c1 to c%d", maxClient))
	}
	return int(r.numberIn(v, number, "a client number", 1, maxClient))
}

func (r *request) put() {
	least := 2
	if r.op.IgnoreValue {
		least = 1
	}
	r.wants(least, 2, "a key and a value")
	if r.err != nil {
		return
	}
	r.op.Key = r.key(r.words[0])
	if len(r.words) == 2 {
		r.op.Value = r.bytes(r.words[1])
	}
}

// keyRange turns key, range end, --prefix and --from-key into [Key, End), as etcdctl does.
func (r *request) keyRange() {
	most := 2
	if r.prefix != nil || r.fromKey != nil {
		most = 1
	}
	if r.prefix != nil && r.fromKey != nil {
		r.fail(*r.fromKey, "--prefix and --from-key exclude each other", "leave one of them out")
	}
	if most == 1 && len(r.words) == 2 {
		r.fail(r.words[1], "a range end beside --prefix or --from-key", "leave one of them out")
	}
	r.wants(1, most, "a key")
	if r.err != nil {
		return
	}
	first := r.words[0]
	switch {
	case most == 1 && first.text == "":
		r.op.Key, r.op.End = []byte{0}, []byte{}
	case r.prefix != nil:
		r.op.Key = r.key(first)
		r.op.End = prefixEnd(r.op.Key)
	case r.fromKey != nil:
		r.op.Key, r.op.End = r.key(first), []byte{}
	default:
		r.op.Key = r.key(first)
		if len(r.words) == 2 {
			r.op.End = rangeEnd(r.bytes(r.words[1]))
		}
	}
}

// wants checks how many keys and values there are.
func (r *request) wants(least, most int, what string) {
	switch {
	case len(r.words) < least:
		r.missing(what)
	case len(r.words) > most:
		w := r.words[most]
		r.fail(w, fmt.Sprintf("%s does not expect %q", r.spec.Name, w.text),
			"put quotes around words that belong together, or write "+r.spec.Usage)
	}
}

func (r *request) key(w word) []byte {
	if w.text == "" {
		r.fail(w, "the key is empty", `etcd has no such key; --prefix or --from-key with "" mean all keys`)
	}
	return r.bytes(w)
}

func (r *request) bytes(w word) []byte {
	if len(w.text) > MaxValue {
		r.fail(w, fmt.Sprintf("%d bytes are too many", len(w.text)), fmt.Sprintf("at most %d are allowed", MaxValue))
	}
	return []byte(w.text)
}

// rangeEnd turns an end as etcd's protocol has it ("" is a single key, \x00 everything behind) into mvcc's.
func rangeEnd(end []byte) []byte {
	switch {
	case len(end) == 0:
		return nil
	case len(end) == 1 && end[0] == 0:
		return []byte{}
	}
	return end
}

// prefixEnd is the first key behind all keys that begin with prefix; empty when there is none.
func prefixEnd(prefix []byte) []byte {
	end := bytes.TrimRight(bytes.Clone(prefix), "\xff")
	if len(end) == 0 {
		return []byte{}
	}
	end[len(end)-1]++
	return end
}

func ofWatch(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		w := p.take("the tag of a watch")
		if p.err == nil && !isTag(w.text) {
			p.fail(w, fmt.Sprintf("%q cannot be a tag", w.text), "write the tag that the watch was given")
		}
		return world(cluster.Command{Kind: kind, Op: &cluster.OpSpec{Tag: w.text}})
	}
}

func flagNames(s *Spec) []string {
	out := make([]string, len(s.Flags))
	for i, f := range s.Flags {
		out[i] = "--" + f.Name
	}
	return out
}
