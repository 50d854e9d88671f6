package script

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// sortTargets are the fields that etcdctl sorts by, sorted.
var sortTargets = []string{"CREATE", "KEY", "MODIFY", "VALUE", "VERSION"}

// asked reads flags, and words without dashes: as many as there may be.
func (p *lineParser) asked(least, most int, what string) *request {
	r := &request{lineParser: p, op: &cluster.OpSpec{}, needs: least}
	r.read()
	r.wants(least, most, what)
	return r
}

// onNothing reads a request that has flags only.
func onNothing(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		return world(cluster.Command{Kind: kind, Op: p.asked(0, 0, "nothing").op})
	}
}

// onLease reads a request about a lease.
func onLease(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		var r *request
		switch kind {
		case cluster.LeaseList:
			return onNothing(kind)(p)
		case cluster.LeaseGrant:
			if r = p.asked(1, 1, "the seconds to live"); r.err == nil {
				r.op.TTL = r.numberIn(r.words[0], r.words[0].text, "seconds", 1, math.MaxInt64)
			}
		default:
			if r = p.asked(1, 1, "a lease"); r.err == nil {
				r.op.Lease = r.lease(r.words[0])
			}
		}
		return world(cluster.Command{Kind: kind, Op: r.op})
	}
}

// lease reads the tag of a grant, or an ID in hex.
func (r *request) lease(v word) string {
	_, err := strconv.ParseInt(v.text, 16, 64)
	if r.err == nil && !isTag(v.text) && err != nil {
		r.fail(v, fmt.Sprintf("%q cannot be a lease", v.text), "write the tag of its grant, or its ID in hex")
	}
	return v.text
}

func parseCompact(p *lineParser) *Call {
	r := p.asked(1, 1, "a revision, or now")
	if r.err == nil && !(r.words[0].bare && r.words[0].text == "now") {
		r.op.Rev = r.numberIn(r.words[0], r.words[0].text, "a revision", 1, math.MaxInt64)
	}
	r.op.Now = r.op.Rev == 0
	return world(cluster.Command{Kind: cluster.ClientCompact, Op: r.op})
}

// onEndpoints reads a request that every member answers for itself.
func onEndpoints(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		least := 0
		if kind == cluster.Defrag {
			least = 1
		}
		r := p.asked(least, p.nodes+1, "members")
		c := cluster.Command{Kind: kind, Op: r.op}
		for _, w := range r.words {
			c.Members = appendNew(c.Members, p.memberList(w)...)
		}
		switch {
		case len(c.Members) > 0 || r.err != nil:
		case len(r.words) > 0: // nothing but commas
			r.fail(r.words[0], "no member is named", "write "+p.spec.Usage)
		default:
			c.Members = p.everyone()
		}
		return world(c)
	}
}

func parseClock(p *lineParser) *Call {
	w := p.take("a member and a rate")
	ids := p.memberList(w)
	rate := p.take("a rate such as 2.0")
	value, err := strconv.ParseFloat(rate.text, 64)
	thousandths := math.Round(value * cluster.TrueRate)
	if p.err == nil && (err != nil || !isDecimal(rate.text) || thousandths > maxRate*cluster.TrueRate) {
		p.fail(rate, fmt.Sprintf("%q is no rate of a clock", rate.text),
			fmt.Sprintf("write 0 (it stands) to %d, 1 is true", maxRate))
	}
	if p.err == nil && len(ids) == 0 {
		p.fail(w, "clock needs a member", "write "+p.spec.Usage)
	}
	return world(cluster.Command{Kind: cluster.SetClock, Members: ids, Rate: int64(thousandths)})
}

// maxRate is how much faster than true a clock may run.
const maxRate = 100

func parseFlag(p *lineParser) *Call {
	name, value := p.take("a flag and its value"), p.take("a value")
	if p.err == nil && !slices.Contains(cluster.FlagNames(), name.text) {
		p.unknown(name, "flag", cluster.FlagNames())
	}
	return world(cluster.Command{Kind: cluster.SetFlag, Flag: name.text, Value: value.text})
}

// storeOption sets an option of a request about the store that has a value.
func (r *request) storeOption(v word, name string) {
	bound := func() int64 { return r.numberIn(v, v.text, "a revision", 0, math.MaxInt64) }
	switch name {
	case "lease":
		r.op.Lease = r.lease(v)
	case "lock":
		r.claimTag(v)
		r.op.Lock = v.text
	case "ttl":
		r.sessionTTL(v)
	case "sort-by":
		r.op.SortBy = r.sortTarget(v)
	case "order":
		switch v.text {
		case "ASCEND":
			r.op.Order = mvcc.SortAscend
		case "DESCEND":
			r.op.Order = mvcc.SortDescend
		default:
			r.unknown(v, "order", []string{"ASCEND", "DESCEND"})
		}
	case "min-mod-rev":
		r.op.MinMod = bound()
	case "max-mod-rev":
		r.op.MaxMod = bound()
	case "min-create-rev":
		r.op.MinCreate = bound()
	case "max-create-rev":
		r.op.MaxCreate = bound()
	}
}

