package klog

import (
	"bytes"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
	"github.com/rprocspec/rprocspec/traces/rproc"
)

// soft undoes quoted-printable: a line of 70 to 76 bytes that ends in "=" goes on in the next one. The
// first such line shows that "=3D" and its like stand for single bytes from there on. whole is false as
// long as the line is not complete.
func (k *Reader) soft(text []byte) (line []byte, whole bool) {
	if k.held != nil {
		if !k.printable && k.begins(text) { // the "=" was the line's own
			k.cut(append(k.held, '='), k.heldAt)
		} else {
			text = append(k.held, text...)
			k.printable = true
		}
		k.held = nil
	}
	if n := len(text) - k.joined; n >= 70 && n <= 76 && text[len(text)-1] == '=' {
		k.held = append([]byte(nil), text[:len(text)-1]...)
		k.heldAt, k.joined = k.lines.Num(), len(k.held)
		return nil, false
	}
	k.joined = 0
	if k.printable {
		text = unprintable(text)
	}
	return text, true
}

// begins tells whether text begins like a line of a log.
func (k *Reader) begins(text []byte) bool {
	try := Reader{seq: -1}
	text, _ = wash(bytes.Clone(text))
	if len(text) == 0 {
		return false
	}
	s, _, known := try.head(text)
	return known || s.clock != noClock
}

// unprintable decodes "=3D".
func unprintable(b []byte) []byte {
	keep := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '=' && i+2 < len(b) {
			hi, lo := hex(b[i+1]), hex(b[i+2])
			if hi >= 0 && lo >= 0 {
				keep = append(keep, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		keep = append(keep, b[i])
	}
	return keep
}

func hex(c byte) int { return strings.IndexByte("0123456789ABCDEF", c) }

// continues joins a line with the one before that it continues. Mails wrap at about 72 columns, some
// indent the rest, some wrap at a hyphen, terminals within a word. A line of the core is known to be cut
// by its words, so the output of a program that follows it is not taken for its rest; of other lines
// only an indented rest is, in logs without times.
//
// ok is false if text is a line of its own; rest is what is left of it, a line of its own again.
func (k *Reader) continues(text []byte) (rest []byte, ok bool) {
	if len(k.ahead) == 0 || k.lines.Num() > k.lastLine+1 || k.at > 0 {
		return text, false
	}
	last := &k.ahead[len(k.ahead)-1]
	cut := k.unfinished(last)
	indented := text[0] == '\t' && last.Device != "" && last.Time == traces.NoTime && !printk.IsCore([]byte(last.Device))
	if last.Kind != traces.Log || !cut && !indented || k.begins(text) && !k.stub(last, text) {
		return text, false
	}
	more := bytes.TrimSpace(text)
	if !cut {
		last.Text += " " + string(more)
		return nil, true
	}
	if i := bytes.Index(more, []byte(" remoteproc remoteproc")); i >= 0 {
		more, rest = beforeLevel(more[:i]), more[i+1:]
	}
	if k.rejoin(last, last.Text+" "+string(more)) || k.rejoin(last, last.Text+string(more)) {
		return rest, true
	}
	return text, false
}

// stub tells whether text, a line of the core by itself, is what was cut off last: a time without a
// text, or the driver's name before the device's.
func (k *Reader) stub(last *traces.Record, text []byte) bool {
	text = bytes.TrimSpace(text)
	if last.Device != "" || !core(text) || !bytes.HasPrefix(text, []byte("remoteproc")) {
		return false
	}
	return last.Text == "" && last.Time != traces.NoTime || last.Text == "remoteproc" && !bytes.HasPrefix(text, []byte("remoteproc "))
}

// unfinished tells whether a record holds a line of the core that was cut off, in its words or in the
// names before them.
func (k *Reader) unfinished(r *traces.Record) bool {
	if r.Device != "" {
		oneWord := strings.IndexByte(r.Text, ' ') < 0 // the name of "NAME is available"
		return printk.IsCore([]byte(r.Device)) && (oneWord || rproc.Partial(r.Text))
	}
	if !k.lastKnown && r.Time != traces.NoTime {
		return false
	}
	if len(r.Text) > len("remoteproc remoteproc")+8 || r.Text != "" && r.Text[0] != 'r' {
		return false
	}
	names := strings.TrimRight(strings.TrimSuffix(r.Text, ":"), "0123456789")
	return strings.HasPrefix("remoteproc remoteproc", names) && (names == "" || len(names) >= len("remoteproc"))
}

// rejoin gives a record the whole text if that is a line of the core, or more of one.
func (k *Reader) rejoin(r *traces.Record, whole string) bool {
	driver, device, text := r.Driver, r.Device, whole
	if device == "" {
		a, b, c := printk.Split([]byte(whole))
		driver, device, text = string(a), string(b), string(c)
		if !printk.IsCore(b) {
			return false
		}
	}
	if _, ok := rproc.Parse(text); !ok && !rproc.Partial(text) {
		return false
	}
	r.Driver, r.Device, r.Text = driver, device, text
	if r.Device != "" {
		k.known++
	}
	k.lastLine = k.lines.Num()
	return true
}
