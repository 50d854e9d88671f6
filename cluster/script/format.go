package script

import (
	"bytes"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// Text writes a command of the world as the line that Parse reads back to the same command.
func Text(c *cluster.Command) string {
	name := commandName(c.Kind)
	if c.Kind == cluster.ClientMemberSet && len(c.Op.Member.Voters) == 0 {
		name = leaveJoint
	}
	if c.Kind == cluster.ClientAuth {
		name = c.Op.Auth.Verb.String()
	}
	if s := find(specs, name); s != nil {
		return format(s, &Call{World: c})
	}
	return ""
}

// commandNames says which command of the language gives a command of the world.
var commandNames = [...]string{
	cluster.Crash: "crash", cluster.Poweroff: "poweroff", cluster.Restart: "restart", cluster.Pause: "pause",
	cluster.Resume: "resume", cluster.Campaign: "campaign", cluster.Cut: "cut", cluster.Heal: "heal",
	cluster.Partition: "partition", cluster.Isolate: "isolate", cluster.Delay: "delay", cluster.Drop: "drop",
	cluster.Loss: "drop", cluster.Duplicate: "dup", cluster.Hold: "hold", cluster.Release: "release",
	cluster.SetTimer: "timer", cluster.Align: "align", cluster.Spread: "spread", cluster.ClientPut: "put",
	cluster.ClientGet: "get", cluster.ClientDelete: "del", cluster.ClientWatch: "watch",
	cluster.ClientCancel: "unwatch", cluster.SetRule: "rule",
	cluster.MoveLeader: "move-leader", cluster.ClientMemberAdd: "member add",
	cluster.ClientMemberRemove: "member remove", cluster.ClientMemberPromote: "member promote",
	cluster.ClientMemberUpdate: "member update", cluster.ClientMemberSet: "member set",
	cluster.ClientMemberList: "member list", cluster.Disk: "disk", cluster.SlowDisk: "slow-disk", cluster.Wipe: "wipe",
	cluster.ClientTxn: "txn", cluster.ClientSnapshot: "snapshot save", cluster.ClientCompact: "compact",
	cluster.LeaseGrant: "lease grant", cluster.LeaseRevoke: "lease revoke", cluster.LeaseKeepAlive: "lease keep-alive",
	cluster.LeaseTimeToLive: "lease timetolive", cluster.LeaseList: "lease list", cluster.AlarmList: "alarm list",
	cluster.AlarmDisarm: "alarm disarm", cluster.Defrag: "defrag", cluster.EndpointStatus: "endpoint status",
	cluster.EndpointHashKV: "endpoint hashkv", cluster.SetClock: "clock", cluster.SetFlag: "flag",
	cluster.SlowWatch: "slow", cluster.FastWatch: "fast", cluster.WatchProgress: "progress",
	cluster.ClientLock: "lock", cluster.ClientUnlock: "unlock", cluster.ClientElect: "elect",
	cluster.ClientProclaim: "proclaim", cluster.ClientResign: "resign", cluster.ClientObserve: "elect",
	cluster.PauseClient: "client pause", cluster.ResumeClient: "client resume",
}

// CommandName is the name in the language of what began an operation, such as "member add".
func CommandName(o *cluster.Op) string {
	if o.Kind == cluster.ClientAuth {
		return o.Spec.Auth.Verb.String()
	}
	return commandName(o.Kind)
}

func commandName(k cluster.CommandKind) string {
	if int(k) >= len(commandNames) {
		return ""
	}
	return commandNames[k]
}

// format writes a call canonically: full names, members resolved, options last and in the order of the registry.
func format(s *Spec, c *Call) string {
	words := []string{s.Name}
	if c.World != nil {
		words = append(words, worldWords(c.World)...)
	} else {
		words = append(words, actionWords(c)...)
	}
	return strings.Join(words, " ")
}

func actionWords(c *Call) []string {
	switch c.Action {
	case Step, Back, TickOn, TickBack:
		if c.N <= 1 {
			return nil
		}
		return []string{strconv.Itoa(c.N)}
	case Seed:
		return []string{strconv.Itoa(c.N)}
	case RunFor:
		return []string{formatDuration(c.For, c.N)}
	case RunUntil:
		words := []string{"until", c.Until.Source}
		if c.For != 0 || c.N != 0 {
			words = append(words, "max", formatDuration(c.For, c.N))
		}
		return words
	case Export:
		if c.N == 0 {
			return []string{"all", quote(c.Name)}
		}
		return []string{memberName(raft.ID(c.N)), quote(c.Name)}
	case RestoreFrom:
		return restoreWords(c)
	case Save, Load, BackupStatus:
		return []string{quote(c.Name)}
	}
	if c.Name == "" {
		return nil
	}
	return []string{c.Name}
}

func restoreWords(c *Call) []string {
	words := []string{quote(c.Name)}
	if c.N > 0 {
		words = append(words, "--nodes", strconv.Itoa(c.N))
	}
	if c.Restore.BumpRevision > 0 {
		words = append(words, "--bump-revision", strconv.FormatInt(c.Restore.BumpRevision, 10), "--mark-compacted")
	}
	return words
}

func worldWords(c *cluster.Command) []string {
	switch c.Kind {
	case cluster.Crash, cluster.Poweroff, cluster.Restart, cluster.Pause, cluster.Resume, cluster.Campaign,
		cluster.Isolate, cluster.Align, cluster.Spread, cluster.MoveLeader, cluster.Wipe:
		return memberWords(c.Members)
	case cluster.SetTimer:
		return []string{strings.Join(memberWords(c.Members), ","), strconv.Itoa(c.Ticks)}
	case cluster.Partition:
		return []string{groupWords(c.Groups)}
	case cluster.Heal:
		if c.From == 0 {
			return nil
		}
		return []string{linkWords(c)}
	case cluster.Cut:
		return []string{linkWords(c)}
	case cluster.Delay:
		return []string{linkWords(c), formatDuration(c.For, c.Ticks)}
	case cluster.Loss:
		return []string{linkWords(c), strconv.Itoa(c.Percent) + "%"}
	case cluster.Drop, cluster.Duplicate, cluster.Hold, cluster.Release:
		return messageWords(c)
	case cluster.Disk, cluster.SlowDisk:
		return diskWords(c)
	case cluster.ClientCancel, cluster.SlowWatch, cluster.FastWatch, cluster.WatchProgress:
		return []string{c.Op.Tag}
	case cluster.SetRule:
		if c.Off {
			return []string{c.Rule, "off"}
		}
		return []string{c.Rule, "on"}
	case cluster.ClientMemberAdd, cluster.ClientMemberRemove, cluster.ClientMemberPromote,
		cluster.ClientMemberUpdate, cluster.ClientMemberSet, cluster.ClientMemberList:
		return membershipWords(c)
	}
	if words, ok := storeWords(c); ok {
		return words
	}
	if words, ok := claimWords(c); ok {
		return words
	}
	return requestWords(c)
}

func memberWords(ids []raft.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = memberName(id)
	}
	return out
}

