package validate

// Keep makes v forget threads and names beyond n.
func (v *Validator) Keep(n int) { v.memory = n }

// Kept counts what a validator remembers that could grow with a trace.
func (v *Validator) Kept() int {
	n := len(v.ctxs) + len(v.ctxIndex) + len(v.idents) + len(v.spans) + len(v.joins) + len(v.window) + len(v.notes) + len(v.told)
	for _, x := range v.subjects {
		n += len(x.past) + len(x.log) + len(x.history) + len(x.findings) + len(x.notes) + len(x.seenCtx) + len(x.lastFn) + len(x.cons) + len(x.cur.list)
	}
	return n
}
