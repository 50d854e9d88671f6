package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"etcdscope/cluster/script"
	"etcdscope/nearest"

	"github.com/spf13/cobra"
)

// noArgs refuses what stands behind a command that takes nothing; at the root it is an unknown command.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if line := strings.Join(args, " "); !c.HasParent() && script.Begins(args[0]) {
		return fmt.Errorf("%s is a command of the cluster: type it behind : in etcdscope play, or write it into FILE for "+
			"etcdscope run FILE", line)
	}
	return unknown("command", args[0], commandNames(c))
}

// atMost refuses more arguments than a command takes, and says how it is written.
func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return fmt.Errorf("%q is one argument too many: write %s", args[n], c.UseLine())
	}
}

// exactlyOne wants one argument that the usage names.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing: write %s", what, c.UseLine())
		}
		return atMost(1)(c, args)
	}
}

// helpCommand is cobra's, except that a command that is not there is an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return commandNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknown("command", args[len(args)-1], commandNames(found))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// flagError says which flag was meant.
func flagError(c *cobra.Command, err error) error {
	var missing interface {
		error
		GetSpecifiedName() string
		GetSpecifiedShortnames() string
	}
	if !errors.As(err, &missing) || c.Flags().Lookup(missing.GetSpecifiedName()) != nil {
		return badValue(c, err)
	}
	if missing.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("unknown flag -%s: %s --help lists the flags", missing.GetSpecifiedShortnames(), c.CommandPath())
	}
	return unknown("flag", "--"+missing.GetSpecifiedName(), flagNames(c))
}

var invalidValue = regexp.MustCompile(`^invalid argument (".*") for "(?:-\w, )?--([\w-]+)" flag`)

// badValue says what a flag wants instead of what it got.
func badValue(c *cobra.Command, err error) error {
	if found := invalidValue.FindStringSubmatch(err.Error()); found != nil {
		if f := c.Flags().Lookup(found[2]); f != nil {
			return fmt.Errorf("--%s %s: want %s, %s", f.Name, found[1], wanted[f.Value.Type()], f.Usage)
		}
	}
	return fmt.Errorf("%w: %s --help explains the flags", err, c.CommandPath())
}

// wanted says in words what a type of flag takes.
var wanted = map[string]string{
	"int": "a whole number", "uint64": "a whole number, not negative", "bool": "true or false",
}

var flagInUsage = regexp.MustCompile(`(?m)^ *(?:-\w, )?(--[a-z-]+)`)

// flagNames lists the flags that a command knows.
func flagNames(c *cobra.Command) []string {
	var names []string
	for _, found := range flagInUsage.FindAllStringSubmatch(c.Flags().FlagUsages(), -1) {
		names = append(names, found[1])
	}
	return names
}

// unknown is the error about a word that is not in the list; it names the one that was probably meant.
func unknown(what, word string, known []string) error {
	if near := nearest.Word(word, known); near != "" {
		return fmt.Errorf("unknown %s %q: did you mean %q?", what, word, near)
	}
	return fmt.Errorf("unknown %s %q: want one of %s", what, word, strings.Join(known, ", "))
}

// complete makes a completion of a fixed list.
func complete(words []string) cobra.CompletionFunc {
	words = slices.Clone(words)
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag gives a flag its completion; the flag must exist.
func completeFlag(c *cobra.Command, name string, f cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(name, f); err != nil {
		panic(fmt.Sprintf("completion of --%s: %v", name, err))
	}
}
