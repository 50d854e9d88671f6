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

// A program that moves takes a tick of 10 ms in nearly every window; one that is paused takes none. A machine under
// load counts some time that is not the program's, and garbage of the start may still be collected, so one still
// window among several is proof enough.
const (
	idleFor     = 2 * time.Second
	idleWindows = 6
)

// TestPausedUsesNoCPU measures the processor time of a program in which nothing moves.
func TestPausedUsesNoCPU(t *testing.T) {
	t.Parallel()
	s := paused(t, 120, 40, environment(t))
	s.quiet()
	before := len(s.output())
	var used []int
	for len(used) < idleWindows && (len(used) == 0 || used[len(used)-1] > 0) {
		ticks := cpuTicks(t, s.cmd.Process.Pid)
		s.lets(idleFor)
		used = append(used, cpuTicks(t, s.cmd.Process.Pid)-ticks)
	}
	if used[len(used)-1] > 0 {
		t.Errorf("ticks of processor time in windows of %v: %v", idleFor, used)
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
