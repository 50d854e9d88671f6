package main

import (
	"etcdscope/cluster/session"
	"etcdscope/lessons"
	"etcdscope/tui"
	"etcdscope/tui/plain"
)

// plainHome talks to somebody without a screen who has not said what to do.
func (a *app) plainHome(o tui.Options) error { return plain.Run(a.plainOptions(o), a.in, a.out) }

// plainSession shows a session as text; the caller closes it.
func (a *app) plainSession(s *session.Session, o tui.Options) error {
	p := a.plainOptions(o)
	p.Session = s
	return plain.Run(p, a.input(a.in), a.out)
}

// plainLesson plays a lesson as text.
func (a *app) plainLesson(l *lessons.Lesson, o tui.Options) error {
	p := a.plainOptions(o)
	p.Lesson = l
	return plain.Run(p, a.in, a.out)
}

func (a *app) plainOptions(o tui.Options) plain.Options {
	return plain.Options{
		Config: o.Config, Sessions: o.Sessions, Lang: o.Lang, Prompt: isTerminal(a.in) && isTerminal(a.out),
		Progress:     tui.LoadProgress(o.ProgressPath),
		SaveProgress: func(p *lessons.Progress) error { return tui.SaveProgress(o.ProgressPath, p) },
	}
}
