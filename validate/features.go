package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// knownFeature is a feature's value and where it was decided.
type knownFeature struct {
	val   machine.Val
	line  int
	by    *subject
	given bool
	sure  bool // a line proves it by itself, whatever came before
}

// fix closes the features that the spec, a kernel profile or the user gives.
func (v *Validator) fix() error {
	for o, val := range v.m.Info.Fixed {
		v.setFeature(v.m.Global(o.Name), machine.Val(val))
	}
	if v.opt.Kernel != "" {
		var names []string
		found := false
		for _, k := range v.m.Info.Kernels {
			names = append(names, k.Name)
			if k.Name != v.opt.Kernel {
				continue
			}
			found = true
			for o, val := range k.Values {
				v.setFeature(v.m.Global(o.Name), machine.Val(val))
			}
		}
		if !found {
			return fmt.Errorf("%s has no kernel profile %q%s; it has %s", v.m.Info.Name, v.opt.Kernel, profileHint(v.opt.Kernel, names), strings.Join(names, ", "))
		}
	}
	for _, name := range sortedKeys(v.opt.Features) {
		if err := v.fixByName(name, v.opt.Features[name]); err != nil {
			return err
		}
	}
	return nil
}

func (v *Validator) fixByName(name, text string) error {
	g := v.m.Global(name)
	if g < 0 || v.m.Globals[g].Kind > machine.DeviceGlobal {
		var names []string
		for _, gl := range v.m.Globals {
			if gl.Kind <= machine.DeviceGlobal {
				names = append(names, gl.Object.Name)
			}
		}
		return fmt.Errorf("%s has no feature %q%s; it has %s", v.m.Info.Name, name, hint(name, names), strings.Join(names, ", "))
	}
	t := v.m.Globals[g].Object.Type
	if fixed, ok := v.m.Info.Fixed[v.m.Globals[g].Object]; ok && fmt.Sprint(plainType(t, machine.Val(fixed))) != text {
		return fmt.Errorf("feature %s=%s: %s fixes it as %v", name, text, v.m.Info.Name, plainType(t, machine.Val(fixed)))
	}
	for _, val := range v.m.Domain(machine.Loc(g), nil, nil) {
		if fmt.Sprint(plainType(t, val)) == text {
			v.setFeature(g, val)
			return nil
		}
	}
	var values []string
	for _, val := range v.m.Domain(machine.Loc(g), nil, nil) {
		values = append(values, fmt.Sprint(plainType(t, val)))
	}
	return fmt.Errorf("feature %s=%s: not a value of it%s; give %s", name, text, hint(text, values), strings.Join(values, " or "))
}

// profileHint suggests a profile; a version such as 6.0 is written v6_0.
func profileHint(name string, names []string) string {
	if as := "v" + strings.ReplaceAll(strings.TrimPrefix(name, "v"), ".", "_"); as != name && slices.Contains(names, as) {
		return fmt.Sprintf(" (did you mean %q?)", as)
	}
	return hint(name, names)
}

func (v *Validator) setFeature(g int, val machine.Val) {
	v.fixed[g] = val
	if v.m.Globals[g].Kind == machine.FeatureGlobal {
		v.known[g] = knownFeature{val: val, given: true}
	}
}

// given is the value of a feature or device constant where it was given or decided, else Open.
func (v *Validator) given(g int) machine.Val {
	if k, ok := v.known[g]; ok {
		return k.val
	}
	if val, ok := v.fixed[g]; ok {
		return val
	}
	return machine.Open
}

// decide closes a feature that one subject has shown, for all of them.
func (v *Validator) decide(g int, val machine.Val, r *rec, by *subject) {
	v.known[g] = knownFeature{val: val, line: r.Line, by: by}
	for _, x := range v.subjects {
		if x != by {
			x.filter(g, val, r, by)
		}
	}
}

// features reports what was given and what the trace has shown.
func (v *Validator) features(res *Result) {
	for _, o := range v.m.Info.Features {
		g := v.m.Global(o.Name)
		k, ok := v.known[g]
		if !ok {
			res.Features[o.Name] = &FeatureResult{Value: "open"}
			continue
		}
		f := &FeatureResult{Value: plainType(o.Type, k.val), Line: k.line, Given: k.given}
		if k.by != nil {
			f.Subject = k.by.id.names()[0]
		}
		res.Features[o.Name] = f
	}
	for _, k := range v.m.Info.Kernels {
		if v.agrees(k) {
			res.Kernels = append(res.Kernels, k.Name)
		}
	}
}

func (v *Validator) agrees(k *check.KernelProfile) bool {
	for o, val := range k.Values {
		if known, ok := v.known[v.m.Global(o.Name)]; ok && known.val != machine.Val(val) {
			return false
		}
	}
	for _, x := range v.subjects {
		if !x.allows(k) {
			return false
		}
	}
	return true
}

// givenBy tells whether a profile has the features that were given from outside.
func (v *Validator) givenBy(k *check.KernelProfile) bool {
	for o, val := range k.Values {
		if known, ok := v.known[v.m.Global(o.Name)]; ok && known.given && known.val != machine.Val(val) {
			return false
		}
	}
	return true
}

// allows tells whether some explanation has the features of a profile.
func (x *subject) allows(k *check.KernelProfile) bool {
	for _, e := range x.cur.list {
		fits := true
		for o, val := range k.Values {
			s := e.s[x.m.Global(o.Name)]
			fits = fits && (s == machine.Open || s == machine.Val(val))
		}
		if fits {
			return true
		}
	}
	return len(x.cur.list) == 0
}
