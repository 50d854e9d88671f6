package script

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"etcdscope/cluster"
	"etcdscope/mvcc/auth"
)

// Complete lists what could stand in place of the last word of line, sorted: commands, flags, members, messages,
// tags, and in predicates functions and events. A word that is done gives itself. v may be nil.
func Complete(line string, v *cluster.View) []string {
	if v == nil {
		v = &cluster.View{}
	}
	words := strings.FieldsFunc(line, isBlank)
	last := ""
	if len(words) > 0 && !isBlank(lastRune(line)) {
		last = words[len(words)-1]
		words = words[:len(words)-1]
	}
	if strings.ContainsAny(last, "\"'\\") && (len(words) < 2 || words[1] != "until") {
		return nil
	}
	c := &completion{view: v, words: words, last: last}
	return c.matching(c.candidates())
}

func lastRune(s string) rune {
	runes := []rune(s)
	return runes[len(runes)-1]
}

// completion is a line that is cut before its last word.
type completion struct {
	view  *cluster.View
	words []string
	last  string
}

// matching keeps what begins with the last word.
func (c *completion) matching(all []string) []string {
	var out []string
	for _, s := range all {
		if strings.HasPrefix(s, c.last) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c *completion) candidates() []string {
	if len(c.words) == 0 {
		return firstWords(specs)
	}
	if second := under(specs, c.words[0]); len(second) > 0 {
		if len(c.words) == 1 {
			return second
		}
		c.words = append([]string{c.words[0] + " " + c.words[1]}, c.words[2:]...)
	}
	spec := find(specs, c.words[0])
	switch {
	case spec == nil:
		return nil
	case spec.Name == "run" && len(c.words) > 1 && c.words[1] == "until":
		return c.predicate()
	case len(spec.slots) > 0 && len(c.words) <= len(spec.slots) && !strings.HasPrefix(c.last, "-"):
		return c.slot(spec.slots[len(c.words)-1])
	case len(spec.Flags) > 0:
		return c.request(spec)
	case len(spec.slots) == 0:
		return nil
	}
	return c.slot(spec.slots[min(len(c.words)-1, len(spec.slots)-1)])
}

// firstWords lists what a line may begin with.
func firstWords(table []*Spec) []string {
	out := names(table)
	for i, name := range out {
		out[i], _, _ = strings.Cut(name, " ")
	}
	return slices.Compact(out)
}

// request completes a client's request: values of options, then flags behind the key.
func (c *completion) request(spec *Spec) []string {
	if len(c.words) > 1 {
		switch strings.TrimPrefix(c.words[len(c.words)-1], "--") {
		case "via":
			return c.members()
		case "by":
			return c.clients()
		case "consistency":
			return []string{"l", "s"}
		case "sort-by":
			return slices.Clone(sortTargets)
		case "order":
			return []string{"ASCEND", "DESCEND"}
		case "lease":
			return append(c.tags(cluster.LeaseGrant), c.claims()...)
		case "lock":
			return c.claims()
		case "user":
			return c.slot(aUser)
		case "new-user-password":
			return nil
		case "ttl", "tag", "rev", "limit", "min-mod-rev", "max-mod-rev", "min-create-rev", "max-create-rev":
			return nil
		}
	}
	needs := 1
	if spec.Name == "put" || spec.Name == "elect" {
		needs = 2
	}
	if len(c.words) <= needs && !strings.HasPrefix(c.last, "-") {
		if len(spec.slots) > 0 {
			return c.slot(spec.slots[0])
		}
		return nil
	}
	var out []string
	for _, flag := range flagNames(spec) {
		if !slices.Contains(c.words, flag) {
			out = append(out, flag)
		}
	}
	return out
}

func (c *completion) clients() []string {
	out := []string{"c1"}
	for _, cl := range c.view.Clients {
		out = append(out, "c"+strconv.Itoa(cl.ID))
	}
	return out
}

// slot lists what may stand at a place of a command.
func (c *completion) slot(s slot) []string {
	switch s {
	case aMemberOf:
		return c.unnamed(append(c.members(), "all"))
	case aGroup:
		return append(c.unnamed(c.members()), "/")
	case anEnd:
		return c.ends()
	case aLink:
		return append(c.messages(false), c.arrows()...)
	case aHeld:
		return append(c.messages(true), c.arrows()...)
	case aMessage:
		return c.messages(false)
	case aKind:
		return c.kinds()
	case aTag:
		return c.tags(cluster.ClientWatch)
	case aCommand:
		return names(specs)
	case aRuleName:
		return ruleNames()
	case onOrOff:
		return []string{"off", "on"}
	case anUntil:
		return []string{"until"}
	case aDiskVerb:
		return diskVerbNames()
	case aDiskFile:
		return diskFiles
	case aLease:
		return append(c.tags(cluster.LeaseGrant), c.claims()...)
	case aClaim:
		return c.claims()
	case aClient:
		return c.clients()
	case aFlag:
		return cluster.FlagNames()
	case aUser, aRole:
		return c.known(s)
	case anAccess:
		return slices.Clone(accesses)
	}
	return nil
}

// known lists the users or the roles of the first member that is up.
func (c *completion) known(s slot) (names []string) {
	for _, m := range c.view.Members {
		if m.Auth == nil {
			continue
		}
		if s == aUser {
			for _, u := range m.Auth.Users {
				names = append(names, u.Name)
			}
			return names
		}
		for _, r := range m.Auth.Roles {
			names = append(names, r.Name)
		}
		return append(names, auth.Root)
	}
	return nil
}

func (c *completion) members() []string {
	out := memberNames(len(c.view.Members))
	if c.view.Leader() != nil {
		out = append(out, "leader")
	}
	return out
}

// unnamed leaves out what the line names already.
func (c *completion) unnamed(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool {
		return slices.ContainsFunc(c.words[1:], func(w string) bool {
			return slices.Contains(strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(",/|", r) }), s)
		})
	})
}

