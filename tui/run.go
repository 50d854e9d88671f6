package tui

import (
	"errors"
	"io"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run shows the program on a terminal until the user quits. in and out must be a terminal.
func Run(o Options, in io.Reader, out io.Writer, environ []string) error {
	if o.Env == nil {
		o.Env = lookup(environ)
	}
	m, err := New(o)
	if err != nil {
		return err
	}
	options := []tea.ProgramOption{tea.WithInput(in), tea.WithOutput(out), tea.WithEnvironment(environ), tea.WithFPS(30)}
	if o.Env("NO_COLOR") != "" || m.th.Name == "mono" {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(m, options...)
	m.pace = renderPace(p)
	over := make(chan struct{})
	go func() {
		select {
		case <-o.Stop:
			p.Quit()
		case <-over:
		}
	}()
	_, err = p.Run()
	close(over)
	if errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	return errors.Join(err, m.Close())
}

// lookup reads one variable of an environment list.
func lookup(environ []string) func(string) string {
	return func(name string) string {
		for i := len(environ) - 1; i >= 0; i-- {
			if v, ok := strings.CutPrefix(environ[i], name+"="); ok {
				return v
			}
		}
		return ""
	}
}

// colourVariables are what colorprofile reads of the environment.
var colourVariables = []string{
	"TERM", "COLORTERM", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TMUX", "WT_SESSION", "GOOGLE_CLOUD_SHELL",
}

// defaultProfile guesses the colours until the terminal has said which it has.
func defaultProfile(env func(string) string) colorprofile.Profile {
	var environ []string
	for _, name := range colourVariables {
		if v := env(name); v != "" {
			environ = append(environ, name+"="+v)
		}
	}
	return colorprofile.Env(environ)
}

// DefaultProgressPath is where a learner's progress is kept, or "" when the system has no place for it.
func DefaultProgressPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return dir + string(os.PathSeparator) + "etcdscope" + string(os.PathSeparator) + "progress"
}
