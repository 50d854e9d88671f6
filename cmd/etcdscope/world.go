package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"etcdscope/cluster"
	"etcdscope/cluster/script"
	"etcdscope/cluster/session"
)

// world is what the flags say about the cluster to build.
type world struct {
	app     *app
	nodes   int
	seed    uint64
	profile string
	rules   []string
	dataDir string
	cmd     *cobra.Command
}

// worldFlags are the flags of the commands that build a cluster.
var worldFlags = []string{"nodes", "seed", "profile", "rule", "data-dir"}

// flags adds the flags to a command.
func (w *world) flags(c *cobra.Command) {
	w.cmd = c
	f := c.Flags()
	f.IntVar(&w.nodes, "nodes", 5, fmt.Sprintf("members, 1 to %d", cluster.MaxNodes))
	f.Uint64Var(&w.seed, "seed", defaultSeed, "where all chance comes from")
	profiles := cluster.ProfileNames()
	f.StringVar(&w.profile, "profile", profiles[0], "timing: "+strings.Join(profiles, " or "))
	f.StringArrayVar(&w.rules, "rule", nil, "NAME=off switches a safety rule off, NAME=on on; may be repeated")
	f.StringVar(&w.dataDir, "data-dir", "", "keep the members' files here, and begin with those of the last session")
	completeFlag(c, "profile", complete(profiles))
	var settings []string
	for _, r := range cluster.Rules() {
		settings = append(settings, r.Name+"=off", r.Name+"=on")
	}
	completeFlag(c, "rule", complete(settings))
	completeFlag(c, "nodes", cobra.NoFileCompletions)
	completeFlag(c, "seed", cobra.NoFileCompletions)
}

// rulesHelp says on help pages where the names for --rule stand.
const rulesHelp = "etcdscope rules lists the safety rules that --rule switches off, with their sources."

// config is the configuration that the flags ask for, or what is wrong with them.
func (w *world) config() (cluster.Config, error) {
	c := cluster.Config{Seed: w.seed, Nodes: w.nodes, Profile: w.profile}
	if w.nodes < 1 || w.nodes > cluster.MaxNodes {
		return c, fmt.Errorf("--nodes %d: want 1 to %d", w.nodes, cluster.MaxNodes)
	}
	if near := cluster.ProfileNames(); !contains(near, w.profile) {
		return c, fmt.Errorf("--profile: %w", unknown("profile", w.profile, near))
	}
	off, err := rulesOff(w.rules)
	c.Off = off
	return c, err
}

// rulesOff reads NAME=off and NAME=on; the last word about a rule counts.
func rulesOff(settings []string) ([]string, error) {
	var names []string
	for _, r := range cluster.Rules() {
		names = append(names, r.Name)
	}
	state := make([]bool, len(names))
	for _, text := range settings {
		name, value, _ := strings.Cut(text, "=")
		at := indexOf(names, name)
		switch {
		case at < 0:
			return nil, fmt.Errorf("--rule %s: %w", text, unknown("rule", name, names))
		case value != "off" && value != "on":
			return nil, fmt.Errorf("--rule %s: want %s=off or %s=on", text, name, name)
		}
		state[at] = value == "off"
	}
	var off []string
	for i, name := range names {
		if state[i] {
			off = append(off, name)
		}
	}
	return off, nil
}

func contains(list []string, word string) bool { return indexOf(list, word) >= 0 }

func indexOf(list []string, word string) int {
	for i, w := range list {
		if w == word {
			return i
		}
	}
	return -1
}

// readLimit is the longest scenario or save file in bytes.
const readLimit = 8 << 20

// savePrefix begins every save file.
const savePrefix = "etcdscope session "

// open makes a session from a file: a saved session, or a scenario whose lines are carried out. reply gets the
// answer to each line of a scenario, and may be nil.
func (w *world) open(name string, reply func(*session.Session, *script.Call, string)) (*session.Session, error) {
	text, err := readFile(name)
	if err != nil {
		return nil, err
	}
	o, err := w.app.sessions()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(text, savePrefix) {
		for _, flag := range worldFlags {
			if w.cmd.Flags().Changed(flag) {
				return nil, fmt.Errorf("%s is a saved session, which has its own configuration: leave out --%s", name, flag)
			}
		}
		return session.Load(name, strings.NewReader(text), o)
	}
	s, err := w.begin(o)
	if err != nil {
		return nil, err
	}
	if err := carryOut(s, name, text, reply); err != nil {
		return nil, closing(s, err)
	}
	return s, nil
}

// readFile reads a whole text.
func readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", readError(name, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, readLimit+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", readError(name, err)
	}
	if len(text) > readLimit {
		return "", fmt.Errorf("%s: longer than %d bytes: want a scenario or a saved session", name, readLimit)
	}
	return string(text), nil
}

// readError names the file once, as "FILE: no such file or directory".
func readError(name string, err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// carryOut carries out the lines of a scenario. Errors begin with name:line.
func carryOut(s *session.Session, name, text string, reply func(*session.Session, *script.Call, string)) error {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		call, err := script.Parse(line, len(s.View().Members), leaderOf(s))
		if err == nil && call != nil {
			var out string
			if out, err = s.Run(call); err == nil && reply != nil {
				reply(s, call, out)
			}
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

func leaderOf(s *session.Session) uint64 {
	if m := s.View().Leader(); m != nil {
		return uint64(m.ID)
	}
	return 0
}

// closing closes a session after an error, or at the end.
func closing(s *session.Session, err error) error { return errors.Join(err, s.Close()) }