// sortNames are the names of etcdctl for the fields to sort by.
var sortNames = []string{
	mvcc.SortByKey: "KEY", mvcc.SortByVersion: "VERSION", mvcc.SortByCreate: "CREATE", mvcc.SortByMod: "MODIFY",
	mvcc.SortByValue: "VALUE",
}

func (r *request) sortTarget(v word) mvcc.SortTarget {
	i := slices.Index(sortNames, v.text)
	if i < 0 {
		r.unknown(v, "field to sort by", sortTargets)
		return mvcc.SortByKey
	}
	return mvcc.SortTarget(i)
}

// agree refuses options that etcdctl refuses together.
func (r *request) agree() {
	switch o := r.op; {
	case r.err != nil:
	case o.KeysOnly && o.CountOnly:
		r.fail(word{col: 1}, "--keys-only and --count-only exclude each other", "leave one of them out")
	case o.IgnoreValue && len(o.Value) > 0:
		r.fail(r.words[1], "a value beside --ignore-value", "leave one of them out")
	case o.IgnoreLease && o.Lease != "":
		r.fail(word{col: 1}, "--lease and --ignore-lease exclude each other", "leave one of them out")
	}
}

// storeWords writes commands about the store; ok is false for all others.
func storeWords(c *cluster.Command) (words []string, ok bool) {
	switch c.Kind {
	case cluster.ClientTxn:
		words = []string{txnText(c.Op.Txn)}
	case cluster.ClientCompact:
		words = []string{"now"}
		if !c.Op.Now {
			words = []string{strconv.FormatInt(c.Op.Rev, 10)}
		}
	case cluster.LeaseGrant:
		words = []string{strconv.FormatInt(c.Op.TTL, 10)}
	case cluster.LeaseKeepAlive, cluster.LeaseRevoke, cluster.LeaseTimeToLive:
		words = []string{quote(c.Op.Lease)}
	case cluster.LeaseList, cluster.AlarmList, cluster.AlarmDisarm:
	case cluster.ClientAuth:
		words = authWords(c.Op)
	case cluster.Defrag:
		words = memberWords(c.Members)
	case cluster.ClientSnapshot:
		words = []string{quote(c.Op.File)}
	case cluster.EndpointStatus, cluster.EndpointHashKV:
		if words = memberWords(c.Members); c.Op.Rev != 0 {
			words = append(words, "--rev", strconv.FormatInt(c.Op.Rev, 10))
		}
	case cluster.SetClock:
		rate := strconv.FormatFloat(float64(c.Rate)/cluster.TrueRate, 'f', -1, 64)
		return []string{strings.Join(memberWords(c.Members), ","), rate}, true
	case cluster.SetFlag:
		return []string{c.Flag, quote(c.Value)}, true
	default:
		return nil, false
	}
	if c.Op == nil {
		return words, true
	}
	return append(words, askWords(c.Op)...), true
}

// askWords are the switches of requests about the store, and then the options of every request.
func askWords(o *cluster.OpSpec) (words []string) {
	for _, f := range []struct {
		text string
		on   bool
	}{{"--once", o.Once}, {"--keys", o.Keys}, {"--physical", o.Physical}} {
		if f.on {
			words = append(words, f.text)
		}
	}
	return append(words, optionWords(&cluster.OpSpec{
		Via: o.Via, Client: o.Client, Tag: o.Tag, User: o.User, Password: o.Password,
	})...)
}

// storeFlags writes the options that put and get have beside the oldest ones.
func storeFlags(o *cluster.OpSpec) (words []string) {
	flag := func(on bool, text ...string) {
		if on {
			words = append(words, text...)
		}
	}
	number := func(name string, n int64) { flag(n != 0, name, strconv.FormatInt(n, 10)) }
	flag(o.SortBy != 0, "--sort-by", sortNames[o.SortBy])
	flag(o.Order == mvcc.SortAscend, "--order", "ASCEND")
	flag(o.Order == mvcc.SortDescend, "--order", "DESCEND")
	number("--min-mod-rev", o.MinMod)
	number("--max-mod-rev", o.MaxMod)
	number("--min-create-rev", o.MinCreate)
	number("--max-create-rev", o.MaxCreate)
	flag(o.Lease != "", "--lease", o.Lease)
	flag(o.IgnoreValue, "--ignore-value")
	flag(o.IgnoreLease, "--ignore-lease")
	flag(o.Lock != "", "--lock", o.Lock)
	return words
}
