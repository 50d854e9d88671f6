package session_test

import (
	"fmt"
	"log"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
)

// Step back to the moment before a crash and try something else: the old future stays as a branch.
func ExampleSession_Seek() {
	s, err := session.New(cluster.Config{Seed: 7, Nodes: 3}, session.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			log.Fatal(err)
		}
	}()
	for _, line := range []string{"run 600ms", "mark healthy", "crash leader", "run 1s", "goto healthy"} {
		if _, err := s.Exec(line); err != nil {
			log.Fatal(err)
		}
	}
	moment, state := s.Pos(), s.StateHash()
	if err := s.Seek(0); err != nil {
		log.Fatal(err)
	}
	if err := s.Seek(moment); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same state again:", s.StateHash() == state)
	if _, err := s.Exec("put x 1"); err != nil {
		log.Fatal(err)
	}
	for _, b := range s.Branches() {
		fmt.Println(b.Name, "current:", b.Current, "commands:", b.Commands)
	}
	// Output:
	// the same state again: true
	// A current: false commands: 1
	// B current: true commands: 1
}
