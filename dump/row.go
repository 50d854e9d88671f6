package dump

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/raft/raftpb"

	"go.etcd.io/etcd/api/v3/authpb"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// rowJSON is one row for programs. Names are stable: fields are added, never renamed. Bytes are base64.
type rowJSON struct {
	Bucket    string  `json:"bucket"`
	Main      int64   `json:"main,omitempty"`
	Sub       int64   `json:"sub,omitempty"`
	Tombstone bool    `json:"tombstone,omitempty"`
	KV        *kvJSON `json:"kv,omitempty"`
	Name      string  `json:"name,omitempty"`
	Value     string  `json:"value,omitempty"`
	Text      string  `json:"text,omitempty"`
	RowKey    []byte  `json:"rowKey,omitempty"`
	RowValue  []byte  `json:"rowValue,omitempty"`
	Damage    string  `json:"damage,omitempty"`
}

type kvJSON struct {
	Key            []byte `json:"key"`
	Value          []byte `json:"value,omitempty"`
	CreateRevision int64  `json:"createRevision,omitempty"`
	ModRevision    int64  `json:"modRevision,omitempty"`
	Version        int64  `json:"version,omitempty"`
	Lease          string `json:"lease,omitempty"`
}

// decodeRow says what a row means.
func decodeRow(bucket string, k, v []byte) (rowJSON, error) {
	if bucket == "key" {
		return decodeChange(k, v)
	}
	r := rowJSON{Bucket: bucket}
	decode, known := rowDecoders[bucket]
	if !known {
		decode = decodePlain
	}
	name, value, err := decode(k, v)
	if err != nil {
		return r, err
	}
	r.Name, r.Value = name, value
	r.Text = fmt.Sprintf("%-20s %s", name, value)
	if value == "" {
		r.Text = name
	}
	return r, nil
}

// rowDecoders are how the rows of a bucket are read, as a name and a value.
var rowDecoders = map[string]func(k, v []byte) (name, value string, err error){
	"alarm": decodeAlarm, "auth": decodeAuth, "authRoles": decodeRole, "authUsers": decodeUser, "lease": decodeLease,
	"members": decodeMember, "members_removed": decodeRemoved, "meta": decodeMeta,
}

func decodePlain(k, v []byte) (name, value string, err error) { return quote(k), quote(v), nil }

// decodeChange reads a row of the bucket key.
func decodeChange(k, v []byte) (rowJSON, error) {
	r := rowJSON{Bucket: "key"}
	rev, tombstone, err := mvcc.ParseRowKey(k)
	if err != nil {
		return r, err
	}
	kv, err := mvcc.ParseKeyValue(v)
	if err != nil {
		return r, err
	}
	r.Main, r.Sub, r.Tombstone = rev.Main, rev.Sub, tombstone
	r.KV = &kvJSON{
		Key: kv.Key, Value: kv.Value, CreateRevision: kv.CreateRevision, ModRevision: kv.ModRevision, Version: kv.Version,
	}
	r.Text = fmt.Sprintf("%8s  %-24s ", rev, quote(kv.Key))
	if tombstone {
		r.Text += "deleted"
		return r, nil
	}
	r.Text += fmt.Sprintf("%-24s created %d, version %d", quote(kv.Value), kv.CreateRevision, kv.Version)
	if kv.Lease != 0 {
		r.KV.Lease = id(kv.Lease)
		r.Text += ", lease " + r.KV.Lease
	}
	return r, nil
}

func decodeLease(k, v []byte) (name, value string, err error) {
	var lease, ttl, left int64
	err = raftpb.EachField(v, func(num protowire.Number, n uint64, p []byte) error {
		switch {
		case num == 1 && p == nil:
			lease = int64(n)
		case num == 2 && p == nil:
			ttl = int64(n)
		case num == 3 && p == nil:
			left = int64(n)
		default:
			return raftpb.ErrField
		}
		return nil
	})
	if err == nil && (len(k) != 8 || int64(binary.BigEndian.Uint64(k)) != lease) {
		err = fmt.Errorf("the row of lease %s has another key", id(lease))
	}
	value = fmt.Sprintf("%d s", ttl)
	if left > 0 {
		value += fmt.Sprintf(", %d s left at the last checkpoint", left)
	}
	return id(lease), value, err
}

func decodeMeta(k, v []byte) (name, value string, err error) {
	switch name := string(k); name {
	case "consistent_index", "term":
		n, err := number(v)
		return name, n, err
	case "scheduledCompactRev", "finishedCompactRev":
		rev, _, err := mvcc.ParseRowKey(v)
		return name, rev.String(), err
	case "storageVersion":
		return name, quote(v), nil
	case "confState":
		return name, string(v), validJSON(v)
	}
	return decodePlain(k, v)
}

func number(v []byte) (string, error) {
	if len(v) != 8 {
		return "", fmt.Errorf("a number of %d bytes, want 8", len(v))
	}
	return fmt.Sprint(binary.BigEndian.Uint64(v)), nil
}

func validJSON(v []byte) error {
	if !json.Valid(v) {
		return errors.New("it is not JSON")
	}
	return nil
}

func decodeMember(k, v []byte) (name, value string, err error) {
	var m mvcc.Member
	if err := json.Unmarshal(v, &m); err != nil {
		return "", "", err
	}
	value = quote([]byte(m.Name)) + ", peers at " + strings.Join(m.PeerURLs, " ")
	if len(m.ClientURLs) > 0 {
		value += ", clients at " + strings.Join(m.ClientURLs, " ")
	}
	return string(k), value + flag(", learner", m.IsLearner), nil
}

func decodeRemoved(k, _ []byte) (name, value string, err error) { return quote(k), "removed", nil }

func decodeAlarm(k, _ []byte) (name, value string, err error) {
	var a pb.AlarmMember
	err = proto.Unmarshal(k, &a)
	return a.Alarm.String(), "raised by " + id(a.MemberID), err
}

func decodeAuth(k, v []byte) (name, value string, err error) {
	switch string(k) {
	case "authEnabled":
		return string(k), map[bool]string{true: "yes", false: "no"}[len(v) == 1 && v[0] == 1], nil
	case "authRevision":
		n, err := number(v)
		return string(k), n, err
	}
	return decodePlain(k, v)
}

func decodeUser(_, v []byte) (name, value string, err error) {
	var u authpb.User
	err = proto.Unmarshal(v, &u)
	value = "roles " + strings.Join(u.Roles, " ")
	if len(u.Roles) == 0 {
		value = "no role"
	}
	return quote(u.Name), value + flag(", no password", u.Options.GetNoPassword()), err
}

func decodeRole(_, v []byte) (name, value string, err error) {
	var r authpb.Role
	err = proto.Unmarshal(v, &r)
	var may []string
	for _, p := range r.KeyPermission {
		may = append(may, strings.ToLower(p.PermType.String())+" "+rangeText(p.Key, p.RangeEnd))
	}
	return quote(r.Name), strings.Join(may, ", "), err
}
