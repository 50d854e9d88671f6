package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"etcdscope/dump"
)

// dumpCommand prints the files of a member.
func (a *app) dumpCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dump",
		Short: "Print a member's files: its log, its database",
		Long: "dump prints what is in the files of a member, of etcdscope or of a real etcd, and changes nothing.\n" +
			"A member may be running on them.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return errors.New("what to dump is missing: write etcdscope dump wal DIR or etcdscope dump db DIR")
		},
	}
	c.AddCommand(a.dumpWALCommand(), a.dumpDBCommand())
	return c
}

func (a *app) dumpWALCommand() *cobra.Command {
	var o dump.Options
	var output string
	c := &cobra.Command{
		Use:   "wal DIR",
		Short: "Print every record of a write-ahead log",
		Long: "dump wal prints every record of a member's log: where it stands, its checksum, and what it says. Where\n" +
			"a record is damaged it says why, and goes on with what can still be read; the exit code is 1 if a member\n" +
			"would not start with the log. Requests are written as etcdctl takes them.\n\n" +
			"DIR is a data directory (with member/wal in it) or the directory of the .wal files.",
		Example: "  etcdscope dump wal default.etcd\n" +
			"  etcdscope dump wal default.etcd --start-index 1000 --limit 20\n" +
			"  etcdscope dump wal default.etcd --type entry -o json",
		Args: exactlyOne("the directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, name := range o.Types {
				if !slices.Contains(dump.RecordTypes(), name) {
					return fmt.Errorf("--type: %w", unknown("record type", name, dump.RecordTypes()))
				}
			}
			if err := dumpOutput(output, &o); err != nil {
				return err
			}
			return dumped(dump.WAL(a.out, args[0], o))
		},
	}
	c.Flags().Uint64Var(&o.StartIndex, "start-index", 0, "leave out what is about entries before this one")
	c.Flags().StringSliceVar(&o.Types, "type", nil, "only records of these types: crc, entry, metadata, snapshot, state")
	c.Flags().IntVar(&o.Limit, "limit", 0, "at most so many records; 0 means all")
	dumpFlags(c, &o, &output)
	completeFlag(c, "type", complete(dump.RecordTypes()))
	return c
}

func (a *app) dumpDBCommand() *cobra.Command {
	var o dump.Options
	var output string
	c := &cobra.Command{
		Use:   "db DIR",
		Short: "Print every row of a database",
		Long: "dump db prints the buckets of a member's database and their rows: keys by revision with tombstones,\n" +
			"leases, members, and how far the log is applied. It reads a copy, which is checked before it is opened;\n" +
			"the exit code is 1 if the file or a row is damaged.\n\n" +
			"DIR is a data directory (with member/snap/db in it), the file itself, or a snapshot of it.",
		Example: "  etcdscope dump db default.etcd\n" +
			"  etcdscope dump db default.etcd --bucket key --limit 20\n" +
			"  etcdscope dump db backup.snap --bucket meta,members -o json",
		Args: exactlyOne("the directory or file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := dumpOutput(output, &o); err != nil {
				return err
			}
			return dumped(dump.DB(a.out, args[0], o))
		},
	}
	c.Flags().StringSliceVar(&o.Buckets, "bucket", nil, "only these buckets")
	c.Flags().IntVar(&o.Limit, "limit", 0, "at most so many rows of each bucket; 0 means all")
	dumpFlags(c, &o, &output)
	return c
}

func dumpFlags(c *cobra.Command, o *dump.Options, output *string) {
	c.Flags().BoolVar(&o.Raw, "raw", false, "the bytes, too")
	c.Flags().StringVarP(output, "output", "o", "text", "text, or json: one object a line")
	completeFlag(c, "output", complete(dumpOutputs))
}

var dumpOutputs = []string{"text", "json"}

func dumpOutput(name string, o *dump.Options) error {
	if !slices.Contains(dumpOutputs, name) {
		return fmt.Errorf("--output: %w", unknown("output", name, dumpOutputs))
	}
	if o.Limit < 0 {
		return fmt.Errorf("--limit %d: want 0 or more", o.Limit)
	}
	o.JSON = name == "json"
	return nil
}

// dumped makes damage an outcome that is not what was asked for.
func dumped(err error) error {
	if damaged, ok := errors.AsType[dump.Damaged](err); ok {
		return failed{damaged}
	}
	return err
}
