// Package wal writes what raft must not forget to a disk, in etcd's format, and reads back exactly what survived.
//
// It never decides when to fsync (the member does, and may die in between), never knows a clock,
// and never repairs anything but a torn tail.
//
// Start reading at record.go (framing and CRC chain) and payload.go (what the records hold), then wal.go (create, save)
// and segment.go (file names, cut), then decode.go (reading and judging damage), replay.go (what the records amount to)
// and open.go (repair). Old segments go in release.go; walk.go is for somebody who reads the files themselves; rules.go
// lists what may be switched off.
package wal
