// Package lessons reads, plays and checks guided lessons: one Markdown file each, in English and Simplified Chinese.
//
// A lesson is data: it can start no program, open no file and reach no network. What it does to the world it does
// with the commands of cluster/script, what it asks about the world it asks with its predicates. The package draws
// nothing (tui does, from Player.View) and decides no path on a disk (Progress takes a reader and a writer).
//
// Start reading at lesson.go (what a lesson is) and parse.go (how it is written), then player.go and verify.go.
// The lessons themselves are course/*.md; docs/lessons.md explains the format by example.
package lessons
