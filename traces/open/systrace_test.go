package open

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zlib"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// records reads the whole of a file.
func records(t testing.TB, r io.Reader, name string) (recs []*traces.Record, info *traces.Info) {
	t.Helper()
	in, err := Reader(r, name, traces.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var rec traces.Record
	for err == nil {
		if err = in.Read(&rec); err == nil {
			recs = append(recs, rec.Clone())
		}
	}
	if err != io.EOF {
		t.Fatalf("%s: %v", name, err)
	}
	return recs, in.Info()
}

// androidTrace is what is in all the clothes. It has characters that HTML and JavaScript care for.
const androidTrace = `# tracer: nop
#
          <idle>-0     (-----) [000] d.h1   149.981123: wakeup_source_activate: rproc "a" & b state=0x60001
 kworker/u4:3-31    (   31) [001] ....   149.981200: console: remoteproc remoteproc0: a < b && c > d \o/
 kworker/u4:3-31    (   31) [001] ....   149.981300: tracing_mark_write: B|31|x
`

const tag = `  <script class="trace-data" type="application/text">`

// viewer is the part of a page before the trace: much script, and names that are no tags.
func viewer(lines int) string {
	return "<!DOCTYPE html>\n<html>\n<head i18n-values=\"dir:textdirection;\">\n<script>\n" +
		strings.Repeat("var x = document.querySelectorAll('.trace-data'); // a-1 [000] .... 1.000001: f: x\n", lines) +
		"</script>\n</head>\n<body>\n<!-- BEGIN TRACE -->\n"
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s)
}

func javascript(s string) string {
	return strings.ReplaceAll(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s), "\n", "\\n\\\n")
}

const (
	processDump = tag + "\nPROCESS DUMP\nUSER           PID  PPID\nroot             1     0\n  </script>\n"
	jsonEvents  = tag + "\n{\"traceEvents\": []}\n  </script>\n"
	pageEnd     = "<!-- END TRACE -->\n</body>\n</html>\n"
	ps          = "USER     PID   PPID  VSIZE  RSS\nroot      1     0     344    212\n"
	preface     = "capturing trace... done\n"
)

func deflate(t testing.TB, s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String()
}

// TestSystrace puts a trace into every wrapping: the records are the same, and their lines are those of
// the file.
func TestSystrace(t *testing.T) {
	want, _ := records(t, strings.NewReader(androidTrace), "plain")
	if len(want) != 3 {
		t.Fatalf("%d records", len(want))
	}
	for name, text := range map[string]string{
		"page":            viewer(3) + tag + "\n" + androidTrace + "  </script>\n" + pageEnd,
		"long page":       viewer(20000) + tag + "\n" + androidTrace + "  </script>\n" + pageEnd,
		"several scripts": viewer(3) + processDump + tag + "\n" + androidTrace + "  </script>\n" + jsonEvents + pageEnd,
		"entities":        viewer(3) + tag + "\n" + escape(androidTrace) + "  </script>\n" + pageEnd,
		"no newline":      viewer(3) + tag + androidTrace + "</script>\n" + pageEnd,
		"last line":       viewer(3) + tag + strings.TrimSuffix(androidTrace, "\n") + "</script>\n" + pageEnd,
		"other order":     viewer(3) + `<script type="application/text" class="trace-data">` + "\n" + androidTrace + "  </script>\n",
		"with ps":         viewer(3) + tag + "\n" + androidTrace + ps + "  </script>\n" + pageEnd,
		"of 2013":         viewer(3) + tag + "\n" + strings.ReplaceAll(androidTrace, "\n", "\\n\\\n") + "\n  </script>\n" + pageEnd,
		"of 2012":         viewer(3) + "  <script>\n  var linuxPerfData = \"\\\n" + javascript(androidTrace) + "\";\n  </script>\n",
		"cut":             viewer(3) + tag + "\n" + androidTrace,
		"CR LF":           strings.ReplaceAll(viewer(3)+tag+"\n"+androidTrace+"  </script>\n"+pageEnd, "\n", "\r\n"),
		"atrace":          preface + "TRACE:\n" + androidTrace,
		"atrace, with ps": preface + "TRACE:\n" + androidTrace + ps,
		"TRACE: alone":    "TRACE:\n" + androidTrace,
		"adb":             strings.ReplaceAll(preface+"TRACE:\n"+androidTrace, "\n", "\r\n"),
		"atrace -z":       preface + "TRACE:\n" + deflate(t, androidTrace),
		"atrace -z; ps":   preface + "TRACE:\n" + deflate(t, androidTrace) + "\n" + ps,
		"adb, atrace -z":  strings.ReplaceAll(preface+"TRACE:\n"+deflate(t, androidTrace), "\n", "\r\n"),
		"adb twice, -z":   strings.ReplaceAll(preface+"TRACE:\n"+deflate(t, androidTrace), "\n", "\r\r\n"),
		"ctrace":          "TRACE:\n" + deflate(t, androidTrace),
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.HalfReader(strings.NewReader(text))} {
			got, info := records(t, r, name)
			checkWrapped(t, name, text, want, got)
			if info.Malformed > 0 || strings.Contains(name, "several") != (len(info.Notes) > 0) {
				t.Errorf("%s: %+v", name, info)
			}
		}
	}
}

