package pane

import "etcdscope/cluster"

// words are the labels of the panes in one language. Commands, field names of etcd and what the engine says
// stay English in every language; the Chinese words are those of the course's glossary.
type words struct {
	role, roleBrief [removed + 1]string // by role; brief ones have at most 9 cells
	watcher         [4]string           // by watch.State
	level           [3]string           // by cluster.Salience

	term, vote, leader, commit, applied, match, next, rev, index, pending, compacted, inFile, durable string

	lanesWords
	logsWords
	mvccWords
	memberWords
	raftWords
	diskWords
	leaseWords
	lockWords
	eventWords
}

// lanesWords are those of the lanes pane.
type lanesWords struct {
	cluster, noLeader, invariants                                           string
	roleHead, termHead, timerHead, leftHead, laneHead                       string
	onTheWay, links, lastCaption, nextCaption, arrives, receives, neverGets string
	allLinks, cut, cutOneWay, held, delay, loss, partition                  string
	inFlight, dropped, duplicated                                           string
}

// logsWords are those of the logs pane.
type logsWords struct {
	logs, numberIsTerm, committed, stored, conflict, unsynced string
	peerState, commitLine                                     string
	whyIs, notCommitted, allCommitted, noLeaderCommits        string
	entry, notThere, storedOn                                 string
}

// mvccWords are those of the mvcc pane.
type mvccWords struct {
	of, op, where, generations, noStore, noKeys, noValue, nextRev, behind, queued string

	buffer, pages, compaction, operations, readFirst, pagesUsed, upToRev, defragmenting string
	deletesRows, rowsDeleted, neverCompacted                                            string
	quota, noLimit, alarm, noSpace, corrupt, buckets, noRows, otherRows                 string
}

// memberWords are those of the pane of one member.
type memberWords struct {
	member, incarnation, why, log, toApply, inbox, votes, needs     string
	store, committing, consistent, watchers, waiting, disk, running string
	auth, authOn, authOff, tokens, users, roles                     string
}

// raftWords are those of what Raft is in the middle of.
type raftWords struct {
	handOver, holds, mayStand, noProposals, givesUp, ticks                                 string
	joint, incoming, outgoing, leavesItself, storeEntry                                    string
	change, notCommittedYet, notAppliedYet, removed, noMember                              string
	snapshot, installs, receivesFile, replacesDatabase, comparesKeys, saves, noAnswer, due string
	reads, round, readsAsked, readsWait                                                    string
	waits, voters, learners, lease, leaseHolds, leaseOver                                  string
}

// diskWords are those of the disk pane.
type diskWords struct {
	diskTitle, onPlatter, cacheOnly, torn, syncedTo, synced, record, offset string
	powerCut, restart, keepsTo, keepsNone, mayLose, andLater                string
	replays, readsPlatter, promisesWait, promisesLeft, allSafe              string
	reserved, inUse                                                         string

	fault, everyFile, faultSlow, faultFull, faultSync, faultLost, faultTorn, faultStray, fsyncLied string
}

// leaseWords are those of the pane of leases.
type leaseWords struct {
	leaseTitle, counts, countsNot, noLeases, leaseHead, timeToLive, afterElection, leaseKeys        string
	revoking, forever, checkpointed, countedBy, countedByNobody, whoCounts, revokesByLog, clockRuns string
}

// lockWords are those of the pane of locks and elections.
type lockWords struct {
	claimState [cluster.ClaimObserving]string // by state, from the first one
	lockPlace  [placeFirst + 1]string

	lockTitle, noLocks, believe, lockName, lockClient, lockBelieves, lockToken, lockKey, lockBehind string
	whyLock, notHold, lockPaused, tokensCount, bothBelieve                                          string
}

// eventWords are those of the panes of what happened: events, timeline, why.
type eventWords struct {
	events, nothingYet, folded                                   string
	timeline, youAreAt, onBranch, forked, commands, here         string
	whyNot, whyEvent, because, notRecorded, whyLeader, notLeader string
	whyVote, votesFor, inTerm, asItIsNow                         string
	covered                                                      string
}

// words returns the labels in the scene's language.
func (s *Scene) words() *words {
	if s.Lang == "zh" {
		return &chinese
	}
	return &english
}
