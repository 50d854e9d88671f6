package script

import (
	"etcdscope/mvcc/auth"
)

var authFunctions = []function{
	{
		name: "auth_enabled", params: []param{aNode}, result: false, example: "not auth_enabled(n1)",
		help: "Whether the member wants clients to say who they are, as far as it has applied.",
		call: ofAuth(func(v *auth.View) any { return v.Enabled }),
	},
	{
		name: "auth_revision", params: []param{aNode}, result: 0, example: "auth_revision(n1) == 1",
		help: "How often users and roles have changed, as far as the member has applied; 1 at the beginning.",
		call: ofAuth(func(v *auth.View) any { return int(v.Revision) }),
	},
}

// ofAuth reads users and roles of a member that is up.
func ofAuth(read func(*auth.View) any) func(*scene, []any) (any, error) {
	return func(s *scene, a []any) (any, error) {
		m, err := s.running(a[0])
		if err != nil {
			return nil, err
		}
		return read(m.Auth), nil
	}
}
