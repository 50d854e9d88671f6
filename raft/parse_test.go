package raft_test

import (
	"strconv"
	"strings"

	"etcdscope/raft"
)

// parseConf reads a change such as "v4 l5 r1 u2 implicit".
func parseConf(args []string) (c raft.ConfChange) {
	types := map[byte]raft.ConfChangeType{
		'v': raft.ConfChangeAddNode, 'l': raft.ConfChangeAddLearnerNode, 'r': raft.ConfChangeRemoveNode,
		'u': raft.ConfChangeUpdateNode,
	}
	for _, arg := range args {
		switch arg {
		case "v1":
			c.V1 = true
		case "implicit":
			c.Transition = raft.TransitionJointImplicit
		case "explicit":
			c.Transition = raft.TransitionJointExplicit
		default:
			id := raft.ID(numbers([]string{arg[1:]})[0])
			c.Changes = append(c.Changes, raft.ConfChangeSingle{Type: types[arg[0]], Node: id})
		}
	}
	return c
}

// confOf returns voters 1..v and learners behind them.
func confOf(v, learners int) (conf raft.ConfState) {
	for i := range v + learners {
		if id := raft.ID(i + 1); i < v {
			conf.Voters = append(conf.Voters, id)
		} else {
			conf.Learners = append(conf.Learners, id)
		}
	}
	return conf
}

// parseLink reads "1>2", or "1>2#3" for the third message of the link.
func parseLink(s string) (from, to raft.ID, nth int) {
	s, order, _ := strings.Cut(s, "#")
	if nth = 0; order != "" {
		nth = numbers([]string{order})[0]
	}
	a, b, _ := strings.Cut(s, ">")
	ids := numbers([]string{a, b})
	return raft.ID(ids[0]), raft.ID(ids[1]), nth
}

func parseMessage(args []string) (m raft.Message) {
	for t := raft.MessageType(0); t < 32; t++ {
		if t.String() == args[0] {
			m.Type = t
		}
	}
	m.From, m.To, _ = parseLink(args[1])
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		number, _ := strconv.ParseUint(value, 10, 64)
		switch name {
		case "term":
			m.Term = raft.Term(number)
		case "index":
			m.Index = raft.Index(number)
		case "logterm":
			m.LogTerm = raft.Term(number)
		case "reject":
			m.Reject = true
		case "commit":
			m.Commit = raft.Index(number)
		case "snapshot": // with the configuration of three voters
			index, term, _ := strings.Cut(value, "/")
			n := numbers([]string{index, term})
			m.Snapshot = &raft.Snapshot{Meta: raft.SnapshotMeta{
				Index: raft.Index(n[0]), Term: raft.Term(n[1]), Conf: confOf(3, 0),
			}}
		case "entries":
			for _, text := range strings.Split(value, ",") {
				parts := strings.Split(text, "/")
				n := numbers(parts[:2])
				e := raft.Entry{Index: raft.Index(n[0]), Term: raft.Term(n[1])}
				if len(parts) > 2 {
					e.Type, e.Data = parseConf(parts[2:]).Encode()
				}
				m.Entries = append(m.Entries, e)
			}
		}
	}
	return m
}

func numbers(args []string) (list []int) {
	for _, arg := range args {
		n, err := strconv.Atoi(arg)
		if err != nil {
			panic(err)
		}
		list = append(list, n)
	}
	return list
}

func numberAt(args []string, i, otherwise int) int {
	if i >= len(args) {
		return otherwise
	}
	if n, err := strconv.Atoi(args[i]); err == nil {
		return n
	}
	return otherwise
}
