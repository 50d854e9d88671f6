package script

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"etcdscope/cluster"
	"etcdscope/raft"
)

// param says what an argument of a function is.
type param uint8

const (
	aNode       param = iota // a member: n1, leader, a node word, a number
	aNumber                  // a whole number
	aText                    // text; a bare word is text
	aList                    // a list, usually of members
	anEvent                  // the name of an event, and filters behind it
	aRule                    // a rule that can be switched off
	aSpecName                // a command of the language
	anInvariant              // an invariant
	aKindName                // a kind of message
)

var paramNames = [...]string{
	aNode: "MEMBER", aNumber: "N", aText: "TEXT", aList: "LIST", anEvent: "EVENT", aRule: "RULE",
	aSpecName: "COMMAND", anInvariant: "INVARIANT", aKindName: "KIND",
}

// call resolves a call: its function, then every argument for what it is.
func (r *resolver) call(n *ast.CallNode) ast.Node {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		r.fail(n, "only functions can be called", "write for example term(n1)")
		return n
	}
	f := findFunction(name.Value)
	switch {
	case f == nil || f.group == "":
		r.unknown(n, "function", name.Value, functionNames())
		return n
	case name.Value == "argmin" && len(n.Arguments) == 1:
		f, n.Arguments = findFunction("argmin_timer"), nil
	case f.name == "log_match" && len(n.Arguments) == 1:
		return r.logMatchAll(n)
	}
	if len(f.params) > 0 && f.params[0] == anEvent {
		return r.events(f, n)
	}
	if len(n.Arguments) < len(f.params)-f.optional || len(n.Arguments) > len(f.params) {
		r.fail(n, fmt.Sprintf("%s does not take %s", f.name, count(len(n.Arguments), "argument")), "write "+f.usage())
		return n
	}
	if f.name == "log_match" && sameName(n.Arguments) {
		r.fail(n, "both logs are of the same member", "write log_match(all) to compare every pair")
		return n
	}
	for i := range n.Arguments {
		n.Arguments[i] = r.argument(f, f.params[i], n.Arguments[i])
	}
	return r.invoke(f.name, n, n.Arguments...)
}

func sameName(args []ast.Node) bool {
	a, ok := args[0].(*ast.IdentifierNode)
	b, ok2 := args[1].(*ast.IdentifierNode)
	return ok && ok2 && a.Value == b.Value
}

