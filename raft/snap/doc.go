// Package snap keeps snapshots in files of etcd's format, on the disk of package wal.
//
// A member writes the .snap file first, then the WAL's snapshot record, and drops old segments last: then a record
// always has its file, and a file without a record is an orphan that nobody reads. A database that a leader sends
// comes as a .snap.db file, which is whole before it has its name.
//
// Start reading at file.go (names and bytes), then save.go, load.go and db.go; membership.go is what etcd keeps inside.
package snap
