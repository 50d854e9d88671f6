package cluster

import (
	"bytes"
	"fmt"
	"strings"

	"etcdscope/mvcc/auth"
)

// authText is what etcdctl prints of a request about users and roles, on one line.
func (o *Op) authText() string {
	s, a := o.Spec.Auth, o.Auth
	switch s.Verb {
	case AuthEnable:
		return "Authentication Enabled"
	case AuthDisable:
		return "Authentication Disabled"
	case AuthStatus:
		return fmt.Sprintf("Authentication Status: %v, AuthRevision: %d", a.Enabled, a.Revision)
	case UserAdd:
		return fmt.Sprintf("User %s created", s.User)
	case UserDelete:
		return fmt.Sprintf("User %s deleted", s.User)
	case UserGet:
		return fmt.Sprintf("User: %s, Roles: %s", s.User, strings.Join(a.Names, " "))
	case UserPasswd:
		return "Password updated"
	case UserGrantRole:
		return fmt.Sprintf("Role %s is granted to user %s", s.Role, s.User)
	case UserRevokeRole:
		return fmt.Sprintf("Role %s is revoked from user %s", s.Role, s.User)
	case UserList, RoleList:
		return strings.Join(a.Names, " ")
	case RoleAdd:
		return fmt.Sprintf("Role %s created", s.Role)
	case RoleDelete:
		return fmt.Sprintf("Role %s deleted", s.Role)
	case RoleGet:
		return fmt.Sprintf("Role %s: %s", s.Role, permissionsText(a.Permissions))
	case RoleGrantPermission:
		return fmt.Sprintf("Role %s updated", s.Role)
	case RoleRevokePermission:
		return fmt.Sprintf("Permission of %s is revoked from role %s", rangeText(permissionOf(o.Spec)), s.Role)
	}
	return ""
}

func permissionOf(s *OpSpec) *auth.Permission {
	return &auth.Permission{Access: s.Auth.Access, Key: s.Key, End: wireEnd(s.End)}
}

func permissionsText(list []auth.Permission) string {
	if len(list) == 0 {
		return "may do nothing"
	}
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Access.String() + " " + rangeText(&list[i])
	}
	return strings.Join(out, ", ")
}

// rangeText is the keys of a permission as etcdctl writes them.
func rangeText(p *auth.Permission) string {
	switch {
	case len(p.End) == 0:
		return fmt.Sprintf("%q", p.Key)
	case len(p.End) == 1 && p.End[0] == 0:
		return fmt.Sprintf("[%q, <open ended>)", p.Key)
	case isPrefix(p.Key, p.End):
		return fmt.Sprintf("[%q, %q) (prefix %q)", p.Key, p.End, p.Key)
	}
	return fmt.Sprintf("[%q, %q)", p.Key, p.End)
}

// isPrefix says whether a range is all keys that begin with its first.
func isPrefix(key, end []byte) bool {
	last := len(end) - 1
	return len(key) > last && bytes.Equal(key[:last], end[:last]) && key[last]+1 == end[last] &&
		len(bytes.TrimRight(key[last+1:], "\xff")) == 0
}