func groupWords(groups [][]raft.ID) string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = strings.Join(memberWords(g), ",")
	}
	return strings.Join(out, " / ")
}

func linkWords(c *cluster.Command) string {
	from, to := endName(c.From), endName(c.To)
	if c.OneWay {
		return from + "->" + to
	}
	return from + " " + to
}

func endName(id raft.ID) string {
	if id == raft.None {
		return "any"
	}
	return memberName(id)
}

// messageWords writes what drop, dup, hold and release act on: a message, a direction, or all that is held.
func messageWords(c *cluster.Command) []string {
	if c.Msg != 0 {
		return []string{"#" + strconv.FormatUint(c.Msg, 10)}
	}
	if c.Kind == cluster.Release && c.From == 0 && c.To == 0 {
		return nil
	}
	words := []string{endName(c.From) + "->" + endName(c.To)}
	for _, t := range c.Types {
		words = append(words, kindName(t))
	}
	return words
}

// requestWords writes a client's request with the names and flags of etcdctl.
func requestWords(c *cluster.Command) []string {
	o := c.Op
	words := rangeWords(o)
	if c.Kind == cluster.ClientPut && (!o.IgnoreValue || len(o.Value) > 0) {
		words = append(words, quote(string(o.Value)))
	}
	return append(words, optionWords(o)...)
}

// rangeWords writes a key or a range of keys.
func rangeWords(o *cluster.OpSpec) []string {
	key := quote(string(o.Key))
	switch {
	case o.End == nil:
		return []string{key}
	case len(o.End) == 0:
		return []string{key, "--from-key"}
	case bytes.Equal(o.End, prefixEnd(o.Key)):
		return []string{key, "--prefix"}
	}
	return []string{key, quote(string(o.End))}
}

func optionWords(o *cluster.OpSpec) []string {
	var words []string
	flag := func(on bool, text ...string) {
		if on {
			words = append(words, text...)
		}
	}
	flag(o.Rev != 0, "--rev", strconv.FormatInt(o.Rev, 10))
	flag(o.Limit != 0, "--limit", strconv.FormatInt(o.Limit, 10))
	flag(o.KeysOnly, "--keys-only")
	flag(o.CountOnly, "--count-only")
	flag(o.Serializable, "--serializable")
	words = append(words, storeFlags(o)...)
	flag(o.PrevKV, "--prev-kv")
	flag(o.RequireLeader, "--require-leader")
	flag(o.Via != 0, "--via", endName(o.Via))
	flag(o.Client != 0, "--by", "c"+strconv.Itoa(o.Client))
	flag(o.User != "", "--user", userWord(o))
	flag(o.Tag != "", "--tag", o.Tag)
	return words
}

// userWord writes who asks.
func userWord(o *cluster.OpSpec) string {
	if o.Password == "" {
		return quote(o.User)
	}
	return quote(o.User + ":" + o.Password)
}
