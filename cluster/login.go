package cluster

import (
	"fmt"
	"slices"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster/clock"
	"etcdscope/mvcc/auth"
	"etcdscope/raft"
)

// login is what a client knows of one user: his password, and the token that he was given last.
type login struct{ user, password, token string }

// login returns what the client knows of a user; it begins with nothing.
func (cl *client) login(user string) *login {
	i := slices.IndexFunc(cl.logins, func(l login) bool { return l.user == user })
	if i < 0 {
		i = len(cl.logins)
		cl.logins = append(cl.logins, login{user: user})
	}
	return &cl.logins[i]
}

// checkUser refuses a request in the name of somebody whose password nobody has told.
func (c *Cluster) checkUser(s *OpSpec) error {
	if s.User == "" || s.Password != "" {
		return nil
	}
	id := max(s.Client, 1)
	for _, cl := range c.clients {
		if cl.id == id && slices.ContainsFunc(cl.logins, func(l login) bool { return l.user == s.User }) {
			return nil
		}
	}
	return fmt.Errorf("c%d does not know the password of %s: write --user %s:PASSWORD", id, s.User, s.User)
}

// post sends the next request of an operation: the one that it is about or, while its client has no token, the
// login before it. A watch logs in whenever it connects, as etcd's client does for every stream.
func (c *Cluster) post(id OpID, to raft.ID, delay clock.Time, by uint64) {
	if o, i := c.op(id); o != nil && o.Spec.User != "" {
		l := c.client(o.client()).login(o.Spec.User)
		if o.Spec.Password != "" && o.Spec.Password != l.password {
			l.password, l.token = o.Spec.Password, ""
		}
		c.update(i, func(o *Op) {
			o.token, o.password = l.token, ""
			if o.login = l.token == "" || o.Kind == ClientWatch; o.login {
				o.password = l.password
			}
		})
	}
	it := item{kind: ClientRequest, member: to, op: id, cause: by}
	if o, _ := c.op(id); o != nil {
		if cl := c.pausedClient(o); cl != nil {
			cl.keep(c.now+delay, &it)
			return
		}
	}
	c.after(delay, it)
}

// loggedIn is the answer to a login. Now the request itself leaves; where nobody has to say who he is, without a
// token. Without an answer nothing was asked yet, so nothing can have happened.
func (c *Cluster) loggedIn(it *item, i int, e *Event) bool {
	o, r := c.ops[i], it.reply
	switch {
	case o.Kind != ClientWatch:
	case o.Via != it.member:
		return false
	case r.unknown:
		c.reconnect(o.ID, e.ID)
		return true
	}
	if r.err != "" && r.err != auth.ErrAuthNotEnabled.Error() {
		c.fails(i, r.err, e)
		return true
	}
	c.client(o.client()).login(o.Spec.User).token = r.token
	c.update(i, func(o *Op) { o.login, o.token, o.password = false, r.token, "" })
	if r.err == "" {
		e.Answer = "logged in as " + o.Spec.User
	}
	c.after(c.config.Timing.Client, item{kind: ClientRequest, member: it.member, op: o.ID, cause: e.ID})
	return true
}

// loginAgain lets a client ask for another token, and then the same again, when a member did not take the one it
// showed: it was sure to do nothing. It is false when the answer is another.
func (c *Cluster) loginAgain(i int, r *reply, e *Event) bool {
	o := c.ops[i]
	switch r.err {
	case auth.ErrInvalidAuthToken.Error(), auth.ErrAuthOldRevision.Error(), auth.ErrUserEmpty.Error():
	default:
		return false
	}
	if o.Spec.User == "" {
		return false
	}
	c.client(o.client()).login(o.Spec.User).token = ""
	if !o.streams() { // who renews a lease asks again anyway
		c.post(o.ID, o.Via, c.config.Timing.Client, e.ID)
	}
	return true
}

// proveWho goes on with a login once the member knows all that was committed before: with the right password it asks
// for a token through the log.
func (m *member) proveWho(c *Cluster, o *Op, e *Event) {
	revision, err := m.auth.CheckPassword(o.Spec.User, o.password)
	id := m.requestID()
	var data []byte
	if err == nil {
		data, err = encodeRequest(&pb.InternalRaftRequest{Authenticate: &pb.InternalAuthenticateRequest{
			Name: o.Spec.User, SimpleToken: m.tokenPrefix(c, id),
		}}, id, auth.Info{})
	}
	if err == nil {
		err = m.admit(c, data)
	}
	before := e.Op
	if e.Op = o.ID; err == nil {
		err = m.node.Propose(data)
	}
	if err != nil {
		e.Note = wireError(err)
		c.respond(o.ID, m.id, &reply{err: e.Note}, e.ID)
	} else {
		m.waiting = append(m.waiting, waiter{id: id, op: o.ID, checked: revision})
	}
	m.drain(c, e)
	if before != 0 {
		e.Op = before
	}
}

func (m *member) tokenPrefix(c *Cluster, request uint64) string {
	return auth.TokenPrefix(func(i int) uint64 {
		return clock.Draw(c.config.Seed, clock.ForToken, uint64(m.id), request, uint64(i))
	})
}

// early keeps a request whose token the member does not know yet: the entry that made it is not applied here.
func (m *member) early(o *Op) bool {
	if o.token == "" || !m.auth.Enabled() {
		return false
	}
	index, ok := auth.TokenIndex(o.token)
	if !ok || index <= uint64(m.applied) {
		return false
	}
	m.earlier = append(slices.Clip(m.earlier), o.ID)
	return true
}

// serveEarly takes up requests that came before their tokens.
func (m *member) serveEarly(c *Cluster, e *Event) {
	list := m.earlier
	m.earlier = nil
	for _, id := range list {
		if o, _ := c.op(id); o != nil && o.State == OpPending {
			before := e.Op
			e.Op = id
			m.serve(c, o, e)
			if before != 0 {
				e.Op = before
			}
		}
	}
}
