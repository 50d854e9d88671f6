package dump

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"etcdscope/mvcc"
	"etcdscope/nearest"
)

// attempts is how often a file is copied that a running member writes to.
const attempts = 3

// DB prints the database below a directory, or a snapshot of one. The error is Damaged when it cannot be trusted.
func DB(w io.Writer, path string, o Options) error {
	file, err := findDB(path)
	if err != nil {
		return err
	}
	copies, err := os.MkdirTemp("", "etcdscope-dump-")
	if err != nil {
		return err
	}
	p := &dbPrinter{out: bufio.NewWriter(w), o: o}
	for range attempts {
		err = mvcc.ScanFile(copies, file, p.bucket)
		if !errors.Is(err, mvcc.ErrDamaged) || p.printed {
			break
		}
	}
	err = errors.Join(err, p.out.Flush(), os.RemoveAll(copies))
	switch {
	case errors.Is(err, mvcc.ErrDamaged):
		return Damaged{fmt.Errorf("%w (if a member is running on it, try again, or dump a snapshot of it)", err)}
	case err != nil:
		return err
	case len(p.unknown()) > 0:
		return p.noBucket(p.unknown()[0])
	case p.damage != nil:
		return Damaged{fmt.Errorf("%s: %w", file, p.damage)}
	}
	return nil
}

// dbPrinter prints buckets.
type dbPrinter struct {
	out     *bufio.Writer
	o       Options
	names   []string // buckets that there are
	printed bool
	damage  error // the first row that cannot be decoded
}

func (p *dbPrinter) bucket(name string, rows iter.Seq2[[]byte, []byte]) error {
	p.printed = true
	p.names = append(p.names, name)
	if len(p.o.Buckets) > 0 && !slices.Contains(p.o.Buckets, name) {
		return nil
	}
	total := 0
	for range rows {
		total++
	}
	if !p.o.JSON {
		p.heading(name, total)
	}
	n := 0
	for k, v := range rows {
		if p.o.Limit > 0 && n == p.o.Limit {
			if !p.o.JSON {
				fmt.Fprintf(p.out, "%s and %d more\n", indent, total-n)
			}
			return nil
		}
		n++
		if err := p.row(name, k, v); err != nil {
			return err
		}
	}
	return nil
}

const indent = "   "

func (p *dbPrinter) heading(name string, rows int) {
	if len(p.names) > 1 && (len(p.o.Buckets) == 0 || p.o.Buckets[0] != name) {
		fmt.Fprintln(p.out)
	}
	count := fmt.Sprintf("%d rows", rows)
	switch rows {
	case 0:
		count = "empty"
	case 1:
		count = "1 row"
	}
	fmt.Fprintf(p.out, "%s, %s%s\n", safe(name), count, flag(": "+bucketTexts[name], bucketTexts[name] != ""))
}

// bucketTexts say what a bucket is for.
var bucketTexts = map[string]string{
	"alarm":           "alarms that are raised",
	"auth":            "whether clients must say who they are",
	"authRoles":       "what a role may do",
	"authUsers":       "users and their roles",
	"cluster":         "what the cluster agreed on",
	"key":             "every change of a key, by revision, that was not compacted",
	"lease":           "leases; which keys hang on one stands with the keys",
	"members":         "who is in the cluster",
	"members_removed": "who was, and never comes back under the same ID",
	"meta":            "how far the log is applied, and what was compacted",
}

func (p *dbPrinter) row(bucket string, k, v []byte) error {
	r, err := decodeRow(bucket, k, v)
	if err != nil {
		if p.damage == nil {
			p.damage = fmt.Errorf("bucket %s: row %x: %w", bucket, k, err)
		}
		r.Damage = err.Error()
	}
	if p.o.JSON {
		if p.o.Raw {
			r.RowKey, r.RowValue = k, v
		}
		return writeJSON(p.out, r)
	}
	fmt.Fprintf(p.out, "%s%s\n", indent, safe(r.Text+flag("DAMAGED: "+r.Damage, r.Damage != "")))
	if p.o.Raw {
		fmt.Fprint(p.out, hexLines(k), hexLines(v))
	}
	return nil
}

// unknown lists the buckets that were asked for and are not there.
func (p *dbPrinter) unknown() []string {
	return slices.DeleteFunc(slices.Clone(p.o.Buckets), func(name string) bool { return slices.Contains(p.names, name) })
}

func (p *dbPrinter) noBucket(name string) error {
	if near := nearest.Word(name, p.names); near != "" {
		return fmt.Errorf("no bucket %q: did you mean %q?", name, near)
	}
	return fmt.Errorf("no bucket %q: there are %s", name, strings.Join(p.names, ", "))
}
