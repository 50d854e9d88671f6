//go:build linux || darwin

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFirstScreenHasAMenuAndALeader(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	s := start(t, 80, 24, environment(t), program)
	s.sees("etcdscope", "Begin", "Sandbox")
	t.Logf("first frame after %v", time.Since(begun).Round(time.Millisecond))
	s.sees("LEADER", "leader n")
	t.Logf("a leader after %v", time.Since(begun).Round(time.Millisecond))
	s.send("q")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.restored()
}

// paused starts free play and stops time once there is a leader.
func paused(t *testing.T, w, h int, env []string) *screen {
	t.Helper()
	s := start(t, w, h, env, program, "play", "--seed", "7")
	s.sees("LEADER")
	s.send(" ")
	s.sees("paused")
	return s
}

func TestSandboxByKeys(t *testing.T) {
	t.Parallel()
	s := paused(t, 120, 40, environment(t))
	s.send("1x")
	s.sees("✖ down")
	s.send("r")
	s.loses("✖ down")
	s.send("P")
	s.sees("group 1", "group 2")
	s.send("1")
	s.sees(":partition n2,n3,n4,n5 / n1", "1 of 5, need 3: cannot elect or commit")
	s.send("\r")
	s.loses("group 2")
	s.loses("all links ok")
	s.send("0")
	s.sees("all links ok")
	s.send("c")
	s.sees("op 1: put x")
	s.send(".")
	s.send(",")
	s.send(",")
	s.send("c") // in the past: the future with the first put stays as branch A
	s.sees("branch B", "op 1: put x")
	s.send("u")
	s.sees("undone:")
	s.send("w")
	s.sees("WHY")
	s.send("\x1b")
	s.loses("WHY")
	s.send("?")
	s.sees("Partition editor.")
	s.send("\x1b")
	s.loses("Partition editor.")
	s.send(":crsh n1\r")
	s.sees(`unknown command "crsh"`, `did you mean "crash"?`)
	s.send("\x1b")
	s.loses("did you mean")
	s.send("q")
	s.sees("Quit?")
	s.send("y")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.restored()
}

func TestLessonByKeys(t *testing.T) {
	t.Parallel()
	env := environment(t)
	s := start(t, 100, 30, env, program, "lesson", "O1")
	s.sees("LESSON O1", "step 1 of 4", "PREDICT")
	s.send("b")
	s.sees("You said b")
	s.send(">>>")
	s.sees("✓ done")
	s.send("\r")
	s.sees("step 2 of 4", "PREDICT")
	s.send("b")
	s.sees("You said b")
	s.send("n")
	s.sees("◐ candidate", "✓ done")
	s.send("\r")
	s.sees("step 3 of 4")
	s.send(",")
	s.loses("◐ candidate")
	s.send("n")
	s.sees("◐ candidate", "✓ done")
	s.send("\r")
	s.sees("step 4 of 4")
	s.send("2xr:cut n1 n3\r0")
	s.sees("heal", "✓ done")
	s.send("\r")
	s.sees("quiz 1 of 2", "a)")
	s.send("a")
	s.sees("It was")
	s.send("\r")
	s.sees("quiz 2 of 2")
	s.send("c")
	s.sees("You said")
	s.send("\r")
	s.sees("O1 done", "Next lesson")
	s.send("\x1b")
	s.loses("Next lesson")
	s.send("q")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	for _, v := range env {
		if dir, ok := strings.CutPrefix(v, "XDG_CONFIG_HOME="); ok {
			text, err := os.ReadFile(filepath.Join(dir, "etcdscope", "progress"))
			if err != nil || !strings.Contains(string(text), "lesson O1 done") {
				t.Fatalf("progress: %v\n%s", err, text)
			}
		}
	}
}

// TestResizeStorm resizes far faster than anybody drags a window; afterwards one clean picture stands there.
func TestResizeStorm(t *testing.T) {
	t.Parallel()
	s := paused(t, 100, 30, environment(t))
	for i := range 400 {
		s.resize(20+(i*37)%160, 5+(i*13)%50)
		if i%50 == 49 {
			s.resize(90+i/50, 30)
			s.sees("CLUSTER", "LEADER", "space run/pause")
		}
	}
	s.resize(100, 30)
	s.until("one clean picture", func(text string) bool {
		lines := strings.Split(text, "\n")
		return strings.Contains(lines[0], "etcdscope") && strings.Contains(lines[28]+lines[29], "space run/pause") &&
			strings.Count(text, "CLUSTER") == 1 && strings.Count(text, "LOGS") == 1 && strings.Count(text, "LEADER") == 1
	})
	s.send("q")
	if code := s.exits(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.restored()
}
