package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"etcdscope/cluster"
	"etcdscope/mvcc"
)

// parseTxn reads "if CONDITION and ... then OP; ... else OP; ...", with etcdctl's conditions and operations. A nested
// transaction stands in parentheses.
func parseTxn(p *lineParser) *Call {
	t := &txnParser{request: request{lineParser: p, op: &cluster.OpSpec{}}}
	t.options()
	t.op.Txn = t.txn()
	if t.more() {
		w := t.take("")
		t.fail(w, fmt.Sprintf("txn does not expect %q here", w.text), "write "+p.spec.Usage)
	}
	return world(cluster.Command{Kind: cluster.ClientTxn, Op: t.op})
}

// txnParser reads a transaction from the words of a line.
type txnParser struct{ request }

// key words of a transaction; as keys and values they are quoted.
var txnWords = []string{"if", "and", "then", "else", "put", "get", "del"}

// options takes the options of the whole request out of the words.
func (t *txnParser) options() {
	var out []word
	for t.more() {
		w := t.take("")
		name, value, hasValue := strings.Cut(strings.TrimPrefix(w.text, "--"), "=")
		if w.bare && t.has(name) && (w.text != name || isOptionWord(name) && t.more()) {
			t.flag(w, name, value, hasValue)
		} else {
			out = append(out, w)
		}
	}
	t.lineParser.words, t.pos = out, 0
}

// txn reads a transaction up to a closing parenthesis or the end.
func (t *txnParser) txn() *mvcc.TxnRequest {
	r := &mvcc.TxnRequest{}
	if t.accept("if") {
		r.Compare = append(r.Compare, t.compare())
		for t.accept("and") {
			r.Compare = append(r.Compare, t.compare())
		}
	}
	named := false
	if t.accept("then") {
		r.Success, named = t.ops(), true
	}
	if t.accept("else") {
		r.Failure, named = t.ops(), true
	}
	if !named && t.err == nil {
		w := t.peek()
		t.fail(w, "a transaction needs then or else", "write "+t.spec.Usage)
	}
	return r
}

var compareTargets = []string{
	mvcc.CompareVersion: "version", mvcc.CompareCreate: "create", mvcc.CompareMod: "mod",
	mvcc.CompareValue: "value", mvcc.CompareLease: "lease",
}

var compareResults = []string{mvcc.Equal: "=", mvcc.Greater: ">", mvcc.Less: "<", mvcc.NotEqual: "!="}

// compare reads "mod(KEY) = 2".
func (t *txnParser) compare() (c mvcc.Compare) {
	w := t.take("a condition such as mod(x) = 2")
	name, key, ok := strings.Cut(w.text, "(")
	target := slices.Index(compareTargets, name)
	switch {
	case t.err != nil:
		return c
	case name == "ver":
		target = int(mvcc.CompareVersion)
	case !ok || !strings.HasSuffix(key, ")"):
		t.fail(w, fmt.Sprintf("%q is no condition", w.text), "write for example mod(x) = 2, with blanks around =")
		return c
	}
	if target < 0 {
		t.unknown(word{text: name, col: w.col}, "target of a condition", compareTargets)
		return c
	}
	c.Target = mvcc.CompareTarget(target)
	if c.Key = []byte(strings.TrimSuffix(key, ")")); len(c.Key) == 0 {
		t.fail(w, "the key is empty", "write a key in the parentheses")
	}
	sign := t.take("=, !=, < or > behind " + w.text)
	result := slices.Index(compareResults, sign.text)
	if result < 0 && t.err == nil {
		t.unknown(sign, "comparison", compareResults)
		return c
	}
	c.Result = mvcc.CompareResult(max(result, 0))
	operand := t.take("a value to compare with")
	switch c.Target {
	case mvcc.CompareValue:
		c.Value = []byte(operand.text)
	case mvcc.CompareLease:
		c.Number = t.leaseID(operand)
	default:
		c.Number = t.numberIn(operand, operand.text, "a number", 0, 1<<62)
	}
	return c
}

// leaseID reads the ID of a lease; inside a transaction a tag cannot stand for it.
func (t *txnParser) leaseID(w word) int64 {
	id, err := strconv.ParseInt(w.text, 16, 64)
	if t.err == nil && err != nil {
		t.fail(w, fmt.Sprintf("%q is no lease", w.text), "in a transaction write its ID in hex")
	}
	return id
}

// ops reads operations parted by semicolons.
func (t *txnParser) ops() (ops []mvcc.Op) {
	for t.err == nil {
		if !t.more() || t.at("else") || t.at(")") {
			return ops
		}
		ops = append(ops, t.oneOp())
		if !t.accept(";") {
			return ops
		}
	}
	return ops
}

func (t *txnParser) at(text string) bool {
	w := t.peek()
	return t.more() && w.bare && w.text == text
}

