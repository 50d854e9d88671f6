package lessons

import (
	"strings"
	"testing"

	"etcdscope/cluster/session"
)

func TestProgress(t *testing.T) {
	l, ok := Find("O1")
	if !ok {
		t.Fatal("no lesson O1")
	}
	p, err := New(l, session.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var progress Progress
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.Answer("a"))
	progress.Record(p)
	wantSaved(t, &progress, "lesson O1 begun\nanswer O1 time \"a\"\n")
	for range l.Steps {
		must(p.ShowMe())
		if moved, err := p.Next(); err != nil || !moved {
			t.Fatal(moved, err)
		}
	}
	for range l.Quiz {
		must(p.Answer("c"))
		if moved, err := p.Next(); err != nil || !moved {
			t.Fatal(moved, err)
		}
	}
	progress.Record(p)
	must(p.Close())
	want := "lesson O1 done\nanswer O1 quiz-1 \"c\"\nanswer O1 quiz-2 \"c\"\nanswer O1 time \"a\"\n"
	wantSaved(t, &progress, want)
	again, err := LoadProgress("progress", strings.NewReader(progressHeader+"\n"+want))
	must(err)
	wantSaved(t, again, want)
}

func wantSaved(t *testing.T, p *Progress, want string) {
	t.Helper()
	var b strings.Builder
	if err := p.Save(&b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != progressHeader+"\n"+want {
		t.Errorf("saved\n%swant\n%s", got, want)
	}
}

func TestLoadProgressErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "p:1: the file is empty"},
		{"etcdscope progress 2\n", "p:1: \"etcdscope progress 2\": want \"etcdscope progress 1\""},
		{progressHeader + "\nlesson E1 maybe\n", "p:2: \"maybe\": want done or begun"},
		{progressHeader + "\nlesson ../x done\n", "p:2: "},
		{
			progressHeader + "\nanswer E1 one \"a\"\n",
			`p:2: "answer E1 one \"a\"": want an answer in quotes, below its lesson`,
		},
		{progressHeader + "\nlesson E1 done\n\nanswer E1 one a\n", "p:4: "},
		{progressHeader + "\n" + strings.Repeat("x", 100_000), "p: "},
	} {
		_, err := LoadProgress("p", strings.NewReader(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("LoadProgress(%.40q) = %v, want %s…", c.text, err, c.want)
		}
	}
}
