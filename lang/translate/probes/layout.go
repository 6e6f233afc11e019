package probes

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// Layout says where a kernel keeps what probes print. The zero value knows nothing but what is the same in
// every kernel.
type Layout struct {
	Source  string            // such as "BTF of /sys/kernel/btf/vmlinux", "" for none
	Members map[string]Member // of the subject's struct, by name
	Args    map[string]Args   // of functions, by name
}

// Member is a member of a struct.
type Member struct {
	Offset int
	Type   string // as probe events want it: string, u32, s32, …; "" for other structs
	Path   string // behind the member's name, down to the number, such as ".counter"
}

// Args says what a function takes.
type Args struct {
	Subject int    // number of the argument that points to the subject's struct, counted from 1; 0: none
	Name    string // its name in the source
	Work    int    // number of the one that points to a work item; 0: none
	Device  int    // number of the one that points to the subject's struct device; 0: none
}

// ErrNoStruct says that a kernel's BTF does not describe the struct of the spec's subject.
var ErrNoStruct = errors.New("no such struct in the BTF")

// FromBTF reads the layout of a kernel from its BTF: raw, as /sys/kernel/btf/vmlinux has it, or in an ELF
// file. name is the file's, for messages.
func (p *Plan) FromBTF(r io.ReaderAt, name string) (*Layout, error) {
	spec, err := btf.LoadSpecFromReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s holds no BTF: %w; give /sys/kernel/btf/vmlinux of the device, or its vmlinux with debug information", name, err)
	}
	var st *btf.Struct
	if err := spec.TypeByName(p.Subject, &st); err != nil {
		return nil, fmt.Errorf("%s: struct %s: %w (is the driver a module, or not built in?)", name, p.Subject, ErrNoStruct)
	}
	l := &Layout{Source: "BTF of " + name, Members: map[string]Member{}, Args: map[string]Args{}}
	for _, m := range st.Members {
		if m.BitfieldSize == 0 && m.Offset%8 == 0 {
			l.Members[m.Name] = member(m)
		}
	}
	for _, f := range p.Functions {
		var fn *btf.Func
		if spec.TypeByName(f.Name, &fn) == nil {
			l.Args[f.Name] = p.args(fn)
		}
	}
	return l, nil
}

// member says how a probe prints a member of a struct.
func member(m btf.Member) Member {
	out := Member{Offset: int(m.Offset.Bytes())}
	t := btf.UnderlyingType(m.Type)
	for range 4 { // atomic_t is a struct of one number, refcount_t a struct of that
		st, ok := t.(*btf.Struct)
		if !ok || len(st.Members) != 1 || st.Members[0].Offset != 0 {
			break
		}
		out.Path += "." + st.Members[0].Name
		t = btf.UnderlyingType(st.Members[0].Type)
	}
	if out.Type = printed(t); out.Type == "" {
		out.Path = ""
	}
	return out
}

// printed gives the type that a probe event prints a C type by, "" if it cannot.
func printed(t btf.Type) string {
	switch t := t.(type) {
	case *btf.Int:
		sign := "s"
		if t.Encoding != btf.Signed {
			sign = "u"
		}
		if t.Size <= 8 {
			return fmt.Sprint(sign, t.Size*8)
		}
	case *btf.Enum:
		if t.Size <= 8 {
			return fmt.Sprint("u", t.Size*8)
		}
	case *btf.Pointer:
		if i, ok := btf.UnderlyingType(t.Target).(*btf.Int); ok && i.Size == 1 {
			return "string"
		}
	}
	return ""
}

// args finds the subject and the work item among the arguments of a function.
func (p *Plan) args(fn *btf.Func) Args {
	var a Args
	proto, ok := fn.Type.(*btf.FuncProto)
	if !ok {
		return a
	}
	for i, param := range proto.Params {
		switch pointsTo(param.Type) {
		case p.Subject:
			if a.Subject == 0 {
				a.Subject, a.Name = i+1, param.Name
			}
		case "device":
			if a.Device == 0 {
				a.Device = i + 1
			}
		case "work_struct":
			if a.Work == 0 {
				a.Work = i + 1
			}
		}
	}
	return a
}

// pointsTo gives the name of the struct that a pointer points to.
func pointsTo(t btf.Type) string {
	ptr, ok := btf.UnderlyingType(t).(*btf.Pointer)
	if !ok {
		return ""
	}
	if st, ok := btf.UnderlyingType(ptr.Target).(*btf.Struct); ok {
		return strings.TrimSpace(st.Name)
	}
	return ""
}
