// Package raftpb writes and reads raft's values as etcd's protobufs of the same names, byte for byte.
//
// Which zero fields are written follows etcd 3.7: hard state, snapshot index and term, entry term and index, and
// auto_leave of a configuration always; the entry type only if it is not normal. Older versions write all of them.
// When reading, every field may be missing. A field that does not belong there is an error, because what is read here
// may be damaged: a real etcd would skip it.
package raftpb