// checkWrapped compares records but for their lines, which it looks up in the text.
func checkWrapped(t *testing.T, name, text string, want, got []*traces.Record) {
	t.Helper()
	if i := strings.Index(text, "\x78\x9c"); i >= 0 { // lines are those of the uncompressed text
		text = text[:i] + androidTrace
	}
	lines := strings.Split(text, "\n")
	for _, r := range got {
		if r.Line > len(lines) || !strings.Contains(lines[r.Line-1], fmt.Sprintf("149.%06d:", r.Time/1000%1e6)) {
			t.Errorf("%s: line %d is not that of %s", name, r.Line, r.Event)
		}
		r.Line = 0
	}
	plain := make([]*traces.Record, len(want))
	for i, r := range want {
		plain[i] = r.Clone()
		plain[i].Line = 0
	}
	if diff := cmp.Diff(plain, got); diff != "" {
		t.Errorf("%s (-plain +wrapped):\n%s", name, diff)
	}
}

// TestSystraceExample puts the example captures of the tree into pages.
func TestSystraceExample(t *testing.T) {
	files, _ := filepath.Glob("../../examples/*/trace.txt")
	if len(files) == 0 {
		t.Fatal("no examples")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := records(t, bytes.NewReader(text), file)
		got, _ := records(t, strings.NewReader(viewer(9)+tag+"\n"+escape(string(text))+"</script>\n"), file)
		for i := range got {
			got[i].Line -= strings.Count(viewer(9), "\n") + 1
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-plain +page):\n%s", file, diff)
		}
	}
}

