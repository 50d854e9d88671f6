package dump

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// otherText writes the requests that are seldom by the names of their fields.
func otherText(r *pb.InternalRaftRequest) string {
	var out []string
	for _, f := range setFields(r.ProtoReflect()) {
		if name := string(f.Name()); name != "header" && name != "ID" {
			out = append(out, strings.ReplaceAll(name, "_", " ")+messageText(r.ProtoReflect().Get(f).Message()))
		}
	}
	if len(out) == 0 {
		return "a request that this version of etcd does not know"
	}
	return strings.Join(out, "; ")
}

// setFields lists the fields of a message that are not zero, by number.
func setFields(m protoreflect.Message) (all []protoreflect.FieldDescriptor) {
	m.Range(func(f protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		all = append(all, f)
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	return all
}

// messageText writes the fields of a message: " name=u1 options={no_password=true}". Passwords stay hidden.
func messageText(m protoreflect.Message) string {
	var b strings.Builder
	for _, f := range setFields(m) {
		name := string(f.Name())
		v := m.Get(f)
		switch {
		case secret(f):
			fmt.Fprintf(&b, " %s=(hidden)", name)
		case f.IsList():
			for i := range v.List().Len() {
				fmt.Fprintf(&b, " %s=%s", name, valueText(f, v.List().Get(i)))
			}
		case f.IsMap():
			fmt.Fprintf(&b, " %s=(%d)", name, v.Map().Len())
		default:
			fmt.Fprintf(&b, " %s=%s", name, valueText(f, v))
		}
	}
	return b.String()
}

func secret(f protoreflect.FieldDescriptor) bool {
	name := strings.ToLower(string(f.Name()))
	return f.Kind() == protoreflect.StringKind && (strings.Contains(name, "password") || name == "simple_token")
}

func valueText(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return "{" + strings.TrimPrefix(messageText(v.Message()), " ") + "}"
	case protoreflect.EnumKind:
		if e := f.Enum().Values().ByNumber(v.Enum()); e != nil {
			return string(e.Name())
		}
	case protoreflect.BytesKind:
		return quote(v.Bytes())
	case protoreflect.StringKind:
		return quote([]byte(v.String()))
	case protoreflect.Uint64Kind, protoreflect.Int64Kind:
		if name := strings.ToLower(string(f.Name())); strings.HasSuffix(name, "id") {
			if f.Kind() == protoreflect.Int64Kind {
				return id(v.Int())
			}
			return id(v.Uint())
		}
	default:
	}
	return v.String()
}

// hidePasswords empties what messageText hides; Options.Raw shows it.
func hidePasswords(r *pb.InternalRaftRequest) {
	const hidden = "(hidden)"
	if a := r.AuthUserAdd; a != nil {
		a.Password, a.HashedPassword = "", hidden
	}
	if a := r.AuthUserChangePassword; a != nil {
		a.Password, a.HashedPassword = "", hidden
	}
	if a := r.Authenticate; a != nil {
		a.Password, a.SimpleToken = "", hidden
	}
}
