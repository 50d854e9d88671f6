package cluster

import "etcdscope/raft"

// kindNames are the names under which predicates count events of a kind; empty means that it is not counted so.
var kindNames = [...]string{
	Tick: "tick", Deliver: "deliver", Handle: "handle", Lost: "lost", WALWrite: "wal_write",
	FsyncStart: "fsync_start", FsyncDone: "fsync_done", Apply: "apply", BatchStart: "batch_start",
	BatchDone: "batch_commit", WatchSync: "watch_sync", ClientRequest: "client_request",
	ClientResponse: "client_response", ClientTimeout: "client_timeout", WatchEvent: "watch_event",
	UserCommand: "command", LeaseCheck: "lease_check", LeaseExpire: "lease_expire", CompactBatch: "compact_batch",
	DefragStep: "defrag_step", PeerRequest: "peer_request", PeerResponse: "peer_response",
	KeepAliveDue: "keepalive_due", AutoCompact: "auto_compact", CorruptCheck: "corrupt_check",
	SnapshotReceived: "snapshot_received", SnapshotInstall: "snapshot_install",
	PeerReport: "peer_report", MemberStop: "member_stop", SnapshotSave: "snapshot_file", SnapshotDone: "snapshot_done",
	FilePurge: "file_purge", ProgressRequest: "progress_request",
	RestoreStep: "restore_step", InitialCheck: "initial_check",
}

// commandNames are the names of commands, the same as in the command language.
var commandNames = [...]string{
	Crash: "crash", Poweroff: "poweroff", Restart: "restart", Pause: "pause", Resume: "resume", Campaign: "campaign",
	Cut: "cut", Heal: "heal", Partition: "partition", Isolate: "isolate", Delay: "delay", Drop: "drop", Loss: "drop",
	Duplicate: "dup", Hold: "hold", Release: "release", SetTimer: "timer", Align: "align", Spread: "spread",
	ClientPut: "put", ClientGet: "get", ClientDelete: "delete", ClientWatch: "watch", ClientCancel: "unwatch",
	SetRule: "rule", MoveLeader: "move_leader", ClientTxn: "txn", ClientSnapshot: "snapshot_save",
	ClientCompact: "compact", LeaseGrant: "lease_grant",
	LeaseRevoke: "lease_revoke", LeaseKeepAlive: "keepalive", LeaseTimeToLive: "timetolive", LeaseList: "lease_list",
	AlarmList: "alarm_list", AlarmDisarm: "alarm_disarm", Defrag: "defrag", EndpointStatus: "endpoint_status",
	EndpointHashKV: "endpoint_hashkv", SetClock: "clock", SetFlag: "flag",
	ClientMemberAdd: "member_add", ClientMemberRemove: "member_remove",
	ClientMemberPromote: "member_promote", ClientMemberUpdate: "member_update", ClientMemberSet: "member_set",
	ClientMemberList: "member_list", Disk: "disk", SlowDisk: "slow_disk", Wipe: "wipe",
	SlowWatch: "slow_watch", FastWatch: "fast_watch", WatchProgress: "watch_progress",
	ClientLock: "lock", ClientUnlock: "unlock", ClientElect: "elect", ClientProclaim: "proclaim",
	ClientResign: "resign", ClientObserve: "observe", PauseClient: "client_pause", ResumeClient: "client_resume",
	ClientAuth: "auth",
}

// turnNames are the names of events that bring a lock or an election into a state; empty means that it is not counted.
var turnNames = [...]string{
	ClaimWaiting: "lock_waits", ClaimHeld: "lock_held", ClaimReleased: "lock_released", ClaimLost: "lock_lost",
	ClaimFailed: "lock_refused", ClaimObserving: "",
}

// String is the name of the kind, such as "fsync_done".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "?"
}

// String is the command's name in the command language.
func (k CommandKind) String() string {
	if int(k) < len(commandNames) {
		return commandNames[k]
	}
	return "?"
}

// Names lists the names under which predicates count e (curriculum's words: "timeout", "elected",
// "append_sent", "crash", …), appended to dst; a name may occur more than once.
func (e *Event) Names(dst []string) []string {
	dst = append(dst, e.Kind.String())
	if e.Command != nil {
		dst = append(dst, e.Command.Kind.String())
	}
	if e.Turn != nil && turnNames[e.Turn.State] != "" {
		dst = append(dst, turnNames[e.Turn.State])
	}
	for i := range e.Facts {
		dst = append(dst, e.Facts[i].Kind.String())
	}
	for _, m := range e.Sent {
		if name := sentName(m); name != "" {
			dst = append(dst, name)
		}
	}
	return dst
}

// sentName is the name under which the sending of a message is counted.
func sentName(m *Message) string {
	switch m.Type {
	case raft.MsgVote:
		return "request_vote"
	case raft.MsgPreVote:
		return "request_prevote"
	case raft.MsgApp:
		if len(m.Entries) > 0 {
			return "append_sent"
		}
	case raft.MsgHeartbeat:
		return "heartbeat_sent"
	case raft.MsgSnap:
		return "snapshot_sent"
	}
	return ""
}

// storyFacts are the facts that a learner should not miss.
var storyFacts = [...]bool{
	raft.FactTimeout: true, raft.FactPreCandidate: true, raft.FactCandidate: true, raft.FactElected: true,
	raft.FactStepDown: true, raft.FactVoteGranted: true, raft.FactVoteRefused: true, raft.FactLeaderKnown: true,
	raft.FactProposed: true, raft.FactForwarded: true, raft.FactDropped: true, raft.FactTruncated: true,
	raft.FactAppendRefused: true, raft.FactQuorumLost: true, raft.FactViolation: true,
	raft.FactTransfer: true, raft.FactSnapshotSent: true, raft.FactSnapshotInstalled: true, raft.FactConfig: true,
	raft.FactConfRefused: true,
}

// salience is how much e matters.
func (e *Event) salience() Salience {
	if e.Turn != nil {
		return Story
	}
	if level, ok := e.storeSalience(); ok {
		return level
	}
	switch e.Kind {
	case UserCommand, ClientResponse, ClientTimeout, WatchEvent, SnapshotInstall, MemberStop:
		return Story
	}
	if e.DiskFailed() || e.Kind == RestoreStep && e.N == len(restoreSteps) {
		return Story
	}
	for i := range e.Facts {
		f := &e.Facts[i]
		if int(f.Kind) < len(storyFacts) && storyFacts[f.Kind] || f.Kind == raft.FactCommit && f.Of > 0 {
			return Story
		}
	}
	switch e.Kind {
	case Tick:
		return e.tickSalience()
	case Deliver, Handle, Lost:
		if e.Msg.Fold {
			return Bytes
		}
	case WALWrite:
		if e.N == 0 {
			return Bytes
		}
	case FsyncStart, BatchStart, BatchDone, WatchSync:
		return Bytes
	}
	return Protocol
}

func (e *Event) tickSalience() Salience {
	for _, m := range e.Sent {
		if !m.Fold {
			return Protocol
		}
	}
	return Bytes
}
