// Command etcdscope runs an etcd cluster you can see through.
//
// It only reads flags and wires packages together: what runs is cluster/session, what draws is tui, what teaches is
// lessons. Start reading at root.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"charm.land/fang/v2"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"etcdscope/tui/frame"
)

// Exit codes, as scripts rely on them.
const (
	exitOK     = 0 // as asked
	exitFailed = 1 // a violation, a failed goal, a failed check
	exitUsage  = 2 // wrong usage or unreadable input
)

// failed is an outcome that is not what was asked for: exit code 1 instead of 2.
type failed struct{ error }

func (f failed) Unwrap() error { return f.error }

func main() {
	os.Exit(run(os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}))
}

// terminal is what the program reads from and writes to; tests put files and buffers in its place.
type terminal struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string
}

// run carries out one command line and returns the exit code.
func run(args []string, t terminal) int {
	a := &app{terminal: t}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	err := errors.Join(execute(root, t.colours() && wantsHelp(args)), a.close())
	var f failed
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		complain(t.err, err)
		return exitFailed
	}
	complain(t.err, err)
	return exitUsage
}

// execute lets fang draw help pages on a terminal that shows colours. Fang asks the terminal for its background,
// which a pipe cannot answer and other commands must not wait for, so everything else is plain cobra.
func execute(root *cobra.Command, styled bool) error {
	if styled {
		quiet := func(io.Writer, fang.Styles, error) {}
		return fang.Execute(context.Background(), root,
			fang.WithoutManpage(), fang.WithVersion(version()), fang.WithErrorHandler(quiet))
	}
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = version()
	return root.ExecuteContext(context.Background())
}

// wantsHelp says whether a command line asks for a help page.
func wantsHelp(args []string) bool {
	return len(args) > 0 && args[0] == "help" || slices.Contains(args, "-h") || slices.Contains(args, "--help")
}

// colours says whether both sides are a terminal that shows colours and whose user wants them.
func (t terminal) colours() bool { return t.addressable() && t.env("NO_COLOR") == "" }

// addressable says whether both sides are a terminal that can address its cells.
func (t terminal) addressable() bool {
	return t.env("TERM") != "dumb" && isTerminal(t.in) && isTerminal(t.out)
}

// isTerminal says whether a reader or writer is a terminal.
func isTerminal(side any) bool {
	f, ok := side.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// complain prints an error as plain sentences: it may hold text from outside, and stderr may be a file.
func complain(w io.Writer, err error) {
	_, _ = fmt.Fprintln(w, "etcdscope: "+frame.SafeLines(err.Error())) // there is nobody left to tell
}
