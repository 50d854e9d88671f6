package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"etcdscope/cluster"
)

// rulesCommand lists the rules that --rule, the command rule and the key B switch.
func (a *app) rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "List the rules that can be switched off",
		Long: "rules lists every rule of Raft that can be switched off, with its sentence and its source. Without one " +
			"that is marked unsafe an acknowledged write may be lost; without any other the cluster is only slow or stuck.",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.listRules() },
	}
}

func (a *app) listRules() error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range cluster.Rules() {
		without := "slow or stuck"
		if r.Safety {
			without = "unsafe"
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s (%s)\n", r.Name, without, r.Sentence, r.Source); err != nil {
			return err
		}
	}
	return w.Flush()
}
