// Package session is a cluster with a past: it runs, checks, records, seeks, forks, saves and loads.
//
// A session is a configuration and a journal of commands, each with the event after which it was given;
// seeking replays from the nearest checkpoint. It is the only package that recovers a panic, and it never
// draws anything.
//
// Start reading at session.go, then seek.go, branch.go and save.go.
package session
