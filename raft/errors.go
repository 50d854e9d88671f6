package raft

import "errors"

// ErrProposalDropped means that no leader is known, or that the leader refused (etcd raft.ErrProposalDropped).
var ErrProposalDropped = errors.New("raft proposal dropped")