func (t *txnParser) oneOp() mvcc.Op {
	if t.accept("(") {
		t.accept("txn") // who writes the command's name once more means the same
		inner := t.txn()
		if !t.accept(")") && t.err == nil {
			t.fail(t.peek(), "a nested transaction has no end", "close it with )")
		}
		return mvcc.Op{Txn: inner}
	}
	w := t.take("put, get or del")
	spec := find(t.table, w.text)
	if t.err == nil && (spec == nil || !slices.Contains([]string{"put", "get", "del"}, spec.Name)) {
		t.unknown(w, "operation", []string{"put", "get", "del"})
	}
	if t.err != nil {
		return mvcc.Op{}
	}
	return t.operation(spec)
}

// operation reads the words of one operation as the command of the same name does.
func (t *txnParser) operation(spec *Spec) mvcc.Op {
	sub := *t.lineParser
	sub.words, sub.pos, sub.spec = nil, 0, spec
	for t.more() && !t.at(";") && !t.at(")") && !t.at("else") {
		sub.words = append(sub.words, t.take(""))
	}
	call := spec.parse(&sub)
	if t.err = sub.err; t.err != nil {
		return mvcc.Op{}
	}
	o := call.World.Op
	switch spec.Name {
	case "put":
		put := &mvcc.PutOp{
			Key: o.Key, Value: o.Value, PrevKV: o.PrevKV, IgnoreValue: o.IgnoreValue, IgnoreLease: o.IgnoreLease,
		}
		if o.Lease != "" {
			put.Lease = t.leaseID(word{text: o.Lease, col: 1})
		}
		return mvcc.Op{Put: put}
	case "del":
		return mvcc.Op{Delete: &mvcc.DeleteOp{Key: o.Key, End: o.End, PrevKV: o.PrevKV}}
	}
	return mvcc.Op{Range: &mvcc.RangeOp{Key: o.Key, End: o.End, Options: mvcc.RangeOptions{
		Rev: o.Rev, Limit: o.Limit, CountOnly: o.CountOnly, KeysOnly: o.KeysOnly, Target: o.SortBy, Order: o.Order,
		MinMod: o.MinMod, MaxMod: o.MaxMod, MinCreate: o.MinCreate, MaxCreate: o.MaxCreate,
	}}}
}

// txnText writes a transaction as parseTxn reads it.
func txnText(r *mvcc.TxnRequest) string {
	var parts []string
	for i := range r.Compare {
		lead := "and "
		if i == 0 {
			lead = "if "
		}
		parts = append(parts, lead+compareText(&r.Compare[i]))
	}
	if len(r.Success) > 0 || len(r.Failure) == 0 {
		parts = append(parts, "then "+opsText(r.Success))
	}
	if len(r.Failure) > 0 {
		parts = append(parts, "else "+opsText(r.Failure))
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func compareText(c *mvcc.Compare) string {
	operand := strconv.FormatInt(c.Number, 10)
	switch c.Target {
	case mvcc.CompareValue:
		operand = txnQuote(string(c.Value))
	case mvcc.CompareLease:
		operand = strconv.FormatInt(c.Number, 16)
	}
	target, key := compareTargets[c.Target], txnQuote(string(c.Key))
	return fmt.Sprintf("%s(%s) %s %s", target, key, compareResults[c.Result], operand)
}

func opsText(ops []mvcc.Op) string {
	out := make([]string, len(ops))
	for i := range ops {
		out[i] = opText(&ops[i])
	}
	return strings.Join(out, "; ")
}

func opText(op *mvcc.Op) string {
	c := cluster.Command{Op: &cluster.OpSpec{}}
	o := c.Op
	switch {
	case op.Txn != nil:
		return "(" + txnText(op.Txn) + ")"
	case op.Put != nil:
		c.Kind, o.Key, o.Value, o.PrevKV = cluster.ClientPut, op.Put.Key, op.Put.Value, op.Put.PrevKV
		o.IgnoreValue, o.IgnoreLease = op.Put.IgnoreValue, op.Put.IgnoreLease
		if op.Put.Lease != 0 {
			o.Lease = strconv.FormatInt(op.Put.Lease, 16)
		}
	case op.Delete != nil:
		c.Kind, o.Key, o.End, o.PrevKV = cluster.ClientDelete, op.Delete.Key, op.Delete.End, op.Delete.PrevKV
	case op.Range != nil:
		r := &op.Range.Options
		c.Kind, o.Key, o.End, o.Rev, o.Limit = cluster.ClientGet, op.Range.Key, op.Range.End, r.Rev, r.Limit
		o.CountOnly, o.KeysOnly, o.SortBy, o.Order = r.CountOnly, r.KeysOnly, r.Target, r.Order
		o.MinMod, o.MaxMod, o.MinCreate, o.MaxCreate = r.MinMod, r.MaxMod, r.MinCreate, r.MaxCreate
	}
	words := requestWords(&c)
	for i, w := range words {
		if !strings.HasPrefix(w, `"`) && !strings.HasPrefix(w, "--") {
			words[i] = txnQuote(w)
		}
	}
	return commandName(c.Kind) + " " + strings.Join(words, " ")
}

// txnQuote quotes a word that would be a sign or a key word of a transaction.
func txnQuote(text string) string {
	if strings.ContainsAny(text, "();") || slices.Contains(txnWords, text) {
		return quoted(text)
	}
	return quote(text)
}
