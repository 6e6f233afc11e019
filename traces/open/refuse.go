package open

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
	"github.com/rprocspec/rprocspec/traces/klog"
)

// strange are files that are no text of a trace, known by their first bytes.
var strange = [...]struct {
	magic string
	error traces.FormatError
}{
	{"PERFILE2", traces.FormatError{Looks: "a perf.data file", Why: "it holds binary samples", Hint: "run `perf script --ns -i FILE` and give its output"}},
	{"2ELIFREP", traces.FormatError{Looks: "a perf.data file of a machine with the other byte order", Why: "it holds binary samples", Hint: "run `perf script --ns -i FILE` and give its output"}},
	{"PK\x03\x04", traces.FormatError{Looks: "a zip archive", Why: "it may hold several files", Hint: "run `unzip FILE` and give the trace in it"}},
	{"7z\xbc\xaf\x27\x1c", traces.FormatError{Looks: "a 7z archive", Why: "it may hold several files", Hint: "unpack it and give the trace in it"}},
	{"Rar!\x1a\x07", traces.FormatError{Looks: "a rar archive", Why: "it may hold several files", Hint: "unpack it and give the trace in it"}},
	{"\x1f\x9d", traces.FormatError{Looks: "a file of compress (.Z)", Why: "this compression is not supported", Hint: "run `gzip -dc FILE` and give the result"}},
	{"]\x00\x00", traces.FormatError{Looks: "an lzma file", Why: "this compression is not supported", Hint: "run `xz --format=lzma -dc FILE` and give the result"}},
	{"\x04\x22\x4d\x18", traces.FormatError{Looks: "an lz4 file", Why: "this compression is not supported", Hint: "run `lz4 -d FILE` and give the result"}},
	{"\x89LZO", traces.FormatError{Looks: "an lzop file", Why: "this compression is not supported", Hint: "run `lzop -d FILE` and give the result"}},
	{"\x7fELF", traces.FormatError{Looks: "an ELF file", Why: "a program, library or memory dump is no trace", Hint: "from a vmcore, crash's `trace dump -t` extracts the trace", NoTrace: true}},
	{"LPKSHHRH", traces.FormatError{Looks: "a binary systemd journal", Why: "it is binary", Hint: "run `journalctl -k -o short-monotonic --file FILE` and give its output"}},
	{"\xc1\x1f\xfc\xc1", ctf},
	{"\xc1\xfc\x1f\xc1", ctf},
	{"\x57\x1d\xd1\x75", ctf},
	{"\x75\xd1\x1d\x57", ctf},
	{"/* CTF", ctf},
	{"\xff\xfe", traces.FormatError{Looks: "UTF-16 text", Why: "traces are read as UTF-8 or plain bytes", Hint: "run `iconv -f UTF-16 -t UTF-8 FILE` and give its output"}},
	{"\xfe\xff", traces.FormatError{Looks: "UTF-16 text", Why: "traces are read as UTF-8 or plain bytes", Hint: "run `iconv -f UTF-16 -t UTF-8 FILE` and give its output"}},
}

var ctf = traces.FormatError{Looks: "a file of a CTF trace, as LTTng writes it", Why: "a trace is the whole folder", Hint: "run `babeltrace2 DIR` on the folder that FILE is in and give its output"}

// refuse recognises what is no text of a trace or log. nil: it may be one.
func refuse(start []byte) *traces.FormatError {
	for _, s := range strange {
		if bytes.HasPrefix(start, []byte(s.magic)) {
			bad := s.error
			return &bad
		}
	}
	switch text := bytes.TrimSpace(bytes.Trim(start, "\x00")); {
	case len(text) == 0:
		return &traces.FormatError{Looks: "an empty file", Hint: "was the trace read before tracing began, or read twice through trace_pipe? cat /sys/kernel/tracing/trace", NoTrace: true}
	case archive(start):
		return &traces.FormatError{Looks: "a tar archive", Why: "it may hold several files", Hint: "run `tar -xf FILE` and give the trace in it"}
	case lava(text) && ftrace.Events(start) > klog.Lines(start):
		return &traces.FormatError{Looks: "the log of a LAVA job that holds a trace", Why: "of such logs, only kernel logs are read", Hint: "run `yq -r '.[].msg' FILE` and give its output"}
	case json(text) && klog.Lines(start) == 0:
		return &traces.FormatError{Looks: "JSON", Why: "of JSON, only kernel logs are read: of dmesg -J, journalctl and LAVA", Hint: "for a Chrome trace run `traceconv systrace FILE` and give its output; Perfetto's own files are read as they are", NoTrace: true}
	case noText(start) && ftrace.Refuse(start) == nil && ftrace.Events(start)+klog.Lines(start) == 0:
		return &traces.FormatError{Looks: "a binary file of an unknown format", Why: "it is neither a known trace nor text", Hint: "give a Perfetto trace, or the text of tracefs `trace`, `trace-cmd report -t`, `perf script --ns` or `dmesg`", NoTrace: true}
	}
	return nil
}

func archive(start []byte) bool { return len(start) > 262 && string(start[257:262]) == "ustar" }

// lava tells whether text begins like the log of a LAVA job.
func lava(text []byte) bool {
	return bytes.HasPrefix(text, []byte(`- {"dt"`)) || bytes.HasPrefix(text, []byte(`- {dt`))
}

// json tells an object or array from a kernel log, whose lines begin with a bracket as well.
func json(text []byte) bool {
	if text[0] != '{' && text[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(rest) > 0 && (rest[0] == '"' || rest[0] == '{' && text[0] == '[')
}

// noText tells whether start holds what no text holds.
func noText(start []byte) bool {
	strange := 0
	for _, c := range start[:min(len(start), 4096)] {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0x1b && c != 0 {
			strange++
		}
	}
	return strange*20 > min(len(start), 4096) || strange > 0 && !utf8.Valid(start[:min(len(start), 4096)]) && strange*100 > min(len(start), 4096)
}

// hint puts the file's name into a command.
func hint(text, name string) string {
	if name == "" || name == "-" {
		return text
	}
	return strings.ReplaceAll(text, "FILE", name)
}
