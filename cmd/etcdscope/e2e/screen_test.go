//go:build linux || darwin

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a test waits for something to stand on the screen: machines of a CI may be busy.
const patience = 30 * time.Second

// screen is a program, the terminal that it runs on and what a user sees there.
type screen struct {
	t       testing.TB
	cmd     *exec.Cmd
	pty     *os.File
	changed chan struct{} // something came since the last look
	exited  chan struct{} // closed when the program is gone and its output is read

	// The emulator is not safe for concurrent use: its cells are pointers into the live buffer.
	mu       sync.Mutex
	emulator *vt.Emulator
	w, h     int
	raw      []byte
	err      error // how the program ended
}

// environment is that of a plain terminal, with a home of its own; the last value of a name counts.
func environment(t testing.TB, extra ...string) []string {
	home := t.TempDir()
	return append([]string{
		"TERM=xterm-256color", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home,
	}, extra...)
}

// start runs a program on a terminal of w by h cells.
func start(t testing.TB, w, h int, env []string, name string, args ...string) *screen {
	t.Helper()
	noteSources()
	cmd := exec.Command(name, args...)
	cmd.Env = env
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{
		t: t, cmd: cmd, pty: f, w: w, h: h, emulator: vt.NewEmulator(w, h),
		changed: make(chan struct{}, 1), exited: make(chan struct{}),
	}
	// The emulator answers what the program asks of it; without a reader it would block.
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = io.Copy(f, s.emulator)
	}()
	go s.read()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-s.exited
		// Emulator.Close races with its Read; the end of what it answers is the end of Read too.
		if answers, ok := s.emulator.InputPipe().(io.Closer); ok {
			_ = answers.Close()
		}
		_ = f.Close()
		<-answered
	})
	return s
}

// read feeds the emulator until the program is gone.
func (s *screen) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.raw = append(s.raw, buf[:n]...)
		_, _ = s.emulator.Write(buf[:n])
		s.mu.Unlock()
		s.notify()
		if err != nil { // EIO: nobody holds the other side any more
			break
		}
	}
	err := s.cmd.Wait()
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	close(s.exited)
}

func (s *screen) notify() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// send types.
func (s *screen) send(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.pty, keys); err != nil {
		s.fail("typing %q: %v", keys, err)
	}
}

// resize gives the terminal another size.
func (s *screen) resize(w, h int) {
	s.t.Helper()
	s.mu.Lock()
	s.w, s.h = w, h
	s.emulator.Resize(w, h)
	s.mu.Unlock()
	if err := pty.Setsize(s.pty, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		s.fail("resize: %v", err)
	}
}

// text is what stands on the screen.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b, line strings.Builder
	for y := range s.h {
		line.Reset()
		for x := 0; x < s.w; {
			c := s.emulator.CellAt(x, y)
			if c == nil || c.Content == "" {
				line.WriteByte(' ')
				x++
				continue
			}
			line.WriteString(c.Content)
			x += max(c.Width, 1)
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// output is every byte that came so far.
func (s *screen) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.raw)
}

// until waits until a condition of the screen holds, looking again whenever something came.
func (s *screen) until(what string, holds func(text string) bool) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		text := s.text()
		if holds(text) {
			return text
		}
		select {
		case <-s.changed:
		case <-s.exited:
			if text := s.text(); holds(text) {
				return text
			}
			s.fail("the program ended before the screen showed %s", what)
		case <-ctx.Done():
			s.fail("the screen never showed %s", what)
		}
	}
}

// sees waits until all of these stand on the screen.
func (s *screen) sees(want ...string) string {
	s.t.Helper()
	return s.until("\""+strings.Join(want, "\", \"")+"\"", func(text string) bool {
		for _, w := range want {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
}

// loses waits until something is gone from the screen.
func (s *screen) loses(text string) {
	s.t.Helper()
	s.until("an end of "+text, func(now string) bool { return !strings.Contains(now, text) })
}

// exits waits for the end of the program and returns its exit code.
func (s *screen) exits() int {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	select {
	case <-s.exited:
	case <-ctx.Done():
		s.fail("the program does not end")
	}
	s.leftNothing()
	var exit *exec.ExitError
	if errors.As(s.err, &exit) {
		return exit.ExitCode()
	}
	if s.err != nil {
		s.fail("the program ended with %v", s.err)
	}
	return 0
}

// leftNothing wants the program's directory of databases to be gone.
func (s *screen) leftNothing() {
	s.t.Helper()
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		left, err := filepath.Glob(filepath.Join(dir, fmt.Sprintf("etcdscope-%d-*", s.cmd.Process.Pid)))
		if err != nil || len(left) > 0 {
			s.fail("the program left %v behind (%v)", left, err)
		}
	}
}

// fail ends the test with the screen, the last bytes and, if the program still runs, its goroutines.
func (s *screen) fail(format string, args ...any) {
	s.t.Helper()
	text := s.text()
	before := len(s.output())
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	select {
	case <-s.exited:
	case <-ctx.Done():
	}
	raw := s.output()
	s.t.Logf("screen:\n%s\nlast bytes: %q\nafter SIGQUIT:\n%s", text, raw[max(0, before-3000):before], raw[before:])
	s.t.Fatalf(format, args...)
}
