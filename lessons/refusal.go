package lessons

import "fmt"

// Refusal is why the player does not do something, in both languages.
type Refusal struct{ Text Text }

// Error is the English half.
func (r *Refusal) Error() string { return r.Text.EN }

// refuse fills the same values into both languages.
func refuse(en, zh string, args ...any) error {
	return &Refusal{Text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}}
}

// ErrUnanswered says that the question of the step comes first.
var ErrUnanswered error = &Refusal{Text{
	"first answer the question: press the letter of an option", "先回答问题：按选项的字母",
}}

// ErrNothingToUndo says that the last command belongs to the lesson, or to an earlier step.
var ErrNothingToUndo error = &Refusal{Text{"nothing to take back in this step", "这一步里没有可以撤销的操作"}}
