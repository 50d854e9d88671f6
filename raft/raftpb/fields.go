package raftpb

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Why bytes are not the message that they should be.
var (
	ErrMalformed = errors.New("the record is not valid protobuf")
	ErrField     = errors.New("the record holds a field that etcd does not write there")
)

// AppendUint appends a varint field, zero or not: etcd sets these fields always.
func AppendUint(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

// EachField calls f for each field of a message: with p nil for a varint, else with p's bytes. Other wire types do
// not occur in a WAL. p keeps its capacity to itself, so that an append to it copies.
func EachField(b []byte, f func(num protowire.Number, v uint64, p []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return ErrMalformed
		}
		b = b[n:]
		var v uint64
		var p []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			p, n = protowire.ConsumeBytes(b)
		default:
			return ErrField
		}
		if n < 0 {
			return ErrMalformed
		}
		b = b[n:]
		if typ == protowire.BytesType {
			p = p[:len(p):len(p)]
			if p == nil {
				p = []byte{}
			}
		}
		if err := f(num, v, p); err != nil {
			return err
		}
	}
	return nil
}
