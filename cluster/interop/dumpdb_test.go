package interop

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/authpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/server/v3/lease/leasepb"
	"go.etcd.io/etcd/server/v3/storage/schema"
	"google.golang.org/protobuf/proto"

	"etcdscope/mvcc"
)

// dumpedDB is what etcd-dump-db must print of a db file, made of the rows that our reader finds.
type dumpedDB struct {
	buckets []string
	rows    map[string][]string // newest first, as the tool prints them
	keys    int                 // bytes of the bucket key, with its page
	hash    uint32              // of everything but the rows that members may disagree about
}

// elementBytes is what a page, and each row on it, takes beside the bytes of its rows.
const elementBytes = 16

func readDB(t *testing.T, path string) dumpedDB {
	t.Helper()
	db := dumpedDB{rows: map[string][]string{}}
	crc := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	check(t, mvcc.ScanFile(t.TempDir(), path, func(bucket string, rows iter.Seq2[[]byte, []byte]) error {
		db.buckets = append(db.buckets, bucket)
		crc.Write([]byte(bucket))
		for k, v := range rows {
			if bucket == "key" {
				db.keys += len(k) + len(v) + elementBytes
			}
			db.rows[bucket] = append(db.rows[bucket], dumpedRow(t, bucket, k, v))
			if !schema.DefaultIgnores([]byte(bucket), k) {
				crc.Write(k)
				crc.Write(v)
			}
		}
		slices.Reverse(db.rows[bucket])
		return nil
	}))
	db.hash = crc.Sum32()
	return db
}

// dumpedRow is a line of etcd-dump-db iterate-bucket --decode.
func dumpedRow(t *testing.T, bucket string, k, v []byte) string {
	t.Helper()
	switch bucket {
	case "key":
		rev, tombstone, err := mvcc.ParseRowKey(k)
		check(t, err)
		var kv mvccpb.KeyValue
		check(t, proto.Unmarshal(v, &kv))
		return fmt.Sprintf("rev={Revision:{Main:%d Sub:%d} tombstone:%t}, ", rev.Main, rev.Sub, tombstone) +
			fmt.Sprintf("value=[key %q | val %q | created %d | mod %d | ver %d]",
				kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version)
	case "lease":
		var l leasepb.Lease
		check(t, proto.Unmarshal(v, &l))
		return fmt.Sprintf("lease ID=%016x, TTL=%ds, remaining TTL=%ds", binary.BigEndian.Uint64(k), l.TTL, l.RemainingTTL)
	case "auth", "meta":
		return fmt.Sprintf("key=%q, value=%s", k, numberText(bucket, string(k), v))
	case "authRoles", "authUsers":
		return authText(t, bucket, v)
	}
	return fmt.Sprintf("key=%q, value=%q", k, v)
}

// numberText is the value of a row that holds a number, a revision, a flag or a text.
func numberText(bucket, key string, v []byte) string {
	switch key {
	case "consistent_index", "term", "authRevision":
		return fmt.Sprint(binary.BigEndian.Uint64(v))
	case "scheduledCompactRev", "finishedCompactRev":
		return fmt.Sprintf("{%d %d}", binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[9:]))
	}
	if bucket == "auth" {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%q", v)
}

// authText is a role or a user. Ours have none; the directories of real members do.
func authText(t *testing.T, bucket string, v []byte) string {
	t.Helper()
	if bucket == "authRoles" {
		var role authpb.Role
		check(t, proto.Unmarshal(v, &role))
		var may []string
		for _, p := range role.KeyPermission {
			may = append(may, decodedText(p))
		}
		return fmt.Sprintf("role=%q, keyPermission=[%s]", role.Name, strings.Join(may, " "))
	}
	var user authpb.User
	check(t, proto.Unmarshal(v, &user))
	option := "<nil>"
	if user.Options != nil {
		option = decodedText(user.Options)
	}
	return fmt.Sprintf("user=%q, roles=%q, option=%s", user.Name, user.Roles, option)
}

// checkDumpDB lets etcd-dump-db read a db file in all its ways.
func checkDumpDB(t *testing.T, path string) {
	t.Helper()
	db := readDB(t, path)
	sameText(t, "list-bucket", dumpDB.run(t, "list-bucket", path), lines(db.buckets))
	for _, bucket := range db.buckets {
		got := dumpDB.run(t, "iterate-bucket", path, bucket, "--decode")
		sameText(t, "iterate-bucket "+bucket, got, lines(db.rows[bucket]))
	}
	sameText(t, "hash", dumpDB.run(t, "hash", path), fmt.Sprintf("db path: %s\nHash: %d\n", path, db.hash))
	if db.keys+elementBytes <= os.Getpagesize()/4 {
		return // a small bucket has no page of its own, and scan-keys looks at nothing else
	}
	scanned := dumpDB.run(t, "scan-keys", path, "1") // also of pages that are free
	for _, row := range db.rows["key"] {
		if !strings.Contains(scanned, row+"\n") {
			t.Fatalf("scan-keys does not find %s", row)
		}
	}
}

func lines(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.Join(all, "\n") + "\n"
}
