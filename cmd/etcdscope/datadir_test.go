package main

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// TestInterrupt: the first ctrl-c ends what a session with a data directory is doing, also while it waits for somebody
// to type; the second ends the program. Without such a session the first does.
func TestInterrupt(t *testing.T) {
	i := &interrupt{wanted: make(chan struct{})}
	if i.interrupted() {
		t.Error("nothing has to be written, and the program goes on")
	}
	stop := i.interruptible()
	r, w := io.Pipe()
	in := bufio.NewReader(i.input(r))
	go func() { _, _ = io.WriteString(w, "run 1s\n") }() // nobody reads a pipe that is left
	if line, err := in.ReadString('\n'); line != "run 1s\n" || err != nil || stop() {
		t.Errorf("%q, %v, stop %v", line, err, stop())
	}
	if !i.interrupted() || !stop() {
		t.Error("the first ctrl-c ends the program at once")
	}
	if line, err := in.ReadString('\n'); line != "" || err != io.EOF {
		t.Errorf("%q, %v", line, err)
	}
	if i.interrupted() {
		t.Error("the second ctrl-c does not end the program")
	}
	if plain := strings.NewReader(""); (&interrupt{}).input(plain) != io.Reader(plain) {
		t.Error("input without a data directory goes through something")
	}
}
