package tracedat

import (
	"bytes"
	"strconv"
	"strings"
)

// An event format is the text of a file events/SYSTEM/EVENT/format of tracefs:
//
//	name: wakeup_source_activate
//	ID: 393
//	format:
//		field:unsigned short common_type;	offset:0;	size:2;	signed:0;
//		…
//		field:__data_loc char[] name;	offset:8;	size:4;	signed:1;
//		field:u64 state;	offset:16;	size:8;	signed:0;
//
//	print fmt: "%s state=0x%lx", __get_str(name), (unsigned long)REC->state
//
// Where data lies in a record is told by offset and size alone; of the declaration only the name, and
// whether it is an array, matter.

// event is one format.
type event struct {
	system, name string
	id           int
	fields       []field
	print        string // print fmt, as it stands there
	decoder
}

// where says where the data of a field lies.
type where uint8

const (
	here    where = iota // in the field itself
	dataLoc              // the field is length<<16 | offset from the start of the record
	relLoc               // the same, the offset counted from the end of the field
)

// field is a part of a record.
type field struct {
	name         string
	decl         string // declaration without name and brackets: "unsigned long", "char"
	offset, size int
	signed       bool
	array        bool
	where        where
}

// maxRecord is more than any record has: offsets in a record are numbers of 16 bits.
const maxRecord = 1 << 16

// parseFormat reads a format file. ok tells whether it has a name, a number and sane fields.
func parseFormat(system string, text []byte) (e *event, ok bool) {
	e = &event{system: system, id: -1}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		key, rest, _ := strings.Cut(string(line), ":")
		switch key {
		case "name":
			e.name = strings.TrimSpace(rest)
		case "ID":
			n, err := strconv.ParseUint(strings.TrimSpace(rest), 10, 16)
			if err != nil {
				return nil, false
			}
			e.id = int(n)
		case "print fmt":
			e.print = strings.TrimSpace(rest)
		case "field":
			f, ok := parseField(rest)
			if !ok {
				return nil, false
			}
			e.fields = append(e.fields, f)
		}
	}
	return e, e.name != "" && e.id >= 0
}

// parseField reads "u64 state;	offset:16;	size:8;	signed:0;". Old kernels do not print signed.
func parseField(text string) (f field, ok bool) {
	parts := strings.Split(text, ";")
	f.declare(strings.TrimSpace(parts[0]))
	seen := 0
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(part), ":")
		n, err := strconv.ParseUint(value, 10, 16)
		switch {
		case key == "offset" && err == nil:
			f.offset, seen = int(n), seen|1
		case key == "size" && err == nil:
			f.size, seen = int(n), seen|2
		case key == "signed" && err == nil:
			f.signed = n != 0
		case key == "offset" || key == "size":
			return f, false
		}
	}
	return f, seen == 3 && f.name != "" && f.offset+f.size < maxRecord
}

// declare takes a C declaration apart: the name is its last word, or for __data_loc that behind the brackets.
func (f *field) declare(decl string) {
	if rest, ok := strings.CutPrefix(decl, "__data_loc "); ok {
		decl, f.where = rest, dataLoc
	} else if rest, ok := strings.CutPrefix(decl, "__rel_loc "); ok {
		decl, f.where = rest, relLoc
	}
	if open := strings.IndexByte(decl, '['); open >= 0 {
		f.array = true
		closed := strings.IndexByte(decl, ']')
		if closed < open {
			return
		}
		decl = decl[:open] + decl[closed+1:]
	}
	cut := strings.LastIndexAny(decl, " *") + 1
	f.decl, f.name = strings.TrimSpace(decl[:cut]), decl[cut:]
}

// field finds a field by its name. The kernel writes the members of a struct as "graph_ent.func" in
// some versions.
func (e *event) field(name string) (field, bool) {
	for _, f := range e.fields {
		if f.name == name || strings.HasSuffix(f.name, "."+name) {
			return f, true
		}
	}
	return field{}, false
}

// payload is the data of one record.
type payload struct {
	b     []byte
	order order
}

// uint reads a number; false if the record is too short for it, or it is no number.
func (p payload) uint(f field) (uint64, bool) {
	if f.offset+f.size > len(p.b) {
		return 0, false
	}
	switch f.size {
	case 1, 2, 4, 8:
		return number(p.b[f.offset:f.offset+f.size], p.order), true
	}
	return 0, false
}

// data gives the bytes of a field, wherever they lie. An array without a size reaches to the end of
// the record.
func (p payload) data(f field) ([]byte, bool) {
	start, size := f.offset, f.size
	if f.where != here {
		loc, ok := p.uint(f)
		if !ok || f.size != 4 {
			return nil, false
		}
		start, size = int(loc&0xffff), int(loc>>16)
		if f.where == relLoc {
			start += f.offset + f.size
		}
	} else if f.array && size == 0 {
		size = max(len(p.b)-start, 0)
	}
	if start+size > len(p.b) {
		return nil, false
	}
	return p.b[start : start+size], true
}

// text reads a string: what stands before the first NUL.
func (p payload) text(f field) (string, bool) {
	b, ok := p.data(f)
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b), ok
}
