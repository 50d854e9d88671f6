// Package plain is etcdscope without a screen: lines in, sentences out.
//
// It is what screen readers, pipes, transcripts and dumb terminals get. Every command of cluster/script works, and
// every key of the screen can be typed as a line. It never writes an escape code, never reads a wall clock and
// never redraws: what was said stays said. Start reading at Run.
package plain
