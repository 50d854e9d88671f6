package script

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"etcdscope/nearest"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"
)

const (
	maxNodes     = 500    // of a predicate's syntax tree
	memoryBudget = 20_000 // values that an evaluation may make
	maxLoops     = 2      // closures inside each other
	maxWords     = 3      // different node words in one comparison
)

// leaderNode stands for the leader where a member is expected; -1 and below stand for node words.
const leaderNode = -1000

// resolver gives names their meaning: it turns a parsed expression into formulas over our functions.
type resolver struct {
	source string
	table  []*Spec
	config *conf.Config
	err    *Error

	lets   []string   // names declared with let
	words  []nodeWord // of the atom at hand
	leader bool       // the atom at hand names the leader
	branch bool       // the atom at hand may skip parts of itself
	loops  int
}

// parse reads the source as expr does, except that a filter is written name=value.
func (r *resolver) parse() ast.Node {
	tree, err := parser.ParseWithConfig(markFilters(r.source), r.config)
	if err != nil {
		r.err = r.foreign(err)
		return nil
	}
	return tree.Node
}

// markFilters turns the = of filters into expr's operator ^, which is of the same length and binds tighter
// than any other, so positions stay right.
func markFilters(source string) string {
	tokens, err := lexer.Lex(file.NewSource(source))
	if err != nil || !strings.Contains(source, "=") {
		return source
	}
	runes := []rune(source)
	for i := 1; i < len(tokens); i++ {
		let := i >= 2 && tokens[i-2].Value == "let"
		if tokens[i].Is(lexer.Operator, "=") && tokens[i-1].Kind == lexer.Identifier && !let {
			runes[tokens[i].From] = '^'
		}
	}
	return string(runes)
}

// formula cuts n at and, or and not.
func (r *resolver) formula(n ast.Node) formula {
	switch n := n.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&":
			return conjunction{r.formula(n.Left), r.formula(n.Right)}
		case "or", "||":
			return disjunction{r.formula(n.Left), r.formula(n.Right)}
		}
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return negation{r.formula(n.Node)}
		}
	}
	return r.atom(n)
}

// atom resolves and compiles what no and, or, not is left in.
func (r *resolver) atom(n ast.Node) formula {
	r.words, r.leader, r.branch = nil, false, false
	at := n.Location()
	n = r.value(n)
	if r.err != nil {
		return nil
	}
	tree := &parser.Tree{Node: n, Source: file.NewSource(r.source)}
	got, err := checker.Check(tree, r.config)
	if err != nil {
		r.err = r.foreign(err)
		return nil
	}
	if k := got.Kind(); k != reflect.Bool && k != reflect.Interface {
		r.failAt(at, fmt.Sprintf("this is %s, not true or false", kindWord(got)), "compare it, as in term(n1) == 2")
		return nil
	}
	if err := optimizer.Optimize(&tree.Node, r.config); err != nil {
		r.err = r.foreign(err)
		return nil
	}
	program, err := compiler.Compile(tree, r.config)
	if err != nil {
		r.err = r.foreign(err)
		return nil
	}
	return &atom{program: program, words: r.words, leader: r.leader && !r.branch}
}

func kindWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Float64:
		return "a number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "a list"
	}
	return "an object with several parts"
}

// value resolves the names in an expression that stands for a value.
func (r *resolver) value(n ast.Node) ast.Node {
	if r.err != nil {
		return n
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return r.name(n)
	case *ast.CallNode:
		return r.call(n)
	case *ast.BinaryNode:
		r.binary(n)
	case *ast.UnaryNode:
		n.Node = r.value(n.Node)
	case *ast.MemberNode:
		r.part(n)
	case *ast.ChainNode:
		n.Node = r.value(n.Node)
	case *ast.SliceNode:
		n.Node, n.From, n.To = r.value(n.Node), r.optional(n.From), r.optional(n.To)
	case *ast.BuiltinNode:
		r.builtin(n)
	case *ast.PredicateNode:
		n.Node = r.value(n.Node)
	case *ast.ConditionalNode:
		r.branch = true
		n.Cond, n.Exp1, n.Exp2 = r.value(n.Cond), r.value(n.Exp1), r.value(n.Exp2)
	case *ast.VariableDeclaratorNode:
		n.Value = r.value(n.Value)
		r.lets = append(r.lets, n.Name)
		n.Expr = r.value(n.Expr)
	case *ast.SequenceNode:
		r.all(n.Nodes)
	case *ast.ArrayNode:
		r.all(n.Nodes)
	case *ast.MapNode:
		return r.set(n)
	}
	return n
}

