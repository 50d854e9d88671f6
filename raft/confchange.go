package raft

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// ConfChangeType is what happens to one member; the numbers are raftpb's.
type ConfChangeType uint8

// The changes of raftpb. An update changes nothing that raft knows of.
const (
	ConfChangeAddNode        ConfChangeType = 0 // becomes a voter, from nothing or from learner
	ConfChangeRemoveNode     ConfChangeType = 1
	ConfChangeUpdateNode     ConfChangeType = 2
	ConfChangeAddLearnerNode ConfChangeType = 3 // becomes a learner, from nothing or from voter
)

// ConfChangeTransition says whether a change goes through a joint configuration; the numbers are raftpb's.
type ConfChangeTransition uint8

// The transitions of raftpb.
const (
	TransitionAuto          ConfChangeTransition = 0 // only if there is more than one change
	TransitionJointImplicit ConfChangeTransition = 1 // always; the leader leaves it by itself
	TransitionJointExplicit ConfChangeTransition = 2 // always; somebody has to propose the empty change
)

// ConfChangeSingle is the change of one member. Node 0 is a change that whoever applied it refused.
type ConfChangeSingle struct {
	Type ConfChangeType
	Node ID
}

// ConfChange is a change of the configuration, as one log entry holds it. The zero value leaves a joint one.
type ConfChange struct {
	// V1 asks for the encoding that etcd itself proposes: exactly one change, no transition, with a number ID.
	V1         bool
	ID         uint64
	Transition ConfChangeTransition
	Changes    []ConfChangeSingle
	Context    []byte // opaque to raft
}

// leavesJoint says whether the change does nothing but leave a joint configuration.
func (c *ConfChange) leavesJoint() bool { return c.Transition == TransitionAuto && len(c.Changes) == 0 }

// entersJoint says whether the change goes through a joint configuration, and whether that is left by itself.
func (c *ConfChange) entersJoint() (auto, joint bool) {
	joint = c.Transition != TransitionAuto || len(c.Changes) > 1
	return joint && c.Transition != TransitionJointExplicit, joint
}

// String returns the changes in etcd's short form, such as "v4 l5 r1": voter, learner, remove, update.
func (c ConfChange) String() string {
	if c.leavesJoint() {
		return "leave-joint"
	}
	var words []string
	for _, one := range c.Changes {
		letter := "?"
		if int(one.Type) < len("vrul") {
			letter = "vrul"[one.Type : one.Type+1]
		}
		words = append(words, fmt.Sprintf("%s%d", letter, one.Node))
	}
	return strings.Join(words, " ")
}

// Encode returns the entry type and the raftpb bytes of the change. The zero change has no bytes, so no
// limit on sizes ever refuses it.
func (c ConfChange) Encode() (EntryType, []byte) {
	if c.V1 && len(c.Changes) == 1 {
		b := appendField(nil, 1, c.ID)
		b = c.Changes[0].encode(b, 2)
		return EntryConfChange, appendContext(b, 4, c.Context)
	}
	if c.leavesJoint() && c.Context == nil {
		return EntryConfChangeV2, nil
	}
	b := appendField(nil, 1, uint64(c.Transition))
	for _, one := range c.Changes {
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendBytes(b, one.encode(nil, 1))
	}
	return EntryConfChangeV2, appendContext(b, 3, c.Context)
}

// encode appends type and node under the field numbers first and first+1.
func (c ConfChangeSingle) encode(b []byte, first protowire.Number) []byte {
	return appendField(appendField(b, first, uint64(c.Type)), first+1, uint64(c.Node))
}

func appendField(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

func appendContext(b []byte, num protowire.Number, context []byte) []byte {
	if context == nil {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), context)
}

// DecodeConfChange reads the data of an entry of type EntryConfChange or EntryConfChangeV2.
// Missing fields are zero and unknown ones are skipped, as in protobuf.
func DecodeConfChange(t EntryType, data []byte) (ConfChange, error) {
	var c ConfChange
	var err error
	switch t {
	case EntryConfChange:
		one := ConfChangeSingle{}
		c.V1 = true
		err = eachField(data, func(num protowire.Number, v uint64, p []byte) error {
			switch num {
			case 1:
				c.ID = v
			case 4:
				c.Context = p
			}
			return one.take(num-1, v)
		})
		c.Changes = []ConfChangeSingle{one}
	case EntryConfChangeV2:
		err = eachField(data, c.takeV2)
	default:
		err = fmt.Errorf("an entry of type %d holds no configuration change", t)
	}
	if err != nil {
		return ConfChange{}, fmt.Errorf("configuration change %x: %w", data, err)
	}
	return c, nil
}

func (c *ConfChange) takeV2(num protowire.Number, v uint64, p []byte) error {
	switch num {
	case 1:
		if v > uint64(TransitionJointExplicit) {
			return fmt.Errorf("transition %d is unknown", v)
		}
		c.Transition = ConfChangeTransition(v)
	case 2:
		var one ConfChangeSingle
		err := eachField(p, func(num protowire.Number, v uint64, _ []byte) error { return one.take(num, v) })
		if err != nil {
			return err
		}
		c.Changes = append(c.Changes, one)
	case 3:
		c.Context = p
	}
	return nil
}

func (c *ConfChangeSingle) take(num protowire.Number, v uint64) error {
	switch num {
	case 1:
		if v > uint64(ConfChangeAddLearnerNode) {
			return fmt.Errorf("change type %d is unknown", v)
		}
		c.Type = ConfChangeType(v)
	case 2:
		c.Node = ID(v)
	}
	return nil
}

// eachField calls f for every varint and bytes field of a protobuf message. The bytes are the message's.
func eachField(b []byte, f func(num protowire.Number, v uint64, p []byte) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var v uint64
		var p []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			p, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
			num = 0
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := f(num, v, p); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
