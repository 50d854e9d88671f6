// Command panics is the screen of etcdscope with one key more, which panics: for the test that a terminal is usable
// after that.
package main

import (
	"os"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/tui"
)

type fragile struct{ tea.Model }

func (f fragile) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyPressMsg); ok && key.String() == "ctrl+x" {
		panic("this key panics")
	}
	model, cmd := f.Model.Update(msg)
	return fragile{model}, cmd
}

func main() {
	m, err := tui.New(tui.Options{Config: cluster.Config{Seed: 7}, Sandbox: true, Lang: "en"})
	if err != nil {
		panic(err)
	}
	_, err = tea.NewProgram(fragile{m}).Run()
	if closing := m.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Exit(1)
	}
}
