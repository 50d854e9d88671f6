package e2e_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	idleFor   = 3 * time.Second
	idleTicks = 2 // of 10 ms: the machine counts some time that is not the program's
)

// TestPausedUsesNoCPU measures the processor time of a program in which nothing moves.
func TestPausedUsesNoCPU(t *testing.T) {
	t.Parallel()
	s := paused(t, 120, 40, environment(t))
	s.quiet()
	before, ticks := len(s.output()), cpuTicks(t, s.cmd.Process.Pid)
	s.lets(idleFor)
	if used := cpuTicks(t, s.cmd.Process.Pid) - ticks; used > idleTicks {
		t.Errorf("%d ticks of processor time in %v", used, idleFor)
	}
	if wrote := len(s.output()) - before; wrote > 0 {
		t.Errorf("%d bytes written while nothing moves", wrote)
	}
	s.send("q")
	s.exits()
}

// lets lets real time pass: what is measured here is that nothing happens in it.
func (s *screen) lets(d time.Duration) {
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	<-ctx.Done()
}

// quiet waits until nothing has been written for a while.
func (s *screen) quiet() {
	for {
		ctx, cancel := context.WithTimeout(s.t.Context(), 300*time.Millisecond)
		select {
		case <-s.changed:
			cancel()
		case <-ctx.Done():
			cancel()
			return
		}
	}
}

// cpuTicks is the user and system time of a process: fields 14 and 15 of its stat file.
func cpuTicks(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // the name may hold blanks
	sum := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