func TestSystraceNone(t *testing.T) {
	for text, want := range map[string]string{
		"<!DOCTYPE html><html>":                                    "an HTML page",
		viewer(3) + processDump + pageEnd:                          "no <script class=\"trace-data\"> in it holds",
		viewer(3) + tag + "\n# tracer: nop\n</script>":             "",
		preface + "TRACE:\n":                                       "no trace stands behind TRACE:",
		preface + "TRACE:\n" + deflate(t, androidTrace)[:60]:       "unexpected EOF",
		preface + "TRACE:\n\x78\x00garbage":                        "unpacking what stands behind TRACE:",
		preface + "TRACE:\n" + deflate(t, "error: no trace\n"):     "no trace stands behind TRACE:",
		viewer(3) + tag + "\nhello\n" + androidTrace + "</script>": "no <script class=",
	} {
		_, _, err := all(strings.NewReader(text), "f.html")
		if want == "" {
			if err != io.EOF {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		var bad *traces.FormatError
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "f.html:") || errors.As(err, &bad) && bad.Hint == "" {
			t.Errorf("%q: got %v, want %q", text[max(0, len(text)-50):], err, want)
		}
	}
}

// TestTraceconv: what traceconv makes of a Perfetto trace has a header of its own, and flags that mean
// nothing.
func TestTraceconv(t *testing.T) {
	text := strings.Replace(androidTrace, "#\n", "#\n# entries-in-buffer/entries-written: 30624/30624   #P:4\n", 1)
	recs, info := records(t, strings.NewReader(text), "f")
	for _, r := range recs {
		if r.Context != traces.NoContext {
			t.Errorf("%+v", r)
		}
	}
	if len(recs) != 3 || len(info.Notes) != 1 || !strings.Contains(info.Notes[0], "traceconv") {
		t.Errorf("%+v", info)
	}
}

func TestBabeltrace(t *testing.T) {
	files, _ := filepath.Glob("../lttng/testdata/*.txt")
	if len(files) != 3 {
		t.Fatal(files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if recs, info := records(t, bytes.NewReader(text), file); info.Format != "babeltrace" || len(recs) < 17 {
			t.Errorf("%s: %d records, %+v", file, len(recs), info)
		}
	}
}

// The oracle takes the scripts out of a page with one regular expression, and reads it as a whole.
var (
	rxScript = regexp.MustCompile(`(?s)<script\b[^>\n]*\bclass="trace-data"[^>\n]*>(.*?)(</script>[^\n]*|$)`)
	rxBefore = regexp.MustCompile(`^\s*(?:TRACE:\s*$|capturing trace\.\.\.|$)`)
	rxEvent  = regexp.MustCompile(`-\d+ .*\[\d\d\d\d*\] `)
)

// oraclePage gives the lines of the trace in a page by their numbers; false for pages that it leaves to
// the table: those of before 2014, with entities, or with lines that only a reader of traces can tell.
func oraclePage(page string) (map[int]string, bool) {
	if strings.ContainsAny(page, "&\r") || strings.Contains(page, `\n\`) || strings.Contains(page, "linuxPerfData") || strings.Contains(page, "USER ") {
		return nil, false
	}
	lines := map[int]string{}
	for _, m := range rxScript.FindAllStringSubmatchIndex(page, -1) {
		number, trace := 1+strings.Count(page[:m[2]], "\n"), false
		for i, text := range strings.Split(page[m[2]:m[3]], "\n") {
			if !trace && rxBefore.MatchString(text) {
				continue
			}
			if !trace && text[0] != '#' {
				if rxEvent.MatchString(text) {
					return nil, false
				}
				break
			}
			if trace = true; strings.TrimSpace(text) != "" {
				lines[number+i] = text
			}
		}
	}
	return lines, true
}

func FuzzPage(f *testing.F) {
	f.Add(viewer(2) + tag + "\n" + androidTrace + "  </script>\n" + pageEnd)
	f.Add(viewer(2) + processDump + tag + "\n" + strings.ReplaceAll(androidTrace, "&", "") + "</script>" + jsonEvents + tag + "\n# tracer\na</script>")
	f.Add(preface + "TRACE:\n" + androidTrace + ps)
	f.Add(strings.ReplaceAll(preface+"TRACE:\n"+deflate(f, androidTrace), "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, text string) {
		_, _, err := all(strings.NewReader(text), "fuzz")
		if err == nil || err != io.EOF && !strings.HasPrefix(err.Error(), "fuzz:") {
			t.Fatalf("ended with %v", err)
		}
		want, ok := oraclePage(text)
		if !ok {
			t.Skip()
		}
		got := map[int]string{}
		out, err := io.ReadAll(&wrapped{lines: line.NewReader(strings.NewReader(text)), page: true})
		for i, l := range strings.Split(string(out), "\n") {
			if strings.TrimSpace(l) != "" {
				got[i+1] = l
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-oracle +reader):\n%s", text, err, diff)
		}
	})
}
