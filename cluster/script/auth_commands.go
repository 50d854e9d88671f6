package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"etcdscope/cluster"
	"etcdscope/mvcc/auth"
)

// accesses are etcdctl's words for what a permission allows, by number.
var accesses = []string{auth.Read: "read", auth.Write: "write", auth.ReadWrite: "readwrite"}

// authWants says how many names a command takes.
var authWants = []string{"nothing", "a name", "a user and a role"}

// onAuth reads a command about users and roles.
func onAuth(verb cluster.AuthVerb) func(*lineParser) *Call {
	return func(p *lineParser) *Call {
		a := &cluster.AuthSpec{Verb: verb}
		r := &request{lineParser: p, op: &cluster.OpSpec{Auth: a}}
		switch verb {
		case cluster.RoleGrantPermission:
			r.needs = 3
			r.read()
			r.permission(2)
		case cluster.RoleRevokePermission:
			r.needs = 2
			r.read()
			r.permission(1)
		case cluster.UserAdd, cluster.UserPasswd:
			r.needs = 1
			r.read()
			r.newUser()
		default:
			r.needs = len(authNames(a))
			r.read()
			r.wants(r.needs, r.needs, authWants[r.needs])
			r.authNames()
		}
		return world(cluster.Command{Kind: cluster.ClientAuth, Op: r.op})
	}
}

// authNames lists where the names go that a command takes.
func authNames(a *cluster.AuthSpec) []*string {
	switch a.Verb {
	case cluster.UserDelete, cluster.UserGet:
		return []*string{&a.User}
	case cluster.UserGrantRole, cluster.UserRevokeRole:
		return []*string{&a.User, &a.Role}
	case cluster.RoleAdd, cluster.RoleDelete, cluster.RoleGet:
		return []*string{&a.Role}
	}
	return nil
}

func (r *request) authNames() {
	for i, to := range authNames(r.op.Auth) {
		if r.err == nil {
			*to = r.authName(r.words[i], r.words[i].text)
		}
	}
}

// authName checks the name of a user or a role.
func (r *request) authName(w word, name string) string {
	switch {
	case name == "":
		r.fail(w, "the name is empty", "users and roles have names, such as alice")
	case !utf8.ValidString(name):
		r.fail(w, "the name is not UTF-8", "etcd's protocol takes no other names")
	case strings.Contains(name, ":"):
		r.fail(w, fmt.Sprintf("the name %q has a colon", name), "a password stands behind it only where one is asked for")
	}
	return name
}

// credentials reads NAME:PASSWORD; the password may be missing.
func (r *request) credentials(w word) (name, password string) {
	name, password, given := strings.Cut(w.text, ":")
	name = r.authName(w, name)
	if given {
		r.password(w, password)
	}
	return name, password
}

func (r *request) password(w word, password string) string {
	switch {
	case password == "":
		r.fail(w, "the password is empty", "nobody could log in with it: write one")
	case len(password) > auth.LongestPassword:
		r.fail(w, fmt.Sprintf("the password has %d bytes", len(password)),
			fmt.Sprintf("bcrypt takes at most %d", auth.LongestPassword))
	case !utf8.ValidString(password):
		r.fail(w, "the password is not UTF-8", "etcd's protocol takes no other passwords")
	}
	return password
}

// newUser reads a user with the password that he shall have.
func (r *request) newUser() {
	a := r.op.Auth
	r.wants(1, 1, "a user and his password")
	if r.err != nil {
		return
	}
	given := a.Password
	if a.User, a.Password = r.credentials(r.words[0]); a.Password == "" {
		a.Password = given
	}
	switch has := a.Password != ""; {
	case r.err != nil:
	case has && a.NoPassword:
		r.fail(r.words[0], "a password beside --no-password", "leave one of them out")
	case has || a.NoPassword:
	case a.Verb == cluster.UserPasswd:
		r.fail(r.words[0], "there is no password", fmt.Sprintf("write user passwd %s:PASSWORD", a.User))
	default:
		r.fail(r.words[0], "there is no password", fmt.Sprintf("write user add %s:PASSWORD, or --no-password", a.User))
	}
}

// permission reads a role, what it may do if that is said, and the keys.
func (r *request) permission(before int) {
	if len(r.words) <= before {
		r.wants(before+1, before+2, "a role and a key")
		return
	}
	r.op.Auth.Role = r.authName(r.words[0], r.words[0].text)
	if before == 2 {
		at := slices.Index(accesses, strings.ToLower(r.words[1].text))
		if at < 0 {
			r.unknown(r.words[1], "access", accesses)
			return
		}
		r.op.Auth.Access = auth.Access(at)
	}
	r.words = r.words[before:]
	r.keyRange()
}

// authWords writes a command about users and roles.
func authWords(o *cluster.OpSpec) (words []string) {
	a := o.Auth
	switch a.Verb {
	case cluster.UserAdd, cluster.UserPasswd:
		if words = []string{quote(a.User + ":" + a.Password)}; a.NoPassword {
			words = []string{quote(a.User), "--no-password"}
		}
	case cluster.RoleGrantPermission:
		words = append([]string{quote(a.Role), accesses[a.Access]}, rangeWords(o)...)
	case cluster.RoleRevokePermission:
		words = append([]string{quote(a.Role)}, rangeWords(o)...)
	}
	for _, name := range authNames(a) {
		words = append(words, quote(*name))
	}
	return words
}
