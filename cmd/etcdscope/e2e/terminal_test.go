//go:build linux || darwin

package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// TestSuspend uses a shell, because only a shell with job control makes ctrl+z and fg what they are.
func TestSuspend(t *testing.T) {
	t.Parallel()
	s := start(t, 100, 30, environment(t, "PS1=ready: ", "ENV="), "sh", "-i")
	s.sees("ready:")
	s.send(program + " play --seed 7\n")
	s.sees("LEADER")
	s.send(" ")
	s.sees("paused")
	s.send("\x1a")
	s.until("the shell again", func(text string) bool {
		return strings.Contains(text, "Stopped") && strings.Contains(text, "ready:")
	})
	s.restored()
	s.send("fg\n")
	s.sees("CLUSTER", "LEADER", "paused")
	if raw := s.output(); !mode(raw, altScreen, false) || mode(raw, cursorShown, true) {
		t.Fatal("fg did not bring the screen back")
	}
	s.send(".")
	s.send("q")
	s.loses("CLUSTER")
	s.send("exit\n")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.restored()
}

func TestTerminationRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	s := paused(t, 80, 24, environment(t))
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.exits()
	s.restored()
}

// TestLostTerminalLeavesNothing ends as if the window was closed.
func TestLostTerminalLeavesNothing(t *testing.T) {
	t.Parallel()
	s := paused(t, 80, 24, environment(t))
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.exits()
}

// TestLostTerminalKeepsTheFiles closes the window of a session that keeps its members' files.
func TestLostTerminalKeepsTheFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := start(t, 80, 24, environment(t), program, "play", "--nodes", "1", "--data-dir", dir)
	s.sees("paused")
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.exits()
	if _, err := os.Stat(filepath.Join(dir, "n1", "member", "snap", "db")); err != nil {
		t.Error(err)
	}
}

// TestInterruptedTextLeavesNothing presses ctrl+c where no screen is there to hear it.
func TestInterruptedTextLeavesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, 80, 24, environment(t), program, "play", "--plain")
	s.sees("n5 follower", "\n>")
	s.send("\x03")
	if code := s.exits(); code != 1 {
		t.Fatalf("exit code %d, want 1", code)
	}
}

func TestPanicRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	s := start(t, 80, 24, environment(t), panicking)
	s.sees("LEADER")
	s.send("\x18")
	if code := s.exits(); code != 1 {
		t.Fatalf("exit code %d, want 1", code)
	}
	s.restored()
	if !strings.Contains(s.output(), "this key panics") {
		t.Fatal("the panic left no trace")
	}
}

func TestNoColorWithAnyValue(t *testing.T) {
	t.Parallel()
	s := paused(t, 100, 30, environment(t, "NO_COLOR=yes"))
	s.send("?")
	s.sees("Partition editor.")
	s.send("\x1b")
	s.loses("Partition editor.")
	s.send("q")
	s.exits()
	if style := coloured(s.output()); style != "" {
		t.Fatalf("a colour: %q", style)
	}
	s = paused(t, 100, 30, environment(t))
	if coloured(s.output()) == "" {
		t.Fatal("no colour without NO_COLOR: this test sees none")
	}
}

func TestDumbTerminalGetsText(t *testing.T) {
	t.Parallel()
	env := environment(t, "TERM=dumb")
	s := start(t, 80, 24, env, program, "play", "--seed", "7")
	s.sees("n5 follower", "\n>")
	s.send("run until size(leaders()) == 1\n")
	s.sees("becomes leader")
	s.send("quit\n")
	help := start(t, 80, 24, env, program, "run", "--help")
	wrong := start(t, 80, 24, env, program, "plya")
	for _, s := range []*screen{s, help, wrong} {
		s.exits()
		if strings.Contains(s.output(), "\x1b") {
			t.Fatalf("an escape code: %q", s.output())
		}
	}
}

// TestRedirectedOutputGetsText has a keyboard but no screen.
func TestRedirectedOutputGetsText(t *testing.T) {
	t.Parallel()
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = keyboard.Close(), terminal.Close() })
	var out, errs bytes.Buffer
	cmd := exec.Command(program, "lesson", "O1")
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environment(t), terminal, &out, &errs
	if _, err := keyboard.WriteString("b\n>\n>\n>\nquit\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if text := out.String() + errs.String(); strings.Contains(text, "\x1b") || !strings.Contains(text, "Done.") {
		t.Fatalf("%q", text)
	}
}

// TestHelpOnATerminal is drawn by fang, which asks the terminal for its background.
func TestHelpOnATerminal(t *testing.T) {
	t.Parallel()
	s := start(t, 100, 60, environment(t), program, "play", "--help")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if text := s.text(); !strings.Contains(text, "USAGE") || !strings.Contains(text, "--profile") {
		t.Fatalf("no help:\n%s", text)
	}
}
