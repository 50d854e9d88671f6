package lease

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Row is a row of the bucket lease; one without a value is to be deleted.
type Row struct{ Key, Value []byte }

// The field numbers of leasepb.Lease.
const (
	fieldID = 1 + iota
	fieldTTL
	fieldRemaining
)

func rowKey(id ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// rowOf encodes a lease as etcd does: fields in order, zero ones left out.
func rowOf(l *lease) Row {
	value := make([]byte, 0, 24) // the tags, and numbers of the usual size
	for i, n := range [...]int64{int64(l.id), l.ttl, l.remaining} {
		if n != 0 {
			value = protowire.AppendTag(value, protowire.Number(fieldID+i), protowire.VarintType)
			value = protowire.AppendVarint(value, uint64(n))
		}
	}
	return Row{rowKey(l.id), value}
}

// parseRow decodes a row; fields it does not know are passed over.
func parseRow(row Row) (lease, error) {
	var l lease
	for b := row.Value; len(b) > 0; {
		field, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return l, fmt.Errorf("lease row %x: %w", row.Key, protowire.ParseError(n))
		}
		b = b[n:]
		var v uint64
		if field >= fieldID && field <= fieldRemaining && wire == protowire.VarintType {
			v, n = protowire.ConsumeVarint(b)
		} else {
			n, field = protowire.ConsumeFieldValue(field, wire, b), 0
		}
		if n < 0 {
			return l, fmt.Errorf("lease row %x field %d: %w", row.Key, field, protowire.ParseError(n))
		}
		b = b[n:]
		switch field {
		case fieldID:
			l.id = ID(v)
		case fieldTTL:
			l.ttl = int64(v)
		case fieldRemaining:
			l.remaining = int64(v)
		}
	}
	switch {
	case l.id == 0 || string(rowKey(l.id)) != string(row.Key):
		return l, fmt.Errorf("lease row %x holds lease %x", row.Key, uint64(l.id))
	case l.ttl < 0 || l.remaining < 0:
		return l, fmt.Errorf("lease row %x: a time to live of %d and %d seconds", row.Key, l.ttl, l.remaining)
	}
	return l, nil
}

// Restore adds a lease that the file has; keys are attached when the store has been read.
func (r *Lessor) Restore(row Row) error {
	l, err := parseRow(row)
	if err != nil {
		return err
	}
	l.ttl = max(l.ttl, r.config.MinTTL)
	r.add(l)
	return nil
}
