// Ratio reads what go test -bench printed, of any number of rounds, and prints how much longer etcd takes than
// etcdscope for the same work:
//
//	go run ./ratio <bench.txt
//
// Both stand in one table row if their names differ in impl= alone. All figures are medians of the rounds. Processor
// time is good on a busy machine, too, but knows nothing of sleep.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ours is the implementation that all others are compared with.
const ours = "etcdscope"

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ratio:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	t, err := read(in)
	if err != nil {
		return err
	}
	return t.print(out)
}

// rounds are the figures of one implementation in one benchmark.
type rounds struct {
	ns     []float64 // per operation, in each round
	cpu    []float64 // the same of processor time, if it was reported
	allocs string    // per operation, in the last round; empty: not reported
}

// table holds rounds by benchmark and implementation, with the benchmarks in the order of their first line.
type table struct {
	names []string
	impls map[string][]string
	cells map[[2]string]*rounds
}

// line is a result: name, implementation, iterations, nanoseconds, and perhaps more.
var line = regexp.MustCompile(`^Benchmark(\S*)/impl=([^/\s]+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(.*)`)

var (
	cpuTime     = regexp.MustCompile(`([\d.e+]+) cpu-ns/op`)
	allocations = regexp.MustCompile(`(\d+) allocs/op`)
)

func read(in io.Reader) (*table, error) {
	t := &table{impls: map[string][]string{}, cells: map[[2]string]*rounds{}}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		if err := t.cell(m[1], m[2]).add(m[3], m[4]); err != nil {
			return nil, fmt.Errorf("%q: %w", lines.Text(), err)
		}
	}
	return t, lines.Err()
}

// add notes a round: its time, and what else the line says.
func (r *rounds) add(text, more string) error {
	ns, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err
	}
	r.ns = append(r.ns, ns)
	if m := allocations.FindStringSubmatch(more); m != nil {
		r.allocs = m[1]
	}
	if m := cpuTime.FindStringSubmatch(more); m != nil {
		if ns, err = strconv.ParseFloat(m[1], 64); err != nil {
			return err
		}
		r.cpu = append(r.cpu, ns)
	}
	return nil
}

func (t *table) cell(name, impl string) *rounds {
	key := [2]string{name, impl}
	if t.cells[key] == nil {
		if t.impls[name] == nil {
			t.names = append(t.names, name)
		}
		t.impls[name] = append(t.impls[name], impl)
		t.cells[key] = &rounds{}
	}
	return t.cells[key]
}

func (t *table) print(out io.Writer) error {
	var b strings.Builder
	b.WriteString("| benchmark | etcdscope | etcd | ratio | processor time | ratio | allocations | rounds |\n")
	b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|\n")
	rows := 0
	for _, name := range t.names {
		own := t.cells[[2]string{name, ours}]
		for _, impl := range t.impls[name] {
			if own == nil || impl == ours {
				continue
			}
			label, other := strings.ReplaceAll(name, "/", " "), t.cells[[2]string{name, impl}]
			if impl != "etcd" {
				label += " beside " + impl
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s : %s | %s | %s : %s | %d |\n", label,
				short(own.ns), short(other.ns), ratio(own.ns, other.ns),
				short(own.cpu), short(other.cpu), ratio(own.cpu, other.cpu),
				cmp.Or(own.allocs, none), cmp.Or(other.allocs, none), min(len(own.ns), len(other.ns)))
			rows++
		}
	}
	if rows == 0 {
		return fmt.Errorf("no benchmark has both impl=%s and another: pipe in what go test -bench printed", ours)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// none stands for what was not reported.
const none = "–"

func ratio(own, other []float64) string {
	if len(own) == 0 || len(other) == 0 {
		return none
	}
	return fmt.Sprintf("%.1f", median(other)/median(own))
}

func median(ns []float64) float64 {
	sorted := slices.Sorted(slices.Values(ns))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// short writes the median with two or three digits.
func short(times []float64) string {
	if len(times) == 0 {
		return none
	}
	ns := median(times)
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		switch n := ns / float64(unit.is); {
		case n >= 100:
			return fmt.Sprintf("%.0f %s", n, unit.name)
		case n >= 1:
			return fmt.Sprintf("%.2g %s", n, unit.name)
		}
	}
	return fmt.Sprintf("%.0f ns", ns)
}
