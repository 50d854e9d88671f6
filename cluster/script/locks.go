package script

import (
	"math"
	"strconv"

	"etcdscope/cluster"
)

// The seconds that a session lives without its client: etcdctl's --ttl of lock, and the library's default.
const (
	lockTTL  = 10
	electTTL = 60
)

// lockSpecs are etcdctl's lock and elect with what its library does beside them, and two commands of ours that stop a
// client.
var lockSpecs = []*Spec{
	{
		Name: "client pause", Usage: "client pause cN", Example: "client pause c2", parse: onPause(cluster.PauseClient),
		slots:  []slot{aClient},
		Help:   "Stop a client as SIGSTOP does: it renews no lease and takes no answer, and does not know it.",
		HelpZH: "像 SIGSTOP 一样暂停一个客户端：它不再续约，也不接收应答，而且自己不知道。",
	},
	{
		Name: "client resume", Usage: "client resume cN", Example: "client resume c2", parse: onPause(cluster.ResumeClient),
		slots: []slot{aClient},
		Help:  "Let a paused client go on with what it believed.", HelpZH: "让暂停的客户端带着原来的想法继续运行。",
	},
	{
		Name: "elect", Usage: "elect NAME PROPOSAL [flags] | elect NAME --listen [flags]",
		Example: "elect e first --by c2 --tag a", parse: parseElect,
		Flags: withAsk(
			Flag{"listen", "", "follow who leads, without standing for election"},
			Flag{"ttl", "SECONDS", "how long the session lives without its client; 60 otherwise"},
		),
		Help:   "Stand for election: a session, a key in the queue, and the wait for all keys before it.",
		HelpZH: "参加选举：建立会话、在队列中放入自己的键，并等待前面的键全部消失。",
	},
	{
		Name: "lock", Usage: "lock NAME [flags]", Example: "lock l --by c2 --tag b", parse: parseLock,
		Flags:  withAsk(Flag{"ttl", "SECONDS", "how long the session lives without its client; 10 otherwise"}),
		Help:   "Ask for a lock: a session, a key in the queue, and the wait for all keys before it.",
		HelpZH: "申请锁：建立会话、在队列中放入自己的键，并等待前面的键全部消失。",
	},
	{
		Name: "proclaim", Usage: "proclaim TAG VALUE", Example: "proclaim a second", parse: parseProclaim,
		slots: []slot{aClaim, anything},
		Help:  "Let a leader stand for another value, if it still leads.", HelpZH: "让领导者改换提案值，前提是它仍然是领导者。",
	},
	{
		Name: "resign", Usage: "resign TAG", Example: "resign a", parse: onClaim(cluster.ClientResign),
		slots:  []slot{aClaim},
		Help:   "Give up an election, won or not: delete the key, if it is still the own one, and end the session.",
		HelpZH: "退出选举（无论是否当选）：若键仍属于自己则删除，并结束会话。",
	},
	{
		Name: "unlock", Usage: "unlock TAG", Example: "unlock b", parse: onClaim(cluster.ClientUnlock),
		slots:  []slot{aClaim},
		Help:   "Give up a lock, held or not: delete its key and end the session.",
		HelpZH: "放弃锁（无论是否已持有）：删除它的键并结束会话。",
	},
}

// lockFlag is the option of put that names a lock.
var lockFlag = Flag{"lock", "TAG", "only while the client holds the lock, or the election, with this tag"}

func parseLock(p *lineParser) *Call {
	r := &request{lineParser: p, op: &cluster.OpSpec{TTL: lockTTL}, needs: 1}
	r.read()
	r.wants(1, 1, "a name")
	if r.err == nil {
		r.op.Key = r.key(r.words[0])
	}
	return world(cluster.Command{Kind: cluster.ClientLock, Op: r.op})
}

func parseElect(p *lineParser) *Call {
	r := &request{lineParser: p, op: &cluster.OpSpec{TTL: electTTL}, needs: 1}
	r.read()
	kind := cluster.ClientElect
	if r.listen != nil {
		kind, r.op.TTL = cluster.ClientObserve, 0
		r.wants(1, 1, "a name")
	} else {
		r.wants(2, 2, "a name and a proposal, or --listen")
	}
	if r.err == nil {
		r.op.Key = r.key(r.words[0])
	}
	if r.err == nil && len(r.words) == 2 {
		r.op.Value = r.bytes(r.words[1])
	}
	return world(cluster.Command{Kind: kind, Op: r.op})
}

// sessionTTL reads how long a session lives.
func (r *request) sessionTTL(v word) { r.op.TTL = r.numberIn(v, v.text, "seconds", 1, math.MaxInt64) }

// claim reads the tag of a lock or an election.
func (p *lineParser) claim() string {
	w := p.take("the tag of a lock or an election")
	p.claimTag(w)
	return w.text
}

func (p *lineParser) claimTag(w word) {
	if p.err == nil && !isTag(w.text) {
		p.fail(w, strconv.Quote(w.text)+" cannot be a tag", "write the tag that the lock or the election was given")
	}
}

func onClaim(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		return world(cluster.Command{Kind: kind, Op: &cluster.OpSpec{Tag: p.claim()}})
	}
}

func parseProclaim(p *lineParser) *Call {
	op := &cluster.OpSpec{Tag: p.claim()}
	r := &request{lineParser: p, op: op}
	if w := p.take("a value"); p.err == nil {
		op.Value = r.bytes(w)
	}
	return world(cluster.Command{Kind: cluster.ClientProclaim, Op: op})
}

func onPause(kind cluster.CommandKind) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		w := p.take("a client, such as c1")
		r := &request{lineParser: p}
		return world(cluster.Command{Kind: kind, Op: &cluster.OpSpec{Client: r.client(w)}})
	}
}

// claimWords writes commands about locks, elections and paused clients; ok is false for all others.
func claimWords(c *cluster.Command) (words []string, ok bool) {
	switch c.Kind {
	case cluster.ClientUnlock, cluster.ClientResign:
		return []string{c.Op.Tag}, true
	case cluster.ClientProclaim:
		return []string{c.Op.Tag, quote(string(c.Op.Value))}, true
	case cluster.PauseClient, cluster.ResumeClient:
		return []string{"c" + strconv.Itoa(max(c.Op.Client, 1))}, true
	case cluster.ClientLock, cluster.ClientElect, cluster.ClientObserve:
	default:
		return nil, false
	}
	words = []string{quote(string(c.Op.Key))}
	usual := int64(lockTTL)
	switch c.Kind {
	case cluster.ClientElect:
		words, usual = append(words, quote(string(c.Op.Value))), electTTL
	case cluster.ClientObserve:
		words, usual = append(words, "--listen"), 0
	}
	if c.Op.TTL != usual {
		words = append(words, "--ttl", strconv.FormatInt(c.Op.TTL, 10))
	}
	return append(words, askWords(c.Op)...), true
}
