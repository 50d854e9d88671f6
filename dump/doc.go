// Package dump prints the files of a member for somebody who wants to read them: every record of the log, every row of
// the database. It reads directories of etcdscope and of etcd, also while a member uses them, and changes nothing.
//
// Start reading at directory.go (what is looked for), then wal.go and request.go (the log), db.go and row.go (the
// database), line.go (columns, and how strange bytes are made harmless).
package dump