// ends completes "A B" and "A->B"; behind a whole link there is nothing to list.
func (c *completion) ends() []string {
	given := c.words[1:]
	switch {
	case len(given) >= 2, len(given) == 1 && strings.Contains(given[0], "->"):
		return nil
	case len(given) == 1:
		return c.unnamed(append(c.members(), "any"))
	}
	return append(append(c.members(), "any"), c.arrows()...)
}

// arrows lists the directions from the member before the arrow, once one is written.
func (c *completion) arrows() []string {
	ends := append(c.members(), "any")
	from, _, arrow := strings.Cut(c.last, "->")
	if !arrow && !slices.Contains(ends, from) {
		out := slices.Clone(ends)
		for i := range out {
			out[i] += "->"
		}
		return out
	}
	var out []string
	for _, to := range ends {
		if to != from && c.nameOf(to) != c.nameOf(from) {
			out = append(out, from+"->"+to)
		}
	}
	return out
}

// nameOf is a member's own name where the word is leader.
func (c *completion) nameOf(word string) string {
	if m := c.view.Leader(); m != nil && word == "leader" {
		return memberName(m.ID)
	}
	return word
}

func (c *completion) messages(held bool) []string {
	var out []string
	for i := range c.view.Flights {
		if f := &c.view.Flights[i]; f.Held || !held {
			out = append(out, "#"+strconv.FormatUint(f.ID, 10))
		}
	}
	return out
}

func (c *completion) kinds() []string {
	if strings.HasPrefix(c.words[1], "#") {
		return nil
	}
	return slices.DeleteFunc(KindNames(), func(s string) bool { return slices.Contains(c.words[2:], s) })
}

// tags lists the tags of operations; kind 0 is all of them.
func (c *completion) tags(kind cluster.CommandKind) []string {
	var out []string
	for _, op := range c.view.Ops {
		if op.Spec != nil && op.Spec.Tag != "" && (kind == 0 || op.Kind == kind) {
			out = append(out, op.Spec.Tag)
		}
	}
	return out
}

// claims lists the tags of locks and elections.
func (c *completion) claims() []string {
	return append(c.tags(cluster.ClientLock), c.tags(cluster.ClientElect)...)
}

// predicate completes the name at the end of the last word; what stands before it stays.
func (c *completion) predicate() []string {
	cut := strings.LastIndexFunc(c.last,
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) + 1
	head := c.last[:cut]
	var out []string
	for _, word := range c.predicateWords(head) {
		out = append(out, head+word)
	}
	return out
}

// predicateWords lists what may stand behind head: what the innermost open call expects.
func (c *completion) predicateWords(head string) []string {
	f, arg := openCall(strings.Join(append(slices.Clone(c.words[2:]), head), " "))
	if f != nil && arg < len(f.params) {
		switch f.params[arg] {
		case anEvent:
			return EventNames()
		case anInvariant:
			return InvariantNames()
		case aRule:
			return quotedRules()
		case aSpecName:
			return names(specs)
		case aKindName:
			return KindNames()
		case aNode:
			return append(c.members(), NodeWords()...)
		case aText:
			return c.texts(f)
		}
	}
	out := append(c.members(), "and", "or", "not", "max")
	for _, name := range functionNames() {
		out = append(out, name+"(")
	}
	return out
}

// texts lists the tags for functions that ask about one; other texts are the user's own.
func (c *completion) texts(f *function) []string {
	switch f.name {
	case "resp":
		return c.tags(0)
	case "claim", "holds", "waits_for":
		return append(c.claims(), c.tags(cluster.ClientObserve)...)
	case "watch":
		return c.tags(cluster.ClientWatch)
	}
	return nil
}

// openCall finds the function whose parenthesis is still open at the end of text, and which argument is next.
func openCall(text string) (f *function, arg int) {
	depth := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth < 0 {
				name := text[strings.LastIndexFunc(text[:i],
					func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })+1 : i]
				return findFunction(name), arg
			}
		case ',':
			if depth == 0 {
				arg++
			}
		}
	}
	return nil, 0
}

// quotedRules are the names of rules as a predicate takes them: a hyphen would be a minus.
func quotedRules() []string {
	var out []string
	for _, name := range ruleNames() {
		if strings.Contains(name, "-") {
			name = strconv.Quote(name)
		}
		out = append(out, name)
	}
	return out
}
