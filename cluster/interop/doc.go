// Package interop puts our stack beside real etcd 3.7.3: the same inputs go into both, and what comes out must be the
// same. It is a module of its own, and the only place that may import etcd's server module.
//
// It holds nothing but tests, benchmarks, and the table of their figures (ratio); nothing imports it.
//
// Start reading at wal_etcd_test.go and mvcc_etcd_test.go (how the other side is driven), then wal_test.go and
// mvcc_test.go. README.md says how to run and read all of it.
package interop
