// Package etcdscope_test holds what a linter cannot see: that the deterministic core is deterministic by
// construction, and that the documents tell the truth about the code.
package etcdscope_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "etcdscope"

// edge names the packages that may have goroutines: they meet the terminal, the wall clock or the network.
// Every other package is the core, also one that is added later.
var edge = []string{"tui", "cmd", "cluster/etcdapi", "cluster/lab"}

// goPackage is one line of go list.
type goPackage struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
}

// name is the import path inside the module.
func (p goPackage) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func (p goPackage) ours() bool { return strings.HasPrefix(p.ImportPath, module+"/") }

func (p goPackage) core() bool {
	return p.ours() && !slices.ContainsFunc(edge, func(e string) bool {
		return p.name() == e || e == "cmd" && strings.HasPrefix(p.name(), "cmd/")
	})
}

// listed is what the go command says of all packages and of what they import, with their compiled export data.
// A package that does not compile has none; building it fails elsewhere.
var listed = sync.OnceValues(func() ([]goPackage, error) {
	const fields = "-json=ImportPath,Dir,Export,GoFiles,Imports"
	out, err := exec.Command("go", "list", "-e", "-export", "-deps", fields, "./...").Output()
	if err != nil {
		return nil, err
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return all
}

// TestCore: a run is a pure function of seed, configuration and commands, because nothing in the core could make
// it anything else. Imports and calls of clocks and chance are forbidden in .golangci.yml.
func TestCore(t *testing.T) {
	all := listPackages(t)
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	fset := token.NewFileSet()
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	compiled := importer.ForCompiler(fset, "gc", open)
	checked := 0
	for _, p := range all {
		if !p.core() {
			continue
		}
		checked++
		for _, problem := range judge(t, fset, compiled, p) {
			t.Error(problem)
		}
	}
	if checked < 10 {
		t.Errorf("only %d packages of the core were found", checked)
	}
}

// judge type-checks one package and returns what the core must not contain.
func judge(t *testing.T, fset *token.FileSet, compiled types.Importer, p goPackage) []string {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: compiled}
	if _, err := config.Check(p.ImportPath, fset, files, info); err != nil {
		t.Fatalf("%s: %v", p.ImportPath, err)
	}
	var problems []string
	for _, f := range files {
		excused := map[int]bool{} // lines under or beside a comment that says why the order does not matter
		for _, group := range f.Comments {
			if strings.Contains(group.Text(), "order:") {
				line := fset.Position(group.End()).Line
				excused[line], excused[line+1] = true, true
			}
		}
		sorted := map[ast.Node]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			if why := objection(n, info, sorted); why != "" {
				at := fset.Position(n.Pos())
				if !strings.HasPrefix(why, "the order") || !excused[at.Line] {
					problems = append(problems, fmt.Sprintf("%s/%s:%d: %s", p.name(), filepath.Base(at.Filename), at.Line, why))
				}
			}
			return true
		})
	}
	return problems
}

// objection says what is wrong with a piece of syntax, or "". It remembers in sorted what a sort will put in order.
func objection(n ast.Node, info *types.Info, sorted map[ast.Node]bool) string {
	switch n := n.(type) {
	case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
		return "the core has no goroutines and no channels: one event at a time, in the order of the queue"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "the core has no channels"
		}
	case *ast.RangeStmt:
		if _, isMap := info.TypeOf(n.X).Underlying().(*types.Map); isMap {
			return "the order of a map is luck: range over slices.Sorted(maps.Keys(m)), or say // order: why it does not matter"
		}
	case *ast.CallExpr:
		f := callee(n, info)
		if strings.HasPrefix(f, "slices.Sorted") && len(n.Args) > 0 {
			sorted[n.Args[0]] = true
		}
		if slices.Contains([]string{"maps.Keys", "maps.Values", "maps.All"}, f) && !sorted[n] {
			return "the order of a map is luck: write slices.Sorted(" + f + "(m)), or say // order: why it does not matter"
		}
	}
	return ""
}

// callee is the package and name of the function that is called, if it belongs to a package.
func callee(call *ast.CallExpr, info *types.Info) string {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		if f, ok := info.Uses[s.Sel].(*types.Func); ok && f.Pkg() != nil {
			return f.Pkg().Name() + "." + f.Name()
		}
	}
	return ""
}

// TestDiagram: the table of imports in docs/ARCHITECTURE.md is the one of the code.
func TestDiagram(t *testing.T) {
	drawn := map[string]string{}
	line := regexp.MustCompile(`(?m)^    (\S+) +─► (.*)$`)
	for _, m := range line.FindAllStringSubmatch(read(t, "docs/ARCHITECTURE.md"), -1) {
		drawn[m[1]] = m[2]
	}
	for _, p := range listPackages(t) {
		if !p.ours() || len(p.GoFiles) == 0 { // tests alone may look at everything
			continue
		}
		var own []string
		for _, path := range p.Imports {
			if name, ok := strings.CutPrefix(path, module+"/"); ok {
				own = append(own, name)
			}
		}
		slices.Sort(own)
		want := strings.Join(own, " ")
		if want == "" {
			want = "nothing of ours"
		}
		if drawn[p.name()] != want {
			t.Errorf("docs/ARCHITECTURE.md: the line of %s should read\n    %-18s ─► %s", p.name(), p.name(), want)
		}
		delete(drawn, p.name())
	}
	for name := range drawn {
		t.Errorf("docs/ARCHITECTURE.md draws %s, which is not there", name)
	}
}

// TestDocuments: the long documents stay short, and the functions that the life of a put names exist.
func TestDocuments(t *testing.T) {
	text := read(t, "docs/ARCHITECTURE.md")
	if n := len(strings.Fields(text)); n > 1200 {
		t.Errorf("docs/ARCHITECTURE.md has %d words: want at most 1200", n)
	}
	if n := strings.Count(read(t, "README.md"), "\n"); n > 150 {
		t.Errorf("README.md has %d lines: want at most 150", n)
	}
	_, life, _ := strings.Cut(text, "## The life of a put")
	life, _, _ = strings.Cut(life, "\n## ")
	declared := declaredFunctions(t)
	steps := regexp.MustCompile("`([A-Za-z.]+)`").FindAllStringSubmatch(life, -1)
	if len(steps) < 10 {
		t.Errorf("docs/ARCHITECTURE.md: the life of a put names %d functions: want at least 10", len(steps))
	}
	for _, m := range steps {
		if !declared[m[1]] {
			t.Errorf("docs/ARCHITECTURE.md: the life of a put names %s, which is not declared", m[1])
		}
	}
}

// declaredFunctions collects package.Function and Type.method of the whole module.
func declaredFunctions(t *testing.T) map[string]bool {
	t.Helper()
	declared := map[string]bool{}
	for _, p := range listPackages(t) {
		if !p.ours() {
			continue
		}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if d, ok := d.(*ast.FuncDecl); ok {
					declared[ownerOf(d, f)+"."+d.Name.Name] = true
				}
			}
		}
	}
	return declared
}

func ownerOf(d *ast.FuncDecl, f *ast.File) string {
	if d.Recv == nil {
		return f.Name.Name
	}
	return strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*")
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
