package probes_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/probes"
)

// kernelTypes are types as a kernel has them, with what a layout has to cope with: typedefs, const, enums,
// atomic_t, a bit field, and structs that end in no number.
func kernelTypes() []btf.Type {
	char := &btf.Int{Name: "char", Size: 1, Encoding: btf.Char}
	u8 := &btf.Int{Name: "bool", Size: 1, Encoding: btf.Bool}
	i32 := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	u32 := &btf.Int{Name: "unsigned int", Size: 4}
	atomic := &btf.Typedef{Name: "atomic_t", Type: &btf.Struct{Size: 4, Members: []btf.Member{{Name: "counter", Type: i32}}}}
	state := &btf.Enum{Name: "rproc_state", Size: 4, Values: []btf.EnumValue{{Name: "RPROC_OFFLINE"}}}
	work := &btf.Struct{Name: "work_struct", Size: 32, Members: []btf.Member{{Name: "data", Type: u32}, {Name: "func", Type: &btf.Pointer{Target: &btf.Void{}}, Offset: 64}}}
	rproc := &btf.Struct{Name: "rproc", Size: 256}
	at := func(name string, t btf.Type, bytes uint32) {
		rproc.Members = append(rproc.Members, btf.Member{Name: name, Type: t, Offset: btf.Bits(bytes * 8)})
	}
	at("node", work, 0)
	at("name", &btf.Pointer{Target: &btf.Const{Type: char}}, 40)
	at("power", atomic, 64)
	at("state", &btf.Typedef{Name: "state_t", Type: state}, 72)
	at("crash_handler", work, 128)
	at("deleting", u8, 200)
	rproc.Members = append(rproc.Members, btf.Member{Name: "recovery_disabled", Type: u32, Offset: 204 * 8, BitfieldSize: 1})
	fn := func(name string, params ...btf.FuncParam) btf.Type {
		return &btf.Func{Name: name, Linkage: btf.StaticFunc, Type: &btf.FuncProto{Return: i32, Params: params}}
	}
	subject := btf.FuncParam{Name: "r", Type: &btf.Pointer{Target: rproc}}
	return []btf.Type{
		rproc, fn("rproc_boot", subject), fn("rproc_report_crash", subject, btf.FuncParam{Name: "type", Type: u32}),
		fn("rproc_crash_handler_work", btf.FuncParam{Name: "work", Type: &btf.Pointer{Target: work}}),
		fn("rproc_shutdown", btf.FuncParam{Name: "flags", Type: u32}, subject), // moved, as a vendor might
		fn("recovery_store", btf.FuncParam{Name: "dev", Type: &btf.Pointer{Target: &btf.Struct{Name: "device", Size: 64}}}),
		fn("rproc_auto_boot_callback", btf.FuncParam{Name: "context", Type: &btf.Pointer{Target: &btf.Void{}}}),
	}
}

func marshal(t *testing.T, types []btf.Type) []byte {
	t.Helper()
	b, err := btf.NewBuilder(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: binary.LittleEndian})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func layout(t *testing.T, p *probes.Plan) *probes.Layout {
	t.Helper()
	l, err := p.FromBTF(bytes.NewReader(marshal(t, kernelTypes())), "vmlinux")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLayout(t *testing.T) {
	l := layout(t, probes.New(spectest.Shipped(t, "remoteproc")))
	members := map[string]probes.Member{
		"node": {}, "name": {Offset: 40, Type: "string"}, "power": {Offset: 64, Type: "s32", Path: ".counter"},
		"state": {Offset: 72, Type: "u32"}, "crash_handler": {Offset: 128}, "deleting": {Offset: 200, Type: "u8"},
	}
	if diff := cmp.Diff(members, l.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	args := map[string]probes.Args{
		"rproc_boot": {Subject: 1, Name: "r"}, "rproc_report_crash": {Subject: 1, Name: "r"}, "rproc_crash_handler_work": {Work: 1},
		"rproc_shutdown": {Subject: 2, Name: "r"}, "rproc_auto_boot_callback": {}, "recovery_store": {Device: 1},
	}
	if diff := cmp.Diff(args, l.Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestNoLayout(t *testing.T) {
	p := probes.New(spectest.Shipped(t, "remoteproc"))
	for _, raw := range []string{"", "hello", "\x9f\xeb\x01\x00", strings.Repeat("\x00", 200), "\x7fELF\x02\x01\x01"} {
		if _, err := p.FromBTF(strings.NewReader(raw), "f"); err == nil || !strings.Contains(err.Error(), "f holds no BTF") {
			t.Errorf("%q: %v", raw, err)
		}
	}
	_, err := p.FromBTF(bytes.NewReader(marshal(t, []btf.Type{&btf.Int{Name: "int", Size: 4}})), "f")
	if !errors.Is(err, probes.ErrNoStruct) || !strings.Contains(err.Error(), "struct rproc") {
		t.Error(err)
	}
}

// FuzzBTF damages the BTF: an error, or a layout that recipes can be written from.
func FuzzBTF(f *testing.F) {
	b, err := btf.NewBuilder(kernelTypes(), nil)
	if err != nil {
		f.Fatal(err)
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: binary.LittleEndian})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	m := spectest.Shipped(f, "remoteproc")
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := probes.New(m)
		l, err := p.FromBTF(bytes.NewReader(raw), "f")
		if err != nil {
			return
		}
		for _, tool := range probes.Tools() {
			if err := p.Write(&bytes.Buffer{}, tool, probes.Options{Layout: l}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
