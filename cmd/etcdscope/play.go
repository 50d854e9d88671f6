package main

import (
	"strings"

	"github.com/spf13/cobra"

	"etcdscope/cluster/session"
)

func (a *app) playCommand() *cobra.Command {
	w := &world{app: a}
	c := &cobra.Command{
		Use:   "play [FILE]",
		Short: "Free play, or open a saved session or a scenario",
		Long: "Free play with a cluster of your own. FILE is a session that was saved with the command save, or a\n" +
			"scenario: lines of the command language that are carried out before you take over.\n\n" + dataDirHelp +
			"\n\n" + rulesHelp,
		Example: "etcdscope play --nodes 3 --seed 42\netcdscope play --profile etcd --rule prevote=off\n" +
			"etcdscope play lost-write.txt\netcdscope play --data-dir mine",
		Args: atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.sandbox(w)
			}
			o, err := a.options()
			if err != nil {
				return err
			}
			s, err := w.open(args[0], nil)
			if err != nil {
				return err
			}
			return a.show(s, o, args[0])
		},
	}
	w.flags(c)
	return c
}

// sandbox starts free play with the cluster of the flags.
func (a *app) sandbox(w *world) error {
	o, err := a.options()
	if err != nil {
		return err
	}
	if o.Config, err = w.config(); err != nil {
		return err
	}
	if a.interactive() && w.dataDir == "" {
		o.Sandbox = true
		return a.screen(o)
	}
	s, err := w.begin(o.Sessions)
	if err != nil {
		return err
	}
	return a.show(s, o, "sandbox")
}

// openCommand needs no completion: nobody types a code by hand.
func (a *app) openCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "open CODE",
		Short:             "Open the moment that a share code holds",
		Long:              "Open the moment that a share code holds. The command share and the key y make such a code.",
		Example:           "etcdscope open es1-AAAA...",
		ValidArgsFunction: cobra.NoFileCompletions,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return exactlyOne("the share code")(c, args)
			}
			return nil
		},
		// Mail breaks long lines, so a code may come in several pieces.
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := a.options()
			if err != nil {
				return err
			}
			s, err := session.Open(strings.Join(args, ""), o.Sessions)
			if err != nil {
				return err
			}
			return a.show(s, o, "shared")
		},
	}
}
