package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"etcdscope/cluster"
	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
	"etcdscope/tui/frame"
)

// errMissed says that the predicate of --until stayed false. The output has said so.
var errMissed = errors.New("the predicate of --until did not become true")

// headless is one invocation of run.
type headless struct {
	world
	until  string
	max    string
	events string
	export string
}

func (a *app) runCommand() *cobra.Command {
	h := &headless{world: world{app: a}}
	c := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a scenario without a terminal and print what happens",
		Long: "Carry out the lines of FILE (commands of the prompt; # begins a comment), or open a saved session, then\n" +
			"run until --until holds or --max of virtual time has passed. The output ends with the number of events and two\n" +
			"hashes: the same file, flags and version give the same hashes everywhere.\n" +
			"The exit code is 1 when an invariant is violated or --until never holds, 2 when the input is wrong.\n\n" +
			tapeHelp + "\n\n" + dataDirHelp + "\n\n" + rulesHelp,
		Example: "etcdscope run lost-write.txt --max 10s\n" +
			"etcdscope run election.txt --until 'size(leaders()) == 1' --events tape",
		Args: exactlyOne("the scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			return h.run(args[0], bufio.NewWriterSize(c.OutOrStdout(), 1<<16))
		},
	}
	h.flags(c)
	f := c.Flags()
	f.StringVar(&h.until, "until", "", "a predicate at which to stop, such as 'size(leaders()) == 1'")
	f.StringVar(&h.max, "max", "60s", "virtual time at which to stop: 500ms, 60s, 200ticks")
	f.StringVar(&h.events, "events", "story", "what to print: "+strings.Join(eventFormats, ", "))
	f.StringVar(&h.export, "export", "", "write the members' data directories here at the end: DIR/n1, DIR/n2 …")
	completeFlag(c, "events", complete(eventFormats))
	completeFlag(c, "max", cobra.NoFileCompletions)
	completeFlag(c, "until", completePredicate)
	return c
}

// eventFormats are the ways to print events: sentences of the story, one fixed line per protocol event, or
// everything for programs.
var eventFormats = []string{"story", "tape", "json", "none"}

func completePredicate(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return script.Complete("run until "+typed, nil), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// run carries out the file, goes on to the end and prints.
func (h *headless) run(name string, out *bufio.Writer) error {
	if !contains(eventFormats, h.events) {
		return fmt.Errorf("--events: %w", unknown("format", h.events, eventFormats))
	}
	until, err := h.predicate()
	if err != nil {
		return err
	}
	limit, err := script.Parse("run "+h.max, 1, 0)
	if err != nil || limit == nil || limit.Action != script.RunFor {
		return fmt.Errorf("--max %q: want a duration such as 500ms, 60s or 200ticks", h.max)
	}
	s, err := h.open(name, func(_ *session.Session, c *script.Call, answer string) { h.answer(out, c, answer) })
	if err != nil {
		return errors.Join(err, out.Flush())
	}
	limit.Resolve(s.Config().Timing.Tick)
	missed, err := finish(s, until, limit.For)
	if err != nil && len(s.Violations()) > 0 { // a panic of the program is one
		err = failed{err}
	}
	err = errors.Join(stopped(err), h.report(s, out))
	if err == nil && h.export != "" {
		err = s.Export(h.export)
	}
	if err == nil && missed {
		err = failed{fmt.Errorf("%w: %s", errMissed, h.until)}
	}
	if n := len(s.Violations()); err == nil && n > 0 {
		err = failed{fmt.Errorf("%s", counted(n, "violation", "violations"))}
	}
	return errors.Join(closing(s, err), out.Flush())
}

// predicate compiles --until; nil means that there is none.
func (h *headless) predicate() (*script.Predicate, error) {
	if h.until == "" {
		return nil, nil
	}
	p, err := script.CompilePredicate(h.until)
	if err != nil {
		return nil, fmt.Errorf("--until: %w", err)
	}
	return p, nil
}

// answer prints what a line of the file said beyond the events: a share code, the branches, a help text.
func (h *headless) answer(out *bufio.Writer, c *script.Call, text string) {
	switch c.Action {
	case script.Share, script.Branches, script.Help:
		if h.events == "story" {
			say(out, "%s\n", frame.SafeLines(text))
		}
	}
}

// finish runs to the end; missed says that a predicate was asked for and does not hold there.
func finish(s *session.Session, until *script.Predicate, end clock.Time) (missed bool, err error) {
	switch {
	case until == nil && s.Now() < end:
		_, err = s.RunTo(end, 0)
	case until != nil && s.Now() < end:
		holds, err := s.RunUntil(until, end-s.Now())
		return !holds, err
	case until != nil:
		holds, err := until.Eval(s.World())
		return !holds, err
	}
	return false, err
}

// report prints the events that led to the present, and the sums.
func (h *headless) report(s *session.Session, out *bufio.Writer) error {
	switch h.events {
	case "json":
		printJSON(s, out)
		return nil
	case "story":
		printStory(s, out)
	case "tape":
		if err := printTape(s, out); err != nil {
			return err
		}
	}
	say(out, "events %d\nevent hash 0x%016x\nstate hash 0x%016x\n", s.Pos(), s.EventHash(), s.StateHash())
	for _, v := range s.Violations() {
		say(out, "violation %s at event %d: %s\n", v.Name, v.Event, frame.Safe(v.Sentence))
	}
	return nil
}

// say prints; a bufio.Writer keeps its first error for Flush.
func say(out *bufio.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }

// printStory prints a sentence for each event that a learner should not miss.
func printStory(s *session.Session, out *bufio.Writer) {
	for id := uint64(1); id <= s.Pos(); id++ {
		if e := s.Event(id); e.Salience >= cluster.Story {
			say(out, "%10v  %s\n", e.At, frame.Safe(e.Sentence()))
		}
	}
}
