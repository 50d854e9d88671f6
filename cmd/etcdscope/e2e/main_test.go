//go:build linux || darwin

// Package e2e_test runs the real program on a real pseudo terminal, with a terminal emulator as its screen: what it
// says of raw mode, resizing, suspending, colours and the state in which it leaves a terminal is what a user gets.
//
// Nothing waits for time: a test waits until something stands on the screen. Start reading at screen_test.go.
package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is etcdscope, and panicking is the screen with a key that panics; both are built once.
var program, panicking string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "etcdscope-e2e-")
	if err == nil {
		program, panicking = filepath.Join(dir, "etcdscope"), filepath.Join(dir, "panics")
		err = build(program, "etcdscope/cmd/etcdscope")
	}
	if err == nil {
		err = build(panicking, "etcdscope/cmd/etcdscope/e2e/testdata/panics")
	}
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func build(out, pkg string) error {
	if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
	}
	return nil
}
