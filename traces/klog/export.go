package klog

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// fields is the form of a journal whose entries have a line for every field.
type fields uint8

const (
	none fields = iota
	export
	verbose
)

// beginExport recognises the first line of an entry:
//
//	__CURSOR=s=1cf1…;i=1;b=aaaa…                        journalctl -o export
//	Mon 2026-11-23 07:08:41.212225 UTC [s=1cf1…;b=aa…]  journalctl -o verbose
func (k *Reader) beginExport(text []byte) bool {
	if bytes.HasPrefix(text, []byte("__CURSOR=")) || bytes.HasPrefix(text, []byte("__REALTIME_TIMESTAMP=")) {
		k.export, k.open = export, &entry{}
		return k.field(text)
	}
	s, next, ok := calendar(text)
	if !ok || s.format != "journalctl -o short-full" || !bytes.HasPrefix(text[next:], []byte(" [s=")) {
		return false
	}
	k.export, k.open = verbose, &entry{}
	for _, f := range bytes.Split(bytes.TrimSuffix(text[next+2:], []byte{']'}), []byte{';'}) {
		switch key, value, _ := bytes.Cut(f, []byte{'='}); string(key) {
		case "b":
			k.open.set("_BOOT_ID", string(value), 0)
		case "m":
			if us, err := strconv.ParseInt(string(value), 16, 64); err == nil {
				k.open.set("__MONOTONIC_TIMESTAMP", strconv.FormatInt(us, 10), 0)
			}
		}
	}
	return true
}

// field reads a line of an entry with fields:
//
//	entry = { KEY "=" text | KEY newline size data } newline     export
//	entry = head { "    " KEY "=" text }                        verbose
//
// size is eight bytes, little-endian; the data may hold any byte, newlines too, and is followed by one.
// False: the line does not belong to an entry.
func (k *Reader) field(text []byte) bool {
	if k.data.key != "" {
		k.binary(text)
		return true
	}
	if k.export == verbose {
		rest, ok := bytes.CutPrefix(text, []byte("    "))
		if !ok {
			k.endEntry()
			return false
		}
		text = rest
	}
	key, value, ok := bytes.Cut(text, []byte{'='})
	switch {
	case ok && fieldName(key):
		k.open.set(string(key), string(value), k.lines.Num())
		return true
	case k.export == verbose: // a further line of a message
		return true
	case fieldName(text):
		k.data = binaryField{key: string(text)}
		return true
	}
	k.endEntry()
	return false
}

// binaryField is a field of which the bytes come in several lines.
type binaryField struct {
	key  string
	data []byte
	line int
}

// maxField bounds what is kept of a field. What is longer is no line of a kernel.
const maxField = 1 << 20

// binary adds a line to the field that is being read, and ends it when its size is reached.
func (k *Reader) binary(text []byte) {
	d := &k.data
	if d.line == 0 {
		d.line = k.lines.Num()
	} else {
		d.data = append(d.data, '\n')
	}
	d.data = append(d.data, text...)
	if len(d.data) < 8 {
		return
	}
	size := binary.LittleEndian.Uint64(d.data)
	switch {
	case size > maxField:
		k.data = binaryField{}
	case uint64(len(d.data)-8) >= size:
		k.open.set(d.key, string(d.data[8:8+size]), d.line)
		k.data = binaryField{}
	}
}

// endEntry ends an entry at an empty line, at the end of the file, or where no field follows.
func (k *Reader) endEntry() {
	if k.export != none && k.data.key == "" {
		k.emit(k.open)
		k.open, k.export = nil, none
	}
}

// fieldName tells whether b is the name of a journal's field.
func fieldName(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != '_' && !digit(c) {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 64 && !digit(b[0])
}
