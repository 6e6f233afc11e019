package validate

import (
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/rproc"
)

// findLives collects by what records a life begins and ends.
func (v *Validator) findLives() {
	for _, p := range v.m.Procs {
		v.begins[p.Name], v.ends[p.Name] = p.Decl.Begins != nil, p.Decl.Ends != nil
	}
	elsewhere := map[string]bool{}
	for _, n := range v.m.Nodes[1:] {
		begins := n.Root.Decl.Begins != nil && !n.Nested
		for _, p := range n.Patterns {
			if begins {
				v.birthLines[p.Text] = true
			} else {
				elsewhere[p.Text] = true
			}
		}
	}
	for p := range elsewhere {
		delete(v.birthLines, p)
	}
}

// births tells whether r shows that its subject is being registered: the entry of a process with `begins`, or
// a line that only such a process prints.
func (v *Validator) births(r *rec) bool {
	switch r.Kind {
	case traces.Enter:
		return v.begins[r.fn]
	case traces.Log:
		for p := range r.hits {
			if !v.birthLines[p] {
				return false
			}
		}
		return len(r.hits) > 0 && r.Device != ""
	}
	return false
}

// removes tells whether r shows that its subject is going away: by a process with `ends`, or because the core
// prints that its last user has gone.
func (v *Validator) removes(r *rec) bool {
	switch r.Kind {
	case traces.Enter, traces.Exit:
		return v.ends[r.fn]
	case traces.Log:
		return strings.HasPrefix(r.Text, "releasing ") && releases(r)
	}
	return false
}

// releases tells whether a line of the core says that the last user of a processor has gone.
func releases(r *rec) bool {
	l, ok := rproc.Parse(r.Text)
	return ok && l.Kind == rproc.Releasing && deviceName.MatchString(r.Device)
}

// ours gives the ident of a name that records of the spec's own bear, nil if there is none.
func (v *Validator) ours(name string) *ident {
	if i := v.idents[name]; i != nil && i.root().ours {
		return i.root()
	}
	return nil
}

// register takes notice of a registration before its names are joined with what is known of them. What the
// subject before it has lost, its successor does not inherit.
func (v *Validator) register(r *rec) {
	for name, i := range v.idents {
		if i.root().gone && strings.HasPrefix(name, "work ") {
			delete(v.idents, name) // the item was freed, another one may have its address
		}
	}
	if r.Kind != traces.Log {
		return
	}
	name := ""
	for _, h := range r.hits {
		name = h.Name
	}
	v.handOver(r, name)
	v.announce(r)
}

// handOver is for a device whose name now belongs to another processor, and for a processor that has come back
// as another device: numbers go to whoever comes next.
func (v *Validator) handOver(r *rec, name string) {
	d, n := v.ours(r.Device), v.ours(name)
	if d != nil && (d == n || d.rproc == "" || d.rproc == name) {
		d.gone = false
		return
	}
	if d != nil {
		delete(v.idents, r.Device)
		r.displaces = append(r.displaces, d)
	}
	if n != nil && n.device != "" && (n.gone || v.ours(n.device) != n) {
		for name, i := range v.idents {
			if i.root() == n && name != n.device {
				delete(v.idents, name)
			}
		}
		r.displaces = append(r.displaces, n)
	}
}

// announce tells the entry of the process that prints r whose entry it was: names of processors need not be
// unique, those of devices are.
func (v *Validator) announce(r *rec) {
	stack := v.spans[r.ctx]
	if r.ctx == 0 || len(stack) == 0 || stack[len(stack)-1].birth == nil {
		return
	}
	top := stack[len(stack)-1]
	top.birth.announced = true
	top.birth.displaces, r.displaces = r.displaces, nil
	if i := top.id.root(); i.device != "" && i != v.ours(r.Device) {
		top.id = &ident{}
		top.birth.span, top.birth.own = top.id, nil
	}
}

// going notes at the names of r that their bearer is going away.
func (v *Validator) going(r *rec) {
	if !v.removes(r) {
		return
	}
	for _, i := range []*ident{r.own, r.span} {
		if i != nil {
			i.root().gone = true
		}
	}
}
