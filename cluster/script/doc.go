// Package script is the one-line language spoken by the prompt, keys, lessons, tests and recordings.
//
// One registry holds every command with its arguments, flags, help and example; one compiler turns predicates
// (github.com/expr-lang/expr) into checks over a view and its history. It changes nothing itself: a parsed line
// is a plain Call that cluster/session carries out.
//
// Start reading at registry.go and parse.go, then predicate.go.
package script
