package script

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"etcdscope/cluster"
)

// groupTitles are the headings of the reference page.
var groupTitles = map[string]string{
	"time": "Time", "nodes": "Members", "network": "Network", "timers": "Election timers",
	"clients": "Clients", "admin": "Administration", "session": "Session",
}

// Reference renders docs/commands.md: every command by group with usage, help, flags and an example.
func Reference() string {
	var b strings.Builder
	b.WriteString(commandIntro)
	for _, group := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n", groupTitles[group])
		for _, s := range specs {
			if s.Group == group {
				writeSpec(&b, s)
			}
		}
	}
	b.WriteString("\n## Kinds of messages\n\n")
	b.WriteString("| here | etcd |\n|---|---|\n")
	for _, k := range kindNames {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", k.name, k.etcd)
	}
	return b.String()
}

func writeSpec(b *strings.Builder, s *Spec) {
	fmt.Fprintf(b, "\n### %s\n\n    %s\n\n%s\n%s\n", s.Name, strings.ReplaceAll(s.Usage, " | ", "\n    "),
		s.Help, s.HelpZH)
	if len(s.Aliases) > 0 {
		fmt.Fprintf(b, "\nAlso written %s.\n", codeList(s.Aliases))
	}
	if len(s.Flags) > 0 {
		b.WriteString("\n| flag | meaning |\n|---|---|\n")
	}
	for _, f := range s.Flags {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(strings.TrimSpace("--"+f.Name+" "+f.Value), "|",
			`\|`), f.Help)
	}
	fmt.Fprintf(b, "\nExample: `%s`\n", s.Example)
}

func codeList(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

const commandIntro = `# Commands

This page is generated from the registry of cluster/script; go test ./cluster/script -rewrite renews it.

The prompt, the keys, lessons, scripts, tests and recordings speak this language, one command a line.
A line that begins with # is a comment, and so is what follows a # with a blank behind it (not in the
predicate of run until).

* A member is n1 to n9, or leader: the member that leads the highest term at this moment. Where several
  members may stand, part them with blanks or commas; all is every member.
* A link is "A B" for both directions or "A->B" for one. any stands for every member on its side of an arrow.
* A message in flight is # and its number.
* A duration is ticks (40, 40ticks) or time (250us, 200ms, 1.5s, 2min). A bare number is ticks.
* Keys and values are words. Quotes keep blanks ("a b", 'a b'); outside '...' a backslash escapes: \n, \t, \r,
  \xNN, \\ and \ before any other sign. A word in quotes is never an option; -- ends the options.
* via n1, by c1, tag w and max 60 may be written without dashes, behind the key and the value.
`

// PredicateReference renders docs/predicates.md: how predicates are written, and every function and event.
func PredicateReference() string {
	var b strings.Builder
	b.WriteString(predicateIntro)
	group := ""
	for i := range functions {
		f := &functions[i]
		if f.group == "" {
			continue
		}
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n## %s\n\n| function | meaning | example |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", f.usage(), f.meaning(), f.example)
	}
	fmt.Fprintf(&b, "\nFrom expr itself: %s. In them # is the element: `all(members(), term(#) >= 2)`.\n",
		codeList(exprFunctions))
	b.WriteString(filterIntro)
	for _, g := range eventNames {
		fmt.Fprintf(&b, "| %s | %s |\n", g.what, codeList(g.names))
	}
	fmt.Fprintf(&b, "\n## Invariants\n\n%s\n\nThe rules that can be switched off stand in [rules.md](rules.md).\n",
		codeList(InvariantNames()))
	return b.String()
}

// RuleReference renders docs/rules.md: every rule that can be switched off.
func RuleReference() string {
	var b strings.Builder
	b.WriteString(ruleIntro)
	for _, part := range []struct {
		title, explain string
		safety         bool
	}{
		{"Safety", "Without one of them something that was promised is broken: a write is lost, members differ, " +
			"a client is told\nwhat is not so.", true},
		{"Progress", "Without one of them the cluster is slower, or waits where it need not, but is never wrong.", false},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| rule | meaning | source |\n|---|---|---|\n", part.title, part.explain)
		for _, rule := range cluster.Rules() {
			if rule.Safety == part.safety {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", rule.Name, rule.Sentence, rule.Source)
			}
		}
	}
	return b.String()
}

// meaning is the help with the closed lists of words that the function can answer.
func (f *function) meaning() string {
	out := f.help
	if len(f.words) > 0 {
		out += " One of " + codeList(f.words) + "."
	}
	for _, part := range slices.Sorted(maps.Keys(f.partWords)) {
		out += fmt.Sprintf(" %s is one of %s.", part, codeList(f.partWords[part]))
	}
	return out
}

const ruleIntro = `# Rules

This page is generated from cluster.Rules; go test ./cluster/script -rewrite renews it.

Each rule can be switched off, and on again, at any moment (rule NAME off), or for a whole run (--rule NAME=off). It is
read at the one place of the running code where it acts, so what is shown without it is what that code then does. The
invariants go on watching, and what they find is shown as a violation; the program never crashes over it.
`

const predicateIntro = `# Predicates

This page is generated from cluster/script; go test ./cluster/script -rewrite renews it.

A predicate is true or false at one moment of a run. Lesson goals, breakpoints, "run until" and "find" are
predicates. They are written in the expression language of github.com/expr-lang/expr with the functions below:
and, or, not, ==, !=, <, <=, >, >=, in, contains, +, -, *, /, lists [n1, n2], text in quotes.

    size(leaders()) == 1 and term(leader) >= 2
    resp(w).ok and kv(all, x) == "1"

**Members.** n1 to n9, and leader: the member that is up and leads the highest term. They are numbers, so
known_leader(n2) == n1 compares. Clients are numbers, too: lock(l).holder == c2.

**Words for several members** stand where a function expects a member, and make the whole comparison a statement:

| word | the comparison holds when it holds for |
|---|---|
| all, everyone | every member that is up (at least one) |
| any, anyone | at least one member that is up |
| followers | every follower that is up |
| voters | every voter that is up |
| majority | more than half of all voters; those that are down hold nothing |

The same word twice in one comparison is the same member: commit(all) == last(all). Different words are
independent. In up(...) the words range over members that are down, too. log_match(all) compares every pair.

**What does not exist** (the log of a member that is down, a key that nobody wrote, leader when there is none)
makes a comparison neither true nor false, and its negation as well. "or" with something true is still true, "and" with
something false is still false; what is left undecided counts as false. Ask has_key, up or size(leaders()) first
when absence is what you want: not has_key(n1, x).

**Words without quotes.** Keys, texts and tags may stand bare in a call when they look like a name: kv(n1, x),
resp(w). So may the words that role, progress, watch(...).state and entry(...).type answer: role(n1) == candidate.
`

const filterIntro = `
## Events

count and ticks_since take the name of an event and filters: count(append_sent, to=n3),
count(vote_rejected, reason=log).
A member alone is by: count(restart, n3), count(append_ok(n2)). All filters must match.

| filter | matches |
|---|---|
| by | the member that did it; of a command, a member that it names |
| from, to | the ends of the message; of what a member did, the peer that it is about |
| kind | the kind of the message, see docs/commands.md |
| term, index | the term and the index that it is about |
| reason | part of the id of the rule that was followed |
| text | part of the entry, the command or the note, such as "put x 1" |

| events | names |
|---|---|
`
