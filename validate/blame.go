package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// maxBlame bounds the records that are gone through again to find out which feature a refusal hangs on.
const maxBlame = 300

// blame names the features that were given from outside and without which r, which is refused, would be
// possible: most likely it is another kernel than the user said.
func (x *subject) blame() string {
	given := x.v.givenFeatures()
	if len(given) == 0 || x.log == nil || len(x.log) > maxBlame || x.tier == unknown {
		return ""
	}
	known, fixed := x.v.known, x.v.fixed
	x.v.known, x.v.fixed = map[int]knownFeature{}, maps.Clone(fixed)
	for _, g := range given {
		delete(x.v.fixed, g)
	}
	all := x.replayed()
	x.v.known, x.v.fixed = known, fixed
	var ways []string
	least := len(given) + 1
	for _, e := range all {
		var other []string
		for _, g := range given {
			if v := e.s[g]; v != machine.Open && v != known[g].val {
				other = append(other, fmt.Sprintf("%s = %s", x.m.Globals[g].Name(), x.show(g, v)))
			}
		}
		if len(other) > 0 && len(other) < least {
			least, ways = len(other), nil
		}
		if w := strings.Join(other, " and "); len(other) == least && !slices.Contains(ways, w) {
			ways = append(ways, w)
		}
	}
	const most = 3
	slices.Sort(ways)
	return strings.Join(ways[:min(most, len(ways))], ", or with ")
}

// excluder names the flag that fixes features.
func (v *Validator) excluder() string {
	if v.opt.Kernel != "" {
		return "--kernel " + v.opt.Kernel
	}
	return "--feature"
}

// givenFeatures lists the features that a flag fixes.
func (v *Validator) givenFeatures() []int {
	var gs []int
	for _, g := range slices.Sorted(maps.Keys(v.known)) {
		if _, inSpec := v.m.Info.Fixed[v.m.Globals[g].Object]; v.known[g].given && !inSpec {
			gs = append(gs, g)
		}
	}
	return gs
}

// replayed explains all records of the subject once more, from what is known now, and gives what explains
// the last of them.
func (x *subject) replayed() []*exp {
	y := &subject{v: x.v, m: x.m, id: x.id, seenCtx: map[int]bool{}}
	y.cur = y.start(x.tier)
	for _, r := range x.log {
		y.line = r.Line
		y.cur = y.matchSet(y.closure(y.cur, true), r, false)
		if y.cur.empty() || y.overflow {
			return nil
		}
		y.seenCtx[r.ctx] = true
	}
	return y.cur.list
}
