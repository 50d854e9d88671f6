package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"etcdscope/cluster/clock"
	"etcdscope/cluster/script"
)

// At 1× a second of the learner's time is 15 ms of virtual time: one message flight of the paper profile.
const (
	perSecond = 15 * clock.Millisecond
	slowest   = -3 // 1/8×
	fastest   = 6  // 64×
	introPace = 5  // until the first leader is there
	// frameEvents bounds the work of one frame; what is left comes with the next.
	frameEvents = 20_000
	longestGap  = 100 * time.Millisecond
)

// playback is the relation of the learner's time to virtual time.
type playback struct {
	running bool
	pace    int        // log2 of the speed
	intro   bool       // run fast until there is a leader
	shown   clock.Time // what is on screen, at or after the session's present
	rest    float64    // fraction of a microsecond not yet shown
	last    time.Time  // wall time of the frame before; zero right after a stop
	ticking int        // generation of the ticker: a stale tick is dropped
	until   *script.Predicate
	nextPut clock.Time // when the cluster behind the menu gets its next write
}

// frameMsg asks for the next frame of a running picture.
type frameMsg struct {
	generation int
	at         time.Time
}

// speeds are the names of the paces from slowest to fastest.
var speeds = []string{"1/8x", "1/4x", "1/2x", "1x", "2x", "4x", "8x", "16x", "32x", "64x"}

func (p *playback) speed() string { return speeds[p.effective()-slowest] }

func (p *playback) effective() int {
	if p.intro {
		return introPace
	}
	return p.pace
}

// moves says whether time goes on by itself now.
func (m *Model) moves() bool {
	return m.play.running && !m.tooSmall() && (m.top() == nil || !m.top().stops())
}

// wake starts the ticker if time moves and none is going.
func (m *Model) wake() tea.Cmd {
	if !m.moves() || m.awake {
		return nil
	}
	m.awake = true
	m.play.last = time.Time{}
	m.play.ticking++
	return m.tick()
}

func (m *Model) tick() tea.Cmd {
	generation := m.play.ticking
	return tea.Tick(time.Second/time.Duration(m.fps()), func(at time.Time) tea.Msg { return frameMsg{generation, at} })
}

func (m *Model) fps() int {
	if m.opt.ReducedMotion {
		return 4
	}
	return 30
}

// onFrame advances the world by the wall time since the frame before.
func (m *Model) onFrame(msg frameMsg) tea.Cmd {
	if msg.generation != m.play.ticking {
		return nil
	}
	if !m.moves() {
		m.awake = false
		return nil
	}
	p := &m.play
	if !p.last.IsZero() {
		m.advance(min(msg.at.Sub(p.last), longestGap))
	}
	p.last = msg.at
	m.dirty = true
	if !m.moves() {
		m.awake = false
		return nil
	}
	return m.tick()
}

// advance lets virtual time pass.
func (m *Model) advance(wall time.Duration) {
	p := &m.play
	scale := float64(perSecond) * exp2(p.effective())
	passed := wall.Seconds()*scale + p.rest
	step := clock.Time(passed)
	p.rest = passed - float64(step)
	target := p.shown + step
	if p.until != nil {
		target = m.advanceUntil(target)
	} else {
		reached, err := m.runTo(target)
		if !reached {
			target = m.s.View().At
		}
		if err != nil {
			p.running = false
		}
		m.report(err)
	}
	p.shown = max(target, m.s.View().At)
	m.autopilot()
	m.afterMove()
	m.tellAnswers()
	if p.intro && m.s.View().Leader() != nil {
		p.intro = false
	}
}

// runTo lets the session, or the lesson that judges every event of it, go on to a time.
func (m *Model) runTo(target clock.Time) (bool, error) {
	if m.lesson != nil {
		return m.lesson.RunTo(target, frameEvents)
	}
	return m.s.RunTo(target, frameEvents)
}

// autopilotEvery is how often, in virtual time, a client writes in the cluster behind the menu.
const autopilotEvery = 180 * clock.Millisecond

// autopilot keeps the cluster behind the menu busy.
func (m *Model) autopilot() {
	v := m.s.View()
	if !m.home || v.Leader() == nil || v.At < m.play.nextPut {
		return
	}
	m.play.nextPut = v.At + autopilotEvery
	m.counter++
	_, err := m.s.Exec(fmt.Sprintf("put x %d", m.counter))
	m.report(err)
}

// advanceUntil runs to target but stops where the breakpoint holds, or where a lesson's step is decided, and returns
// how far it came.
func (m *Model) advanceUntil(target clock.Time) clock.Time {
	hit, err := m.runUntil(target)
	if err != nil || hit {
		m.play.running = false
	}
	if hit {
		m.s.SetMark("", "break")
		m.say("break: " + m.play.until.Source)
		m.play.until = nil
	}
	m.report(err)
	return m.s.Now()
}

func (m *Model) runUntil(target clock.Time) (bool, error) {
	if m.lesson != nil {
		return m.lesson.RunUntil(m.play.until, target)
	}
	return m.s.RunUntil(m.play.until, max(target-m.s.Now(), clock.Microsecond))
}

func exp2(n int) float64 {
	if n < 0 {
		return 1 / float64(int(1)<<-n)
	}
	return float64(int(1) << n)
}

// settle shows the session's present exactly, after a step or a jump.
func (m *Model) settle() {
	m.play.shown, m.play.rest = m.s.Now(), 0
	m.play.intro = false
	m.afterMove()
}

// afterMove reacts to what has become true: a violation stops time, a lesson looks at its goal.
func (m *Model) afterMove() {
	m.dirty = true
	if n := len(m.s.Violations()); n > m.violations {
		m.play.running = false
		m.warn("invariant violated: " + m.s.Violations()[n-1].Sentence)
		m.violations = n
	} else {
		m.violations = n
	}
	m.watchLesson()
}
