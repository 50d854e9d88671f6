package lessons

import "etcdscope/raft"

// Text is the same words in both languages.
type Text struct{ EN, ZH string }

// In returns the words in lang, "en" or "zh"; where a translation is missing it returns the other one.
func (t Text) In(lang string) string {
	if (lang == "zh" && t.ZH != "") || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

// Empty says whether there are no words in either language.
func (t Text) Empty() bool { return t.EN == "" && t.ZH == "" }

// Line is one line of a file: a command, a predicate, a name.
type Line struct {
	Text string
	At   int // line number, from 1
}

// Lesson is one parsed file.
type Lesson struct {
	File     string // as given to Parse; stands in errors
	ID       string // "E1"
	Title    Text
	Track    string // "elections"
	Kind     string // one of kinds
	Scaffold string // one of scaffolds: how much help the learner gets
	Minutes  int
	Needs    []Line // IDs of the lessons that come before
	Covers   []Line // rows of the curriculum's inventory, such as "EL01"
	Scene    Scene
	View     View
	Goal     Text // what the learner can do afterwards
	Steps    []Step
	Quiz     []Question
}

var (
	kinds     = []string{"guided", "challenge", "exam", "demo"}
	scaffolds = []string{"worked", "faded", "open"}
)

// Scene is the world in which a lesson, or a step, begins.
type Scene struct {
	At       int // line number
	Nodes    int
	Profile  string
	Seed     uint64
	Off      []string // rules that are switched off, sorted
	Leader   raft.ID  // this member is made leader before the scene begins; 0: nobody is
	Client   raft.ID  // the member that the client of key c asks; 0 lets the client choose
	Commands []Line   // carried out after the leader is there
}

// View is what a lesson puts before the learner's eyes.
type View struct {
	Focus []string // names of panes, see Panes
	Zoom  string   // the pane that fills the screen, or ""
}

// Step is one section of a lesson: read, predict, act, observe.
type Step struct {
	ID       string
	At       int
	Text     Text
	Question *Question // asked before the learner acts, or nil
	Do       Text      // what to press or type; empty: the solution speaks for itself
	Solution []Line
	Goal     Goal
	Hints    []Hint
	Mistakes []Mistake
	Observe  []Line // predicates on which the text relies, true after the solution
	Explain  Text   // shown once the goal is reached
	Note     string // for the speaker
	Links    []Link
	Pause    bool     // a class stops here: time does not run by itself
	Curtain  []string // panes that stay covered until the question is answered
	View     *View    // from this step on, or nil
	Allow    []Line   // only these commands may be given; empty: all
	Deny     []Line   // these may not
	Scene    *Scene   // the step begins in a world of its own, or nil
}

// Question is a prediction, an open question or an item of the quiz.
type Question struct {
	ID      string // of the step, or "quiz-1"
	At      int
	Text    Text
	Options []Option // empty: the answer is typed
	Answer  Text     // what to type, when there are no options
	Verify  Line     // the predicate that proves the right answer from the state after the step, or empty
}

// Option is one answer to choose.
type Option struct {
	At     int
	Right  bool
	Text   Text
	Reason Text
}

// Goal is what a step wants of the world.
type Goal struct {
	At         int
	Conditions []Line // predicates, all of which must hold at one moment
	Keep       []Line // must hold at every moment of the step
	Never      []Line // must hold at no moment of the step
	Within     int    // ticks; 0: no limit for the learner, DefaultTicks for Verify
	Budget     int    // fault commands; -1: no limit
}

// HintKind is what brings a hint up.
type HintKind uint8

// The kinds of hints, from the gentlest to the one that tells the command.
const (
	HintWhen  HintKind = iota + 1 // the state of the world asks for it
	HintAfter                     // many commands were given in vain
	HintShow                      // the learner asks and it is the last one
)

// Hint is help for a step.
type Hint struct {
	At    int
	Kind  HintKind
	When  Line // predicate of HintWhen
	After int  // commands of HintAfter
	Text  Text
}

// Mistake is a wrong way: it must miss the goal and bring up a hint.
type Mistake struct {
	At       int
	Commands []Line
	Hint     int // index in the step's Hints
}

// Link is a source to read on.
type Link struct {
	At    int
	Title string
	URL   string // may be empty
}

// Panes lists the panes that view and curtain may name.
func Panes() []string {
	return []string{"disk", "events", "inspect", "lanes", "leases", "locks", "logs", "mvcc", "timeline"}
}
