package auth

import (
	"encoding/binary"
	"hash/fnv"
)

// Digest is a fingerprint of all that is replicated, which members that have applied the same entries share; 0 while
// nothing was ever changed.
func (s *Store) Digest() uint64 { return s.digest }

// reckon makes the digest.
func (s *Store) reckon() uint64 {
	if s.revision == firstRevision {
		return 0
	}
	h := fnv.New64a()
	put := func(b []byte) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	put(enabledRow(s.enabled).Value)
	put(revisionRow(s.revision).Value)
	for _, u := range s.users {
		put(encode(u))
	}
	put(nil)
	for _, r := range s.roles {
		put(encode(r))
	}
	return h.Sum64()
}

// Hash is a fingerprint of the whole state, tokens included; 0 while nothing was ever changed.
func (s *Store) Hash() uint64 {
	if len(s.tokens) == 0 {
		return s.digest
	}
	h := fnv.New64a()
	h.Write(binary.LittleEndian.AppendUint64(nil, s.digest))
	for _, t := range s.tokens {
		h.Write([]byte(t.text + " " + t.user))
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(t.expiry)))
	}
	return h.Sum64()
}
