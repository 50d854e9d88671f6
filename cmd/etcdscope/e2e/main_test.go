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
	"sync"
	"testing"

	_ "etcdscope/tui" // and all below it
	_ "etcdscope/tui/plain"
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

// noteSources lets `go test` know that the outcome depends on the program: it may give a cached outcome otherwise.
// What the program imports is imported here, and its own files are looked at.
var noteSources = sync.OnceFunc(func() {
	for _, pattern := range []string{"../*.go", "testdata/panics/*.go", "../../../lessons/course/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			panic(err)
		}
		for _, file := range files {
			if _, err := os.Stat(file); err != nil {
				panic(err)
			}
		}
	}
})

func build(out, pkg string) error {
	if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
	}
	return nil
}