func (r *resolver) all(nodes []ast.Node) {
	for i := range nodes {
		nodes[i] = r.value(nodes[i])
	}
}

func (r *resolver) optional(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	return r.value(n)
}

// set: an empty {} is an empty list; other sets are not expr's.
func (r *resolver) set(n *ast.MapNode) ast.Node {
	if len(n.Pairs) > 0 {
		r.fail(n, "a list of pairs has no meaning here", "write lists as [n1, n2]")
		return n
	}
	list := &ast.ArrayNode{}
	list.SetLocation(n.Location())
	return list
}

// name resolves a name that stands for a value: a member, or a variable.
func (r *resolver) name(n *ast.IdentifierNode) ast.Node {
	if slices.Contains(r.lets, n.Value) {
		return n
	}
	if id, ok := memberNumber(n.Value); ok {
		return located(&ast.IntegerNode{Value: id}, n)
	}
	if id, ok := clientNumber(n.Value); ok {
		return located(&ast.IntegerNode{Value: id}, n)
	}
	switch {
	case n.Value == "leader":
		r.leader = true
		return r.invoke("$leader", n)
	case slices.Contains(NodeWords(), n.Value):
		r.fail(n, fmt.Sprintf("%q stands for members and must stand in a call", n.Value),
			"write for example up("+n.Value+")")
	case findFunction(n.Value) != nil:
		r.fail(n, fmt.Sprintf("%s is a function", n.Value), "write "+findFunction(n.Value).usage())
	default:
		r.unknown(n, "name", n.Value, append([]string{"leader"}, append(memberNames(9), functionNames()...)...))
	}
	return n
}

// memberNumber reads n1 to n9.
func memberNumber(name string) (int, bool) {
	if len(name) != 2 || name[0] != 'n' || name[1] < '1' || name[1] > '9' {
		return 0, false
	}
	return int(name[1] - '0'), true
}

// clientNumber reads c1 to c99.
func clientNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "c")
	if !ok || !isDigits(digits) || digits[0] == '0' || len(digits) > 2 {
		return 0, false
	}
	id, err := strconv.Atoi(digits)
	return id, err == nil
}

// binary resolves both sides; words such as candidate have a meaning only opposite to what can be one.
func (r *resolver) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		r.fail(n, "ranges of numbers are not allowed", "compare with <= and >=")
		return
	case "and", "&&", "or", "||", "??":
		r.branch = true
	case "==", "!=", "in":
		if r.wordSides(n) {
			return
		}
	}
	n.Left, n.Right = r.value(n.Left), r.value(n.Right)
}

// wordSides handles comparisons with one of a closed list of words, such as role(n1) == candidate.
func (r *resolver) wordSides(n *ast.BinaryNode) bool {
	left, right := wordsOf(n.Left), wordsOf(n.Right)
	switch {
	case left != nil:
		n.Left, n.Right = r.value(n.Left), r.word(n.Right, left)
	case right != nil:
		n.Left, n.Right = r.word(n.Left, right), r.value(n.Right)
	case isCallOf(n.Left, "answer") && isText(n.Right), isCallOf(n.Right, "answer") && isText(n.Left):
		n.Left, n.Right = asText(r.value(n.Left)), asText(r.value(n.Right))
	default:
		return false
	}
	return true
}

// word resolves a word of a closed list, or a list of such words.
func (r *resolver) word(n ast.Node, valid []string) ast.Node {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if slices.Contains(r.lets, n.Value) {
			return n
		}
		if !slices.Contains(valid, n.Value) {
			r.unknown(n, "word", n.Value, valid)
		}
		return located(&ast.StringNode{Value: n.Value}, n)
	case *ast.StringNode:
		if !slices.Contains(valid, n.Value) {
			r.unknown(n, "word", n.Value, valid)
		}
		return n
	case *ast.ArrayNode:
		for i := range n.Nodes {
			n.Nodes[i] = r.word(n.Nodes[i], valid)
		}
		return n
	}
	return r.value(n)
}

