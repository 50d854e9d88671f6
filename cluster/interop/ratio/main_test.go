package main

import (
	"strings"
	"testing"
)

const rounds3 = `goos: linux
BenchmarkPut/nodes=3/impl=etcdscope-2   100   2000 ns/op   2000 cpu-ns/op   8.000 msgs/op   10 B/op   9 allocs/op
BenchmarkPut/nodes=3/impl=etcd-2        100   9000 ns/op   9000 cpu-ns/op   8.000 msgs/op   10 B/op   125 allocs/op
BenchmarkPut/nodes=3/impl=etcdscope-2   100   1000 ns/op   1000 cpu-ns/op   8.000 msgs/op   10 B/op   9 allocs/op
BenchmarkPut/nodes=3/impl=etcd-2        100   6000 ns/op   9000.0 cpu-ns/op   8.000 msgs/op   10 B/op   125 allocs/op
BenchmarkPut/nodes=3/impl=etcdscope-2   100   7000 ns/op   3e+03 cpu-ns/op   8.000 msgs/op   10 B/op   9 allocs/op
BenchmarkCompact/impl=etcdscope         2   50000000 ns/op
BenchmarkCompact/impl=etcd              1   1200000000 ns/op
BenchmarkCompact/impl=etcd-awake        1   75.5 ns/op
BenchmarkOnly/impl=etcd-2               1   1 ns/op
PASS
`

func TestRatio(t *testing.T) {
	const want = `| benchmark | etcdscope | etcd | ratio | processor time | ratio | allocations | rounds |
|---|---:|---:|---:|---:|---:|---:|---:|
| Put nodes=3 | 2 µs | 7.5 µs | 3.8 | 2 µs : 9 µs | 4.5 | 9 : 125 | 2 |
| Compact | 50 ms | 1.2 s | 24.0 | – : – | – | – : – | 1 |
| Compact beside etcd-awake | 50 ms | 76 ns | 0.0 | – : – | – | – : – | 1 |
`
	var out strings.Builder
	if err := run(strings.NewReader(rounds3), &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestRatioOfNothing(t *testing.T) {
	for _, in := range []string{"", "PASS\n", "BenchmarkOnly/impl=etcdscope-2 1 1 ns/op\n"} {
		if err := run(strings.NewReader(in), &strings.Builder{}); err == nil {
			t.Errorf("%q has no ratio, and no error either", in)
		}
	}
}
