package tracedat

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// excerpts are captures of real kernels, small enough for testdata: with the functions that occur alone,
// in both versions. They are made of the shared captures where these are.
func excerpts(t *testing.T) map[string]*parts {
	const shared = "../../../shared/captures/"
	all := map[string]*parts{}
	for name, file := range map[string]string{
		"linux-6.1-x86_64": "6.1.192-x86_64-v60/S2a.dat",
		"linux-6.1-arm64":  "6.1.0-56-arm64-debian/S0.dat",
	} {
		if _, err := os.Stat(shared + file); err != nil {
			t.Log("not updated: ", err)
			continue
		}
		all[name] = takeApart(t, shared+file)
	}
	if p := all["linux-6.1-arm64"]; p != nil {
		p.version = "6"
		b := &p.buffers[0] // version 6 has no numbers of CPUs: all are there
		for cpu := 0; cpu < len(b.cpus); cpu++ {
			if b.cpus[cpu].cpu > cpu {
				b.cpus = slices.Insert(b.cpus, cpu, cpuParts{cpu, nil})
			}
		}
	}
	return all
}

// takeApart reads a file of version 7 with zstd.
func takeApart(t *testing.T, file string) *parts {
	in, err := os.Open(filepath.FromSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(in, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{version: "7", packing: "zstd", long: f.layout.commit.size, page: f.page, clock: "[" + f.clock.name + "] global\n"}
	p.leads(t, f)
	for _, b := range f.buffers {
		p.buffers = append(p.buffers, bufferParts{b.name, b.clock, nil})
		for _, d := range b.cpus {
			p.pages(t, f, b, d)
		}
	}
	return p
}

func (p *parts) pages(t *testing.T, f *file, b *buffer, d cpuData) {
	in, err := f.pagesOf(b, d, new(memory))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for {
		page, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
	}
	last := &p.buffers[len(p.buffers)-1]
	last.cpus = append(last.cpus, cpuParts{d.cpu, all})
}

// leads follows the first options to the texts of the file.
func (p *parts) leads(t *testing.T, f *file) {
	c := f.at(18)
	c.text("compression")
	c.text("version")
	c, _ = f.section(int64(c.u64("options")), optDone, "options")
	for c.err == nil {
		id, data := c.u16("id"), c.bytes(c.u32("size"), "option")
		switch id {
		case optDone:
			return
		case optStats:
			p.options = append(p.options, option{uint16(id), data})
		case optHeaders, optFtrace, optEvents, optSymbols, optComms:
			in, _ := f.section(int64(over(data, f.order, "").u64("place")), id, "section")
			p.text(id, in)
		}
	}
	t.Fatal(c.err)
}

func (p *parts) text(id uint64, c *cursor) {
	switch id {
	case optHeaders:
		c.text("header_page")
		p.headerPage = string(c.bytes(c.u64(""), ""))
		c.text("header_event")
		p.headerEvent = string(c.bytes(c.u64(""), ""))
	case optFtrace:
		p.systems = slices.Insert(p.systems, 0, system{"ftrace", formats(c)})
	case optEvents:
		for range c.u32("") {
			p.systems = append(p.systems, system{c.text(""), formats(c)})
		}
	case optSymbols:
		p.kallsyms = occurring(string(c.bytes(c.u32(""), "")))
	case optComms:
		p.comms = string(c.bytes(c.u64(""), ""))
	}
}

func formats(c *cursor) (all []string) {
	for range c.u32("") {
		all = append(all, string(c.bytes(c.u64(""), "")))
	}
	return all
}

var wanted = regexp.MustCompile(` (_*rproc_\w+|pm_stay_awake|pm_relax|process_one_work|state_store|tracing_mark_write)(\s|$)`)

// occurring keeps the functions that the captures hold, and the one behind each, which tells where it ends.
func occurring(kallsyms string) string {
	var b strings.Builder
	keep := false
	for line := range strings.Lines(kallsyms) {
		match := wanted.MatchString(line)
		if match || keep {
			b.WriteString(line)
		}
		keep = match
	}
	return b.String()
}
