package perfetto

import (
	"iter"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// what an entry of the window is.
type what uint8

// In the order in which they come at one time.
const (
	closes what = iota // a gap ends
	loses              // something is missing just here
	given              // an event
	opens              // a gap begins
)

// event is an entry of the window: an event of the trace, or a mark of one that is missing.
type event struct {
	time   int64
	order  int // in the file
	layout *layout
	data   []byte // the event's message
	fn     string // of functions: the name that their number had; of gaps: the reason
	pid    int32
	cpu    uint32
	source int
	kind   traces.Kind
	within traces.Context
	what   what
}

// genericLayout is that of events without a message of their own: names of fields come with values.
// kprobeLayout is that of probes that Perfetto itself has set.
var (
	genericLayout = &layout{name: "generic"}
	kprobeLayout  = &layout{name: "kprobe_event"}
)

// field is a field of an event.
type field struct {
	name string
	text []byte // of strings
	num  uint64
	typ  int // typeString, typeInt64 or typeUint64; 0: it has no value
}

// name finds what kind of event e is. It fails on a message that makes no sense.
func (e *event) name() error {
	e.what = given
	switch {
	case e.layout == nil:
		return nil
	case e.layout == genericLayout:
		return e.nameGeneric()
	case e.layout == kprobeLayout:
		return e.nameKprobe()
	}
	e.kind = e.layout.kind
	if e.kind == traces.Enter || e.kind == traces.Exit {
		e.aim()
	}
	return e.check()
}

// aim tells probes of user programs from those of the kernel.
func (e *event) aim() {
	for f := range e.fields() {
		if (f.name == probeIP || f.name == probeFunc) && !inKernel(f.num) {
			e.kind = traces.Other
		}
	}
}

// check reads the message of an event that matters to its end.
func (e *event) check() error {
	if e.kind == traces.Other {
		return nil
	}
	for b := e.data; len(b) > 0; {
		var err error
		if _, b, err = consume(b); err != nil {
			return err
		}
	}
	return nil
}

func (e *event) nameKprobe() error {
	e.kind = traces.Enter
	for b := e.data; len(b) > 0; {
		f, rest, err := consume(b)
		if err != nil {
			return err
		}
		if b = rest; f.number == kprobeType && f.num == kprobeEnd {
			e.kind = traces.Exit
		}
	}
	return nil
}

func (e *event) nameGeneric() error {
	for b := e.data; len(b) > 0; {
		f, rest, err := consume(b)
		if err != nil {
			return err
		}
		b = rest
		switch {
		case f.number == genericName && e.kind == traces.Other:
			e.kind = staticKind(string(f.text))
		case f.number == genericField && e.kind == traces.Other:
			g, err := readGeneric(f.text)
			if err != nil {
				return err
			}
			e.kind = probeKind(g.name, g.num)
		}
	}
	return e.check()
}

// staticKind knows the static events that matter.
func staticKind(name string) traces.Kind {
	switch name {
	case "print":
		return traces.Mark
	case "funcgraph_entry":
		return traces.Enter
	case "funcgraph_exit":
		return traces.Exit
	}
	return traces.TracepointKind(name)
}

// The fields that the kernel puts first into a probe event: where an entry probe stands, or the
// function of a return probe.
const (
	probeIP   = "__probe_ip"
	probeFunc = "__probe_func"
)

func probeKind(name string, addr uint64) traces.Kind {
	switch {
	case !inKernel(addr):
	case name == probeIP:
		return traces.Enter
	case name == probeFunc:
		return traces.Exit
	}
	return traces.Other
}

// inKernel tells kernel addresses from those of user probes, for 64 and 32 bits.
func inKernel(addr uint64) bool { return addr>>63 != 0 || addr>>30 != 0 && addr>>32 == 0 }

// kindOf is what events with layout l are, kernel addresses provided.
func kindOf(l *layout) traces.Kind {
	if k := staticKind(l.name); k != traces.Other {
		return k
	}
	for _, s := range l.fields {
		switch s.name {
		case probeIP:
			return traces.Enter
		case probeFunc:
			return traces.Exit
		}
	}
	return traces.Other
}

// fields gives the fields of e.
func (e *event) fields() iter.Seq[field] {
	return func(yield func(field) bool) {
		for b := e.data; len(b) > 0; {
			var f wire
			f, b, _ = consume(b)
			if g, ok := e.layout.field(f); ok && !yield(g) {
				return
			}
		}
	}
}

// field reads one field of an event; false if it is none that has a name.
func (l *layout) field(f wire) (field, bool) {
	if l == genericLayout {
		if f.number != genericField {
			return field{}, false
		}
		g, err := readGeneric(f.text)
		return g, err == nil
	}
	for _, s := range l.fields {
		if s.number == f.number {
			return s.field(f)
		}
	}
	return field{}, false
}

// field gives f under its name, if it has the type that it should have.
func (s *slot) field(f wire) (field, bool) {
	switch s.typ {
	case typeString:
		return field{name: s.name, text: f.text, typ: typeString}, f.typ == protowire.BytesType
	case typeInt64, typeInt32:
		return field{name: s.name, num: f.num, typ: typeInt64}, f.typ == protowire.VarintType
	}
	return field{name: s.name, num: f.num, typ: typeUint64}, f.typ == protowire.VarintType
}

// readGeneric reads a GenericFtraceEvent.Field.
func readGeneric(b []byte) (g field, err error) {
	for len(b) > 0 {
		f, rest, err := consume(b)
		if err != nil {
			return g, err
		}
		b = rest
		switch f.number {
		case genericKey:
			g.name = string(f.text)
		case genericString:
			g.text, g.typ = f.text, typeString
		case genericInt:
			g.num, g.typ = f.num, typeInt64
		case genericUint:
			g.num, g.typ = f.num, typeUint64
		}
	}
	return g, nil
}

// title is the name of the event.
func (e *event) title() string {
	switch {
	case e.layout == nil:
		return ""
	case e.layout != genericLayout && e.layout != kprobeLayout:
		return e.layout.name
	}
	for b := e.data; len(b) > 0; {
		var f wire
		if f, b, _ = consume(b); f.number == genericName { // as kprobeName
			return string(f.text)
		}
	}
	return ""
}

// function gives the number that stands for the function of e, if it has one.
func (e *event) function() (uint64, bool) {
	if e.layout == kprobeLayout {
		return 0, false
	}
	for f := range e.fields() {
		if f.name == "function" || f.name == "func" && strings.HasPrefix(e.layout.name, "funcgraph_") {
			return f.num, true
		}
	}
	return 0, false
}

// layoutOf gives the layout of the event message with number n.
func (t *Reader) layoutOf(s *source, n protowire.Number) *layout {
	if int(n) < len(t.static) {
		return t.static[n]
	}
	return s.dense[n]
}

// describe learns the layout of dense generic events from a GenericEventDescriptor.
func (s *source) describe(b []byte) {
	var number protowire.Number
	l := &layout{}
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case descriptorField:
			number = protowire.Number(int32(f.num))
		case descriptorMessage:
			l.describe(f.text)
		}
	}
	if number > 0 && len(s.dense) < maxDense {
		l.kind = kindOf(l)
		s.dense[number] = l
	}
}

// describe reads a DescriptorProto.
func (l *layout) describe(b []byte) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case messageName:
			l.name = string(f.text)
		case messageField:
			l.fields = append(l.fields, describeField(f.text))
		}
	}
}

// describeField reads a FieldDescriptorProto.
func describeField(b []byte) (s slot) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case fieldName:
			s.name = string(f.text)
		case fieldNumber:
			s.number = protowire.Number(int32(f.num))
		case fieldType:
			s.typ = int(f.num)
		}
	}
	return s
}
