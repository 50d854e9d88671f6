package pane

import (
	"strings"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"etcdscope/cluster"
	"etcdscope/mvcc/auth"
	"etcdscope/tui/frame"
)

// drawUsers draws who may do what, as far as the member has applied; nothing while nobody ever asked for it.
func (p *Inspector) drawUsers(h *sheet, m *cluster.MemberView) {
	v, w := m.Auth, h.w
	if m.AuthDigest() == 0 {
		return
	}
	b := p.buf[:0].text(w.authOff)
	if v.Enabled {
		b = p.buf[:0].text(w.authOn)
	}
	b = b.text("   ").text(w.rev).text(" ").num(v.Revision).text("   ").text(w.tokens).text(" ").int(int64(v.Tokens))
	h.text(w.auth, string(b))
	p.buf = b
	var users, roles []string
	for _, u := range v.Users {
		users = append(users, frame.Safe(u.Name)+"("+frame.Safe(strings.Join(u.Roles, " "))+")")
	}
	for _, r := range v.Roles {
		roles = append(roles, frame.Safe(r.Name)+": "+permissionsText(&r))
	}
	p.drawWrapped(h, w.users, strings.Join(users, " "))
	p.drawWrapped(h, w.roles, strings.Join(roles, "; "))
}

// drawWrapped draws a value in as many rows as it needs.
func (p *Inspector) drawWrapped(h *sheet, label, value string) {
	if value == "" {
		value = "-"
	}
	for _, text := range frame.Wrap(value, max(10, h.r.W-h.name)) {
		h.text(label, text)
		label = ""
	}
}

// accessSign is short for what a permission allows; a file may hold one that nobody knows.
func accessSign(a auth.Access) string {
	switch a {
	case auth.Read:
		return "r"
	case auth.Write:
		return "w"
	case auth.ReadWrite:
		return "rw"
	}
	return "?"
}

// permissionsText is what a role may do: "rw job/..job0, r x"; * is everything.
func permissionsText(r *auth.Role) string {
	switch {
	case r.Name == auth.Root:
		return "*"
	case len(r.Permissions) == 0:
		return "-"
	}
	var out []string
	for i := range r.Permissions {
		x := &r.Permissions[i]
		text := accessSign(x.Access) + " " + frame.Safe(string(x.Key))
		if len(x.End) > 0 {
			text += ".."
			if x.End[0] != 0 {
				text += frame.Safe(string(x.End))
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// authRequest says what an entry does to users and roles; no password is shown. It is empty for all others.
func authRequest(r *etcdserverpb.InternalRaftRequest) string {
	switch {
	case r.Authenticate != nil:
		return "login " + r.Authenticate.Name
	case r.AuthEnable != nil:
		return "auth enable"
	case r.AuthDisable != nil:
		return "auth disable"
	case r.AuthStatus != nil:
		return "auth status"
	case r.AuthUserAdd != nil:
		return "user add " + r.AuthUserAdd.Name
	case r.AuthUserDelete != nil:
		return "user delete " + r.AuthUserDelete.Name
	case r.AuthUserChangePassword != nil:
		return "user passwd " + r.AuthUserChangePassword.Name
	case r.AuthUserGrantRole != nil:
		return "user " + r.AuthUserGrantRole.User + " +" + r.AuthUserGrantRole.Role
	case r.AuthUserRevokeRole != nil:
		return "user " + r.AuthUserRevokeRole.Name + " -" + r.AuthUserRevokeRole.Role
	case r.AuthUserGet != nil, r.AuthUserList != nil:
		return "user get"
	case r.AuthRoleAdd != nil:
		return "role add " + r.AuthRoleAdd.Name
	case r.AuthRoleDelete != nil:
		return "role delete " + r.AuthRoleDelete.Role
	case r.AuthRoleGet != nil, r.AuthRoleList != nil:
		return "role get"
	case r.AuthRoleGrantPermission != nil:
		return "role " + r.AuthRoleGrantPermission.Name + " may more"
	case r.AuthRoleRevokePermission != nil:
		return "role " + r.AuthRoleRevokePermission.Role + " may less"
	}
	return ""
}
