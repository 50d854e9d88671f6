package cluster

import (
	"fmt"
	"strings"
)

// storeSentence says what a member did beside Raft and requests.
func (e *Event) storeSentence() string {
	switch e.Kind {
	case LeaseCheck:
		if e.N == 0 {
			return e.who() + " tells the others how much is left of long leases"
		}
		return fmt.Sprintf("%s finds %s expired", e.who(), plural(e.N, "lease", "leases"))
	case LeaseExpire:
		if e.N == 0 {
			return e.who() + " wants to revoke expired leases"
		}
		return fmt.Sprintf("%s proposes to revoke %s", e.who(), e.leaseNames())
	case CompactBatch:
		return fmt.Sprintf("%s deletes what revision %d no longer needs from its file", e.who(), e.Rev)
	case DefragStep:
		return fmt.Sprintf("%s has copied %s into another file", e.who(), plural(e.N, "row", "rows"))
	case PeerRequest:
		if e.Op == 0 {
			return fmt.Sprintf("%s is asked for its hash at revision %d", e.who(), e.Rev)
		}
		return fmt.Sprintf("%s is asked about the lease of op %d", e.who(), e.Op)
	case PeerResponse:
		if e.Op == 0 {
			return fmt.Sprintf("%s gets another member's hash at revision %d", e.who(), e.Rev)
		}
		return fmt.Sprintf("%s gets the leader's answer for op %d", e.who(), e.Op)
	case KeepAliveDue:
		return fmt.Sprintf("the client of op %d asks for its lease again", e.Op)
	case AutoCompact:
		return fmt.Sprintf("%s asks for a compaction at revision %d", e.who(), e.Rev)
	case ProgressRequest:
		return fmt.Sprintf("%s is asked how far the watch of op %d is", e.who(), e.Op)
	case InitialCheck:
		verb := "starts"
		if e.Note != "" {
			verb = "does not start"
		}
		return fmt.Sprintf("%s has compared its keys at revision %d with those of %s and %s",
			e.who(), e.Rev, plural(e.N, "member", "members"), verb)
	case CorruptCheck:
		return fmt.Sprintf("%s asks the others for their hashes at revision %d", e.who(), e.Rev)
	}
	return e.who() + " " + e.Kind.String()
}

func (e *Event) leaseNames() string {
	names := make([]string, len(e.Leases))
	for i, id := range e.Leases {
		names[i] = "lease " + leaseName(id)
	}
	return strings.Join(names, ", ")
}

// ended says which leases an entry ended or noted the time of.
func (e *Event) ended() string {
	switch {
	case len(e.Leases) == 0:
		return ""
	case e.Expires:
		return e.leaseNames() + " ends with its keys: "
	}
	return "what is left of " + e.leaseNames() + " is noted: "
}

// storeSalience is how much an event beside Raft matters; ok is false for all others.
func (e *Event) storeSalience() (s Salience, ok bool) {
	switch e.Kind {
	case LeaseExpire, AutoCompact, InitialCheck:
		return Story, true
	case Apply:
		return Story, e.Expires || e.Promoted && e.Note != "" || strings.HasPrefix(e.Note, "alarm ")
	case ClientResponse:
		return Protocol, len(e.Leases) > 0 && e.Note == ""
	case CompactBatch, DefragStep, PeerResponse, ClientRequest:
		if e.Note != "" && (e.Kind != ClientRequest || strings.HasPrefix(e.Note, "defragmentation")) {
			return Story, e.Kind != PeerResponse || strings.HasPrefix(e.Note, "hashes")
		}
	}
	return Protocol, false
}