// wordsOf lists the words that a call or a part of an object can be, or nil.
func wordsOf(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallNode:
		if f := calledFunction(n); f != nil {
			return f.words
		}
	case *ast.MemberNode:
		name, ok := n.Property.(*ast.StringNode)
		if call, isCall := n.Node.(*ast.CallNode); ok && isCall {
			if f := calledFunction(call); f != nil {
				return f.partWords[name.Value]
			}
		}
	}
	return nil
}

// asText makes a resolved answer() give what was typed, even where it is a number.
func asText(n ast.Node) ast.Node {
	if call, ok := n.(*ast.CallNode); ok {
		call.Callee.(*ast.IdentifierNode).Value = "$answer_text"
	}
	return n
}

func isCallOf(n ast.Node, name string) bool {
	f := calledFunction(n)
	return f != nil && f.name == name
}

func isText(n ast.Node) bool {
	_, ok := n.(*ast.StringNode)
	return ok
}

func calledFunction(n ast.Node) *function {
	call, ok := n.(*ast.CallNode)
	if !ok {
		return nil
	}
	name, ok := call.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	return findFunction(name.Value)
}

// part resolves object.part and list[index].
func (r *resolver) part(n *ast.MemberNode) {
	if f := calledFunction(n.Node); f != nil && len(f.parts()) > 0 {
		if name, ok := n.Property.(*ast.StringNode); ok && !slices.Contains(f.parts(), name.Value) {
			r.unknown(n.Property, "part of "+f.name, name.Value, f.parts())
			return
		}
	}
	n.Node = r.value(n.Node)
	if _, ok := n.Property.(*ast.StringNode); !ok {
		n.Property = r.value(n.Property)
	}
}

// builtin allows the functions of expr that work on lists and numbers and cost little.
func (r *resolver) builtin(n *ast.BuiltinNode) {
	if !slices.Contains(exprFunctions, n.Name) {
		r.unknown(n, "function", n.Name, functionNames())
		return
	}
	for i, arg := range n.Arguments {
		_, closure := arg.(*ast.PredicateNode)
		if closure {
			r.loops++
			r.branch = true
		}
		if r.loops > maxLoops {
			r.fail(n, "too many functions inside each other", fmt.Sprintf("at most %d may go through lists", maxLoops))
		}
		n.Arguments[i] = r.value(arg)
		if closure {
			r.loops--
		}
	}
}

// invoke calls one of our functions; the scene is always the first argument.
func (r *resolver) invoke(name string, at ast.Node, args ...ast.Node) ast.Node {
	env := located(&ast.IdentifierNode{Value: "$env"}, at)
	call := &ast.CallNode{
		Callee:    located(&ast.IdentifierNode{Value: name}, at),
		Arguments: append([]ast.Node{env}, args...),
	}
	return located(call, at)
}

func located(n, at ast.Node) ast.Node {
	n.SetLocation(at.Location())
	return n
}

func (r *resolver) unknown(n ast.Node, what, got string, valid []string) {
	if r.err != nil {
		return
	}
	r.fail(n, fmt.Sprintf("unknown %s %s", what, strconv.Quote(got)), "")
	r.err.Suggest = nearest.Word(got, valid)
	if len(valid) <= 12 {
		r.err.Advice = "write " + orList(valid)
	} else {
		r.err.Advice = "docs/predicates.md lists what there is"
	}
}

func (r *resolver) fail(n ast.Node, msg, advice string) { r.failAt(n.Location(), msg, advice) }

func (r *resolver) failAt(at file.Location, msg, advice string) {
	if r.err == nil {
		row, col := position(r.source, at.From)
		r.err = &Error{Line: r.source, Row: row, Col: col, Msg: msg, Advice: advice}
	}
}

// position turns a rune offset into line and column, both from 1; line 0 means that there is only one.
func position(source string, offset int) (row, col int) {
	row, col = 1, 1
	for i, c := range []rune(source) {
		if i >= offset {
			break
		}
		col++
		if c == '\n' {
			row, col = row+1, 1
		}
	}
	if !strings.Contains(source, "\n") {
		row = 0
	}
	return row, col
}
