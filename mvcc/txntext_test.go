package mvcc_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"etcdscope/mvcc"
)

// txnText reads a transaction. Lines: "if TARGET(KEY [END]) OP OPERAND" with etcdctl's words, "then OP" and
// "else OP"; an OP is "put K=V [lease=N] [prev-kv] [ignore-value] [ignore-lease]", "del K [END] [prev-kv]", "get K
// [END] [rev=N]" or "txn" with the nested transaction indented below.
type txnText struct {
	t     *testing.T
	lines []string
}

func (x *txnText) read(indent string) *mvcc.TxnRequest {
	r := &mvcc.TxnRequest{}
	for len(x.lines) > 0 && strings.HasPrefix(x.lines[0], indent) {
		line := strings.TrimPrefix(x.lines[0], indent)
		x.lines = x.lines[1:]
		branch, rest, _ := strings.Cut(line, " ")
		switch branch {
		case "if":
			r.Compare = append(r.Compare, x.compare(rest))
		case "then":
			r.Success = append(r.Success, x.op(rest, indent))
		case "else":
			r.Failure = append(r.Failure, x.op(rest, indent))
		default:
			x.t.Fatalf("transaction: %q", line)
		}
	}
	return r
}

func (x *txnText) compare(text string) mvcc.Compare {
	target, rest, _ := strings.Cut(text, "(")
	span, rest, _ := strings.Cut(rest, ")")
	words, keys := strings.Fields(rest), strings.Fields(span)
	c := mvcc.Compare{Key: []byte(keys[0]), End: endOf(keys[1:])}
	c.Target = map[string]mvcc.CompareTarget{
		"version": mvcc.CompareVersion, "create": mvcc.CompareCreate, "mod": mvcc.CompareMod,
		"value": mvcc.CompareValue, "lease": mvcc.CompareLease,
	}[target]
	c.Result = map[string]mvcc.CompareResult{
		"=": mvcc.Equal, ">": mvcc.Greater, "<": mvcc.Less, "!=": mvcc.NotEqual,
	}[words[0]]
	if c.Target == mvcc.CompareValue {
		c.Value = []byte(words[1])
	} else {
		c.Number = x.number(words[1])
	}
	return c
}

func (x *txnText) number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

func (x *txnText) op(text, indent string) mvcc.Op {
	verb, rest, _ := strings.Cut(text, " ")
	flags, words := map[string]string{}, []string{}
	for _, word := range strings.Fields(rest) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "lease", "rev", "prev-kv", "ignore-value", "ignore-lease":
			flags[name] = value
		default:
			words = append(words, word)
		}
	}
	_, prev := flags["prev-kv"]
	switch verb {
	case "put":
		key, value, _ := strings.Cut(words[0], "=")
		p := &mvcc.PutOp{Key: []byte(key), Value: []byte(value), PrevKV: prev}
		_, p.IgnoreValue = flags["ignore-value"]
		_, p.IgnoreLease = flags["ignore-lease"]
		if n, ok := flags["lease"]; ok {
			p.Lease = x.number(n)
		}
		return mvcc.Op{Put: p}
	case "del":
		return mvcc.Op{Delete: &mvcc.DeleteOp{Key: []byte(words[0]), End: endOf(words[1:]), PrevKV: prev}}
	case "get":
		r := &mvcc.RangeOp{Key: []byte(words[0]), End: endOf(words[1:])}
		if n, ok := flags["rev"]; ok {
			r.Options.Rev = x.number(n)
		}
		return mvcc.Op{Range: r}
	}
	return mvcc.Op{Txn: x.read(indent + "  ")}
}

// apply does a transaction; lease 1 is the only one there is.
func (s *script) apply(out *strings.Builder, input string) {
	x := &txnText{s.t, strings.Split(strings.TrimRight(input, "\n"), "\n")}
	r := x.read("")
	if err := r.Validate(0); err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	res, events, err := s.store().Apply(r, func(id int64) bool { return id == 1 })
	if err != nil {
		fmt.Fprintf(out, "%v\n", err)
		return
	}
	writeTxn(out, &res, "")
	for _, e := range events {
		fmt.Fprintln(out, formatEvent(e))
	}
}

func writeTxn(out *strings.Builder, res *mvcc.TxnResult, indent string) {
	fmt.Fprintf(out, "%ssucceeded %v\n", indent, res.Succeeded)
	for _, r := range res.Results {
		switch {
		case r.Range != nil:
			fmt.Fprintf(out, "%s  get at %d:", indent, r.Rev)
			for _, kv := range r.Range.KVs {
				fmt.Fprintf(out, " %s=%s", kv.Key, kv.Value)
			}
			fmt.Fprintln(out)
		case r.Put != nil:
			fmt.Fprintf(out, "%s  put at %d", indent, r.Rev)
			if r.Put.Prev != nil {
				fmt.Fprintf(out, ", was %s", format(*r.Put.Prev))
			}
			fmt.Fprintln(out)
		case r.Delete != nil:
			fmt.Fprintf(out, "%s  deleted %d at %d\n", indent, r.Delete.Deleted, r.Rev)
		case r.Txn != nil:
			writeTxn(out, r.Txn, indent+"  ")
		}
	}
}
