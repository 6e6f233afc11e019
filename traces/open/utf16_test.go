package open

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rprocspec/rprocspec/traces"
)

// encode writes text as UTF-16 with a byte order mark.
func encode(text string, order binary.AppendByteOrder) (b []byte) {
	b = order.AppendUint16(b, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestUTF16(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		n, info, err := all(bytes.NewReader(encode(strings.ReplaceAll(ftraceText, "\n", "\r\n"), order)), "x")
		if n != 1 || err != io.EOF || info.Format != "ftrace" || info.Malformed != 0 {
			t.Errorf("%v: %d records, %+v, %v", order, n, info, err)
		}
		n, info, err = all(bytes.NewReader(encode(dmesgText, order)), "x")
		if n != 1 || err != io.EOF || info.Format != "dmesg" {
			t.Errorf("%v: %d records, %+v, %v", order, n, info, err)
		}
		zipped := packed(t, "gzip", string(encode(strings.Repeat(ftraceLine, 20000), order)))
		if n, _, err := all(bytes.NewReader(zipped), "x"); n != 20000 || err != io.EOF {
			t.Errorf("%v in gzip: %d records, %v", order, n, err)
		}
		if _, _, err := all(bytes.NewReader(zipped[:len(zipped)/2]), "x"); err == nil || err == io.EOF {
			t.Errorf("%v in gzip, cut in the middle: %v", order, err)
		}
	}
	_, err := Live(bytes.NewReader(encode(ftraceText, binary.LittleEndian)), "x", traces.Options{})
	checkRefusal(t, "live", err, "iconv")
}

func FuzzUTF16(f *testing.F) {
	f.Add([]byte("a\x00"), true)
	f.Add(encode("a\U0001f600\n", binary.BigEndian)[2:], false)
	f.Add([]byte{0x3d, 0xd8, 0x3d, 0xd8, 0x00, 0xde, 0x0a}, true)
	f.Fuzz(func(t *testing.T, b []byte, little bool) {
		mark, order := []byte("\xfe\xff"), binary.ByteOrder(binary.BigEndian)
		if little {
			mark, order = []byte("\xff\xfe"), binary.LittleEndian
		}
		var units []uint16
		for i := 0; i+1 < len(b); i += 2 {
			units = append(units, order.Uint16(b[i:]))
		}
		want := string(utf16.Decode(units))
		if len(b)%2 == 1 {
			want += string(utf8.RuneError)
		}
		r, err := wideReader(order)(iotest.OneByteReader(bytes.NewReader(append(mark, b...))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != want || err != nil {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	})
}