// logMatchAll is log_match(all): every pair of members that are up.
func (r *resolver) logMatchAll(n *ast.CallNode) ast.Node {
	if id, ok := n.Arguments[0].(*ast.IdentifierNode); !ok || id.Value != "all" && id.Value != "everyone" {
		r.fail(n.Arguments[0], "log_match compares two members", "write log_match(n1, n2) or log_match(all)")
		return n
	}
	return r.invoke("$log_match_all", n)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// argument resolves one argument.
func (r *resolver) argument(f *function, p param, n ast.Node) ast.Node {
	switch p {
	case aNode:
		return r.node(f, n)
	case aText:
		return r.text(n)
	case aRule:
		return r.closed(n, "rule", ruleNames())
	case aSpecName:
		return r.command(n)
	case anInvariant:
		return r.closed(n, "invariant", InvariantNames())
	case aKindName:
		return located(&ast.IntegerNode{Value: int(r.kind(n))}, n)
	}
	return r.value(n)
}

func ruleNames() []string {
	var out []string
	for _, rule := range cluster.Rules() {
		out = append(out, rule.Name)
	}
	return out
}

// node resolves an argument that is a member: words become numbers below 0 that the scene looks up.
func (r *resolver) node(f *function, n ast.Node) ast.Node {
	id, ok := n.(*ast.IdentifierNode)
	switch {
	case !ok:
		if s, isText := n.(*ast.StringNode); isText {
			r.fail(n, fmt.Sprintf("text %q is not a member", s.Value),
				"write n1, leader or "+orList(NodeWords())+" without quotes")
		}
		return r.value(n)
	case slices.Contains(r.lets, id.Value):
		return n
	case id.Value == "leader":
		r.leader = true
		return located(&ast.IntegerNode{Value: leaderNode}, n)
	case slices.Contains(NodeWords(), id.Value):
		return r.nodeWord(f, id)
	}
	if number, isMember := memberNumber(id.Value); isMember {
		return located(&ast.IntegerNode{Value: number}, n)
	}
	r.unknown(n, "member", id.Value, append(append(memberNames(cluster.MaxNodes), "leader"), NodeWords()...))
	if r.err.Suggest == "" {
		r.err.Advice = "write n1 to n9, leader or " + orList(NodeWords())
	}
	return n
}

// nodeWord binds a word; the same word in one comparison is the same member.
func (r *resolver) nodeWord(f *function, id *ast.IdentifierNode) ast.Node {
	if r.loops > 0 {
		r.fail(id, fmt.Sprintf("%q cannot stand inside a function over a list", id.Value),
			"write # for the element of the list")
	}
	i := slices.IndexFunc(r.words, func(w nodeWord) bool { return w.text == id.Value })
	if i < 0 {
		if len(r.words) == maxWords {
			r.fail(id, "too many words for members in one comparison",
				fmt.Sprintf("at most %d; part them with and", maxWords))
			return id
		}
		i = len(r.words)
		r.words = append(r.words, nodeWord{text: id.Value, downToo: true})
	}
	r.words[i].downToo = r.words[i].downToo && f.name == "up"
	return located(&ast.IntegerNode{Value: -1 - i}, id)
}

// text resolves an argument that is text: a bare word stands for itself.
func (r *resolver) text(n ast.Node) ast.Node {
	if id, ok := n.(*ast.IdentifierNode); ok && !slices.Contains(r.lets, id.Value) {
		return located(&ast.StringNode{Value: id.Value}, n)
	}
	return r.value(n)
}

// closed resolves a name out of a closed list.
func (r *resolver) closed(n ast.Node, what string, valid []string) ast.Node {
	n = r.text(n)
	s, ok := n.(*ast.StringNode)
	switch {
	case !ok:
		r.fail(n, fmt.Sprintf("a name is expected here (%s)", what), "write "+orList(valid))
	case !slices.Contains(valid, s.Value) && isOurs(s.Value):
		r.fail(n, fmt.Sprintf("%s is no %s but a function", s.Value, what), "write "+findFunction(s.Value).usage())
	case !slices.Contains(valid, s.Value):
		r.unknown(n, what, s.Value, valid)
	}
	return n
}

func isOurs(name string) bool {
	f := findFunction(name)
	return f != nil && f.group != ""
}

// kind resolves a kind of message, by our name or etcd's.
func (r *resolver) kind(n ast.Node) raft.MessageType {
	if s, ok := r.text(n).(*ast.StringNode); ok {
		if kind, known := kindOf(s.Value); known {
			return kind
		}
	}
	r.closed(n, "kind of message", KindNames())
	return 0
}

// command resolves a command's name; an alias counts as its command.
func (r *resolver) command(n ast.Node) ast.Node {
	n = r.closed(n, "command", names(r.table))
	if s, ok := n.(*ast.StringNode); ok && r.err == nil {
		s.Value = find(r.table, s.Value).Name
	}
	return n
}

var tokenName = regexp.MustCompile(`unexpected token \w+\("(.*)"\)`)

var internalCall = regexp.MustCompile(`too (many|few) arguments|not enough arguments|cannot use`)

// foreign turns an error of expr into ours: position, what is wrong, what to write.
func (r *resolver) foreign(err error) *Error {
	var e *file.Error
	if !errors.As(err, &e) {
		return &Error{Line: r.source, Col: 1, Msg: err.Error(), Advice: "write it more simply"}
	}
	row, col := position(r.source, e.From)
	out := &Error{
		Line: r.source, Row: row, Col: col,
		Advice: "parts are joined with and, or, not; see docs/predicates.md",
	}
	out.Msg = tokenName.ReplaceAllString(strings.TrimSpace(e.Message), "unexpected \"$1\"")
	switch {
	case strings.TrimSpace(r.source) == "":
		out.Msg, out.Advice = "the predicate is empty", "write for example size(leaders()) == 1"
	case strings.Contains(out.Msg, "operation: not"), strings.Contains(out.Msg, "operation: !"):
		out.Msg, out.Advice = "not before something that is not true or false",
			"write not (term(n1) == 2), with parentheses"
	case strings.Contains(out.Msg, "mismatched types"):
		out.Advice = "compare numbers with numbers and text with text"
	case strings.Contains(out.Msg, "exceeds maximum allowed nodes"):
		out.Msg = "the predicate is too long"
		out.Advice = fmt.Sprintf("at most %d names, numbers and operators", maxNodes)
	case strings.Contains(out.Msg, "EOF") || strings.Contains(out.Msg, "end of expression"):
		out.Msg, out.Advice = "the predicate ends too early", "close what is open, or write the right side"
	case strings.Contains(r.source, "{"):
		out.Advice = "lists are written [n1, n2]"
	case strings.Contains(out.Msg, `"="`) || strings.Contains(out.Msg, `"^"`):
		out.Advice = "compare with =="
	case internalCall.MatchString(out.Msg):
		out.Msg, out.Advice = "a value of the wrong kind",
			"members are n1 or leader, numbers have no quotes, text has them"
	}
	return out
}
