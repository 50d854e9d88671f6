package raft_test

import (
	"fmt"

	"etcdscope/raft"
)

// Three members elect a leader. The driver is the whole world around them: it moves messages and
// decides when a disk is done. Here disks are fast, and messages arrive in the order in which they left.
func Example() {
	conf := raft.ConfState{Voters: []raft.ID{1, 2, 3}}
	nodes := make([]*raft.Node, 3)
	for i := range nodes {
		cfg := raft.Config{ID: raft.ID(i + 1), ElectionTick: 10, HeartbeatTick: 1}
		node, err := raft.New(cfg, raft.Persisted{Snapshot: raft.SnapshotMeta{Conf: conf}})
		if err != nil {
			fmt.Println(err)
			return
		}
		nodes[i] = node
	}

	nodes[0].Campaign()
	var network []raft.Message
	for {
		for _, node := range nodes {
			for rd, ok := node.Ready(); ok; rd, ok = node.Ready() {
				network = append(network, rd.Msgs...)
				node.Durable(rd.Seq) // write rd.HardState and rd.Entries before this
				network = append(network, rd.AfterSync...)
				for _, entry := range rd.Committed {
					fmt.Printf("n%d applies entry %d of term %d\n", node.View().ID, entry.Index, entry.Term)
					node.Applied(entry.Index)
				}
			}
		}
		if len(network) == 0 {
			break
		}
		m := network[0]
		network = network[1:]
		fmt.Println(m)
		if err := nodes[m.To-1].Step(m); err != nil {
			fmt.Println(err)
		}
	}
	for _, node := range nodes {
		v := node.View()
		fmt.Printf("n%d is %v of term %d, commit %d\n", v.ID, v.Role, v.Term, v.Commit)
	}
	// Output:
	// 1>2 MsgVote t1 last 0/t0
	// 1>3 MsgVote t1 last 0/t0
	// 2>1 MsgVoteResp t1 grant
	// 3>1 MsgVoteResp t1 grant
	// 1>2 MsgApp t1 prev 0/t0 entry 1
	// 1>3 MsgApp t1 prev 0/t0 entry 1
	// 2>1 MsgAppResp t1 stored 1
	// n1 applies entry 1 of term 1
	// 3>1 MsgAppResp t1 stored 1
	// 1>2 MsgApp t1 prev 1/t1 commit 1
	// n2 applies entry 1 of term 1
	// 1>3 MsgApp t1 prev 1/t1 commit 1
	// n3 applies entry 1 of term 1
	// 2>1 MsgAppResp t1 stored 1
	// 3>1 MsgAppResp t1 stored 1
	// n1 is leader of term 1, commit 1
	// n2 is follower of term 1, commit 1
	// n3 is follower of term 1, commit 1
}
