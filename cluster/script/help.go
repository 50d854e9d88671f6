package script

import (
	"fmt"
	"strings"
)

// Explain is the help of a command, of those that begin with a word such as "member", or of all of them by group. It
// speaks English or, with zh, Chinese; the meanings of flags are English in both.
func Explain(name string, zh bool) string {
	if spec, ok := Lookup(name); ok {
		return spec.explain(zh)
	}
	var b strings.Builder
	group := ""
	for _, spec := range Specs() {
		switch {
		case name != "" && !strings.HasPrefix(spec.Name, name+" "):
			continue
		case name == "" && spec.Group != group:
			group = spec.Group
			b.WriteString(group + "\n")
		}
		fmt.Fprintf(&b, "  %-18s %s\n", spec.Name, spec.help(zh))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (s *Spec) help(zh bool) string {
	if zh {
		return s.HelpZH
	}
	return s.Help
}

func (s *Spec) explain(zh bool) string {
	also, example := "also: ", "example: "
	if zh {
		also, example = "也可写作：", "例："
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", s.Usage, s.help(zh))
	for _, f := range s.Flags {
		fmt.Fprintf(&b, "  --%-18s %s\n", strings.TrimSpace(f.Name+" "+f.Value), f.Help)
	}
	if len(s.Aliases) > 0 {
		b.WriteString(also + strings.Join(s.Aliases, ", ") + "\n")
	}
	b.WriteString(example + s.Example)
	return b.String()
}
