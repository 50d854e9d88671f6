package script

import "etcdscope/cluster"

// snapshotSpecs are the commands of etcdctl and etcdutl about snapshot files.
var snapshotSpecs = []*Spec{
	{
		Name: "snapshot restore", Usage: "snapshot restore FILE [flags]", Example: "snapshot restore backup.db",
		parse: parseRestore, slots: []slot{anything},
		Flags: []Flag{
			{"nodes", "N", "members of the new cluster; as many as now otherwise"},
			{"bump-revision", "N", "how far the revision jumps, so that no watcher takes the past for new"},
			{"mark-compacted", "", "what lies before the jump counts as compacted"},
		},
		Help:   "Start again as another cluster; step by step each member gets a data directory made of the snapshot.",
		HelpZH: "作为另一个集群重新开始：逐步用快照为每个成员建立数据目录。",
	},
	{
		Name: "snapshot save", Usage: "snapshot save FILE [flags]", Example: "snapshot save backup.db --via n2",
		parse: parseBackup, slots: []slot{anything}, Flags: askFlags,
		Help:   "Ask a member for its database; the file is written when all of it has come.",
		HelpZH: "向成员索取数据库；全部到达后写入文件。",
	},
	{
		Name: "snapshot status", Usage: "snapshot status FILE", Example: "snapshot status backup.db",
		parse: onFile(BackupStatus), slots: []slot{anything},
		Help:   "Say what a snapshot file holds: hash, revision, keys, size, version.",
		HelpZH: "查看快照文件：哈希、修订版本、键数、大小、版本。",
	},
}

// parseBackup reads where a database goes: a request to the world, and a file for the session.
func parseBackup(p *lineParser) *Call {
	r := p.asked(1, 1, "a file")
	if r.err == nil {
		if r.op.File = r.words[0].text; r.op.File == "" {
			r.fail(r.words[0], "the file has no name", "write "+p.spec.Usage)
		}
	}
	return world(cluster.Command{Kind: cluster.ClientSnapshot, Op: r.op})
}

// parseRestore reads what the new cluster begins with.
func parseRestore(p *lineParser) *Call {
	r := p.asked(1, 1, "a file")
	c := &Call{Action: RestoreFrom, Restore: &cluster.Restore{
		BumpRevision: r.bump, MarkCompacted: r.markCompacted,
	}, N: r.nodesAsked}
	if r.err != nil {
		return c
	}
	if c.Name = r.words[0].text; c.Name == "" {
		r.fail(r.words[0], "the file has no name", "write "+p.spec.Usage)
	}
	if r.markCompacted != (r.bump > 0) {
		r.fail(r.words[0], "--bump-revision and --mark-compacted belong together", "give both or none")
	}
	return c
}
