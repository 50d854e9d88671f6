package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/tui"
	"etcdscope/tui/theme"
)

// looks are the flags that every way of showing something shares.
type looks struct {
	theme   string
	lang    string
	plain   bool
	ascii   bool
	reduced bool
}

// app is one invocation: where it reads and writes, and the flags that are common to all commands.
type app struct {
	terminal
	looks
	workspace
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "etcdscope",
		Short: "An etcd you can see through",
		Long: "etcdscope runs a whole etcd cluster in one process and draws it live: step it event by event,\n" +
			"go back, kill leaders, cut networks.",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.home() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.theme, "theme", "", "colours: "+strings.Join(theme.Names(), ", ")+"; else what suits the terminal")
	flags.StringVar(&a.lang, "lang", defaultLang(a.env), "language: en or zh")
	flags.BoolVar(&a.plain, "plain", false, "text, one sentence per event: for screen readers and pipes")
	flags.BoolVar(&a.ascii, "ascii", false, "ASCII glyphs only")
	flags.BoolVar(&a.reduced, "reduced-motion", false, "no moving glyphs")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err) })
	completeFlag(root, "theme", complete(theme.Names()))
	completeFlag(root, "lang", complete([]string{"en", "zh"}))
	root.AddCommand(a.playCommand(), a.lessonCommand(), a.runCommand(), a.openCommand(), a.rulesCommand(),
		a.dumpCommand())
	root.SetHelpCommand(helpCommand(root))
	return root
}

// env reads one variable of the environment.
func (t terminal) env(name string) string {
	for i := len(t.environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(t.environ[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// interactive says whether the full screen can be used: a terminal on both sides that can address its cells.
func (a *app) interactive() bool { return !a.plain && a.addressable() }

// options are the screen options that the flags ask for.
func (a *app) options() (tui.Options, error) {
	o := tui.Options{
		Lang: a.lang, ASCII: a.ascii, ReducedMotion: a.reduced || a.env("REDUCED_MOTION") != "",
		Env: a.env, ProgressPath: tui.DefaultProgressPath(), Config: cluster.Config{Seed: defaultSeed},
	}
	if a.lang != "en" && a.lang != "zh" {
		return o, fmt.Errorf("--lang %q: want en or zh", a.lang)
	}
	if a.theme != "" {
		t, err := theme.Named(a.theme)
		if err != nil {
			return o, fmt.Errorf("--theme: %w", err)
		}
		o.Theme = &t
	}
	var err error
	o.Sessions, err = a.sessions()
	return o, err
}

// defaultSeed is the seed of the first cluster that anybody sees.
const defaultSeed = 7

// home shows the menu over a live cluster.
func (a *app) home() error {
	o, err := a.options()
	if err != nil {
		return err
	}
	if !a.interactive() {
		return a.plainHome(o)
	}
	return a.screen(o)
}

// screen runs the full screen. A panic that it survived is a failure of the program, not of its input.
func (a *app) screen(o tui.Options) error {
	a.drawing.Store(true)
	o.Stop = a.wanted
	err := tui.Run(o, a.in, a.out, a.environ)
	a.drawing.Store(false)
	if errors.Is(err, tea.ErrProgramKilled) {
		return failed{err}
	}
	return err
}

// show opens a session, on the screen or as text, and closes it.
func (a *app) show(s *session.Session, o tui.Options, scene string) error {
	if !a.interactive() {
		return closing(s, a.plainSession(s, o))
	}
	o.Session, o.Scene, o.Config = s, scene, s.Config()
	o.Config.DataDir = nil // what is begun beside it is another cluster
	return a.screen(o)
}

// defaultLang follows the locale.
func defaultLang(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// version is what the build knows about itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "devel"
	}
	return info.Main.Version
}
