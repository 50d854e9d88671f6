package script

import "etcdscope/cluster"

// authSpecs are etcdctl's commands about users and roles.
var authSpecs = []*Spec{
	{
		Name: "auth disable", Usage: "auth disable [flags]", Example: "auth disable --user root:pw",
		parse: onAuth(cluster.AuthDisable), Flags: askFlags,
		Help: "Let everybody do everything again.", HelpZH: "关闭认证：任何人又可以做任何事。",
	},
	{
		Name: "auth enable", Usage: "auth enable [flags]", Example: "auth enable", parse: onAuth(cluster.AuthEnable),
		Flags: askFlags, Help: "Let nobody do anything without saying who he is; the user root must have the role root.",
		HelpZH: "开启认证：必须说明身份；用户 root 必须拥有角色 root。",
	},
	{
		Name: "auth status", Usage: "auth status [flags]", Example: "auth status", parse: onAuth(cluster.AuthStatus),
		Flags: askFlags, Help: "Ask whether authentication is enabled.", HelpZH: "询问认证是否开启。",
	},
	{
		Name: "role add", Usage: "role add ROLE [flags]", Example: "role add rw", parse: onAuth(cluster.RoleAdd),
		slots: []slot{anything}, Flags: askFlags, Help: "Add a role that may do nothing yet.", HelpZH: "添加一个还没有权限的角色。",
	},
	{
		Name: "role delete", Usage: "role delete ROLE [flags]", Example: "role delete rw",
		parse: onAuth(cluster.RoleDelete), slots: []slot{aRole}, Flags: askFlags,
		Help: "Delete a role and take it from all users.", HelpZH: "删除角色，并从所有用户收回。",
	},
	{
		Name: "role get", Usage: "role get ROLE [flags]", Example: "role get rw", parse: onAuth(cluster.RoleGet),
		slots: []slot{aRole}, Flags: askFlags, Help: "Ask what a role may do.", HelpZH: "查看角色的权限。",
	},
	{
		Name: "role grant-permission", Usage: "role grant-permission ROLE read|write|readwrite KEY [RANGE_END] [flags]",
		Example: "role grant-permission rw readwrite job/ --prefix", parse: onAuth(cluster.RoleGrantPermission),
		slots: []slot{aRole, anAccess, anything}, Flags: append([]Flag{prefixFlag, fromKeyFlag}, askFlags...),
		Help: "Let a role read or write a key or a range of keys.", HelpZH: "允许角色读或写一个键或一段键。",
	},
	{
		Name: "role list", Usage: "role list [flags]", Example: "role list", parse: onAuth(cluster.RoleList),
		Flags: askFlags, Help: "Ask which roles there are.", HelpZH: "列出所有角色。",
	},
	{
		Name: "role revoke-permission", Usage: "role revoke-permission ROLE KEY [RANGE_END] [flags]",
		Example: "role revoke-permission rw job/ --prefix", parse: onAuth(cluster.RoleRevokePermission),
		slots: []slot{aRole, anything}, Flags: append([]Flag{prefixFlag, fromKeyFlag}, askFlags...),
		Help:   "Take a permission from a role: the key and the range end must be those that were granted.",
		HelpZH: "收回角色的一条权限：键和区间终点必须与授予时相同。",
	},
	{
		Name: "user add", Usage: "user add NAME:PASSWORD [flags] | user add NAME --no-password [flags]",
		Example: "user add alice:secret", parse: onAuth(cluster.UserAdd), slots: []slot{anything},
		Flags: append([]Flag{
			{"new-user-password", "TEXT", "the password, instead of behind the name"},
			{"no-password", "", "a user who cannot log in with a password"},
		}, askFlags...),
		Help: "Add a user.", HelpZH: "添加用户。",
	},
	{
		Name: "user delete", Usage: "user delete NAME [flags]", Example: "user delete alice",
		parse: onAuth(cluster.UserDelete), slots: []slot{aUser}, Flags: askFlags,
		Help: "Delete a user.", HelpZH: "删除用户。",
	},
	{
		Name: "user get", Usage: "user get NAME [flags]", Example: "user get alice", parse: onAuth(cluster.UserGet),
		slots: []slot{aUser}, Flags: askFlags, Help: "Ask which roles a user has.", HelpZH: "查看用户的角色。",
	},
	{
		Name: "user grant-role", Usage: "user grant-role NAME ROLE [flags]", Example: "user grant-role alice rw",
		parse: onAuth(cluster.UserGrantRole), slots: []slot{aUser, aRole}, Flags: askFlags,
		Help: "Give a user a role.", HelpZH: "把角色授予用户。",
	},
	{
		Name: "user list", Usage: "user list [flags]", Example: "user list", parse: onAuth(cluster.UserList),
		Flags: askFlags, Help: "Ask which users there are.", HelpZH: "列出所有用户。",
	},
	{
		Name: "user passwd", Usage: "user passwd NAME:PASSWORD [flags]", Example: "user passwd alice:other",
		parse: onAuth(cluster.UserPasswd), slots: []slot{aUser}, Flags: askFlags,
		Help:   "Give a user another password; whoever logged in with the old one must log in again.",
		HelpZH: "修改用户的密码；用旧密码登录的必须重新登录。",
	},
	{
		Name: "user revoke-role", Usage: "user revoke-role NAME ROLE [flags]", Example: "user revoke-role alice rw",
		parse: onAuth(cluster.UserRevokeRole), slots: []slot{aUser, aRole}, Flags: askFlags,
		Help: "Take a role from a user.", HelpZH: "从用户收回角色。",
	},
}
