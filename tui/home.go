package tui

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster"
	"etcdscope/cluster/session"
	"etcdscope/lessons"
)

// openHome shows a live cluster behind a short menu.
func (m *Model) openHome() error {
	s, err := session.New(cluster.Config{Seed: m.opt.Config.Seed, Nodes: 5}, m.opt.Sessions)
	if err != nil {
		return err
	}
	m.attach(s, m.word("home", "首页"))
	m.home = true
	m.play.running, m.play.intro = true, true
	m.play.pace = 1
	m.openMenu()
	return nil
}

// openMenu lays the menu over what is there: over the home cluster it stays, over a session esc goes back.
func (m *Model) openMenu() tea.Cmd {
	l := &list{title: "etcdscope", live: m.home, keep: m.home, choices: m.menuChoices(), again: (*Model).openMenu}
	if m.home {
		l.above = []string{m.word("A whole etcd cluster runs behind this menu: step it, break it, go back.",
			"菜单后面运行着一个完整的 etcd 集群：单步、破坏、倒退都可以。")}
	}
	m.open(l)
	return nil
}

func (m *Model) menuChoices() []choice {
	var out []choice
	if !m.home {
		back := func(m *Model) tea.Cmd { m.close(); return nil }
		out = append(out, choice{m.word("Go on", "继续"), m.word("back to where you were", "回到刚才的地方"), "", back})
	}
	if next := m.nextLesson(); next != nil && m.lesson == nil {
		begin := m.word("Begin", "开始")
		if len(m.progress.Lessons) > 0 {
			begin = m.word("Continue", "继续学习")
		}
		note := m.word("lesson %s: %s, %d min", "第 %s 课：%s，%d 分钟")
		note = fmt.Sprintf(note, next.ID, next.Title.In(m.lang), next.Minutes)
		out = append(out, choice{begin, note, "", m.opens(next)})
	}
	language := func(m *Model) tea.Cmd {
		m.toggleLanguage()
		m.dialogs = nil
		return m.openMenu()
	}
	return append(out,
		m.lessonsChoice(), m.sandboxChoice(),
		choice{m.word("Keys", "按键"), m.word("what can be pressed", "可以按什么"), "", (*Model).openHelp},
		choice{m.word("Language", "语言"), "English / 中文", "", language},
		choice{m.word("Quit", "退出"), "", "", (*Model).quit},
	)
}

// opens is the choice of a lesson.
func (m *Model) opens(l *lessons.Lesson) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		return m.unlessLost(func(m *Model) tea.Cmd {
			m.report(m.startLesson(l))
			return nil
		})
	}
}

func (m *Model) lessonsChoice() choice {
	return choice{
		m.word("Lessons", "课程"), m.word("guided, with predictions", "有引导，先预测再观察"), "", (*Model).openLessons,
	}
}

func (m *Model) sandboxChoice() choice {
	return choice{
		m.word("Sandbox", "沙盒"), m.word("five members, every key works", "五个成员，所有按键可用"), "",
		func(m *Model) tea.Cmd {
			return m.unlessLost(func(m *Model) tea.Cmd {
				m.report(m.openSandbox())
				return nil
			})
		},
	}
}

// openLessons lists the course.
func (m *Model) openLessons() tea.Cmd {
	l := &list{title: m.word("lessons", "课程"), live: m.home, again: (*Model).openLessons}
	for _, chapter := range m.course {
		for _, lesson := range chapter.Lessons {
			l.choices = append(l.choices, m.lessonChoice(lesson))
		}
	}
	m.open(l)
	return nil
}

func (m *Model) lessonChoice(lesson *lessons.Lesson) choice {
	mark := string(m.th.Glyph.Todo) + " "
	if m.progress.Lessons[lesson.ID].Done {
		mark = string(m.th.Glyph.Done) + " "
	}
	return choice{
		mark: mark, name: lesson.ID + " " + lesson.Title.In(m.lang),
		note: fmt.Sprintf(m.word("%d min", "%d 分钟"), lesson.Minutes),
		do:   m.opens(lesson),
	}
}

// nextLesson is the first lesson that is not done behind the open one, or else the first of the course; nil when all
// are done.
func (m *Model) nextLesson() *lessons.Lesson {
	var first *lessons.Lesson
	behind := m.lesson == nil
	for _, chapter := range m.course {
		for _, lesson := range chapter.Lessons {
			switch {
			case m.lesson != nil && m.lesson.Lesson().ID == lesson.ID:
				behind = true
			case m.progress.Lessons[lesson.ID].Done:
			case behind:
				return lesson
			default:
				first = cmp.Or(first, lesson)
			}
		}
	}
	return first
}

// openSandbox starts free play with the cluster of the options.
func (m *Model) openSandbox() error {
	s, err := session.New(m.opt.Config, m.opt.Sessions)
	if err != nil {
		return err
	}
	m.leave()
	m.attach(s, m.word("sandbox", "沙盒"))
	m.play.running, m.play.intro = true, true
	return nil
}

// LoadProgress reads the learner's progress; what cannot be read is left alone and counts as none.
func LoadProgress(path string) *lessons.Progress {
	none := &lessons.Progress{}
	if path == "" {
		return none
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return none
	}
	p, err := lessons.LoadProgress(path, bytes.NewReader(data))
	if err != nil {
		return none
	}
	return p
}

// SaveProgress replaces the file in one step, so that a kill in the middle loses nothing. Without a path it keeps
// nothing.
func SaveProgress(path string, p *lessons.Progress) error {
	if path == "" {
		return nil
	}
	return writeWhole(path, p.Save)
}

// writeWhole writes a file beside path and renames it into place.
func writeWhole(path string, write func(w io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".etcdscope-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
