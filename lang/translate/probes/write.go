package probes

import (
	"fmt"
	"io"
	"strings"
)

// tool is one output that Write knows.
type tool struct {
	name  string
	write func(p *Plan, w io.Writer, opt Options) error
}

func tools() []tool {
	return []tool{
		{"tracefs", func(p *Plan, w io.Writer, opt Options) error { return p.writeScript(w, "tracefs", opt) }},
		{"trace-cmd", func(p *Plan, w io.Writer, opt Options) error { return p.writeScript(w, "trace-cmd", opt) }},
		{"perf", func(p *Plan, w io.Writer, opt Options) error { return p.writeScript(w, "perf", opt) }},
		{"bpftrace", (*Plan).writeBpftrace},
		{"perfetto", (*Plan).writePerfetto},
	}
}

// Tools lists the tools that Write writes a recipe for, the default first.
func Tools() []string {
	var names []string
	for _, t := range tools() {
		names = append(names, t.name)
	}
	return names
}

// Write writes the recipe for one of Tools.
func (p *Plan) Write(w io.Writer, name string, opt Options) error {
	for _, t := range tools() {
		if t.name == name {
			return t.write(p, w, opt)
		}
	}
	return fmt.Errorf("unknown tool %q: give one of %s", name, strings.Join(Tools(), ", "))
}

// ParseVersion reads the release of a kernel, such as 6.1 or 6.1.0-56-arm64, or the name of a kernel profile
// that is one, such as v6_1_190.
func ParseVersion(s string) (Version, error) {
	var v Version
	text := strings.ReplaceAll(strings.TrimPrefix(s, "v"), "_", ".")
	if n, _ := fmt.Sscanf(text, "%d.%d", &v.Major, &v.Minor); n != 2 || v.Major < 1 || v.Minor < 0 {
		return Version{}, fmt.Errorf("kernel %q: give a release, such as 6.1 or what uname -r prints", s)
	}
	return v, nil
}
