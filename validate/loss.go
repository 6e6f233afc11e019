package validate

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// explainLost takes a loss: what was open is not known any more.
func (v *Validator) explainLost(r *rec) {
	switch {
	case r.hole:
		v.hole = r
	case strings.Contains(r.Reason, "printk"):
		v.kinds.droppedLogs()
	case r.losesEvents():
		v.lost = r
		v.lose(r)
	}
}

// losesEvents tells of a loss whether it may be one of other records than lines of a kernel log.
func (r *rec) losesEvents() bool {
	return r.Source != traces.KernelLog && !strings.Contains(r.Reason, "printk")
}

func (v *Validator) lose(r *rec) {
	for _, x := range v.subjects {
		if !x.over() {
			x.tellLoss(r)
		}
	}
	v.forget(r)
}

// forget makes what is open unknown for all subjects.
func (v *Validator) forget(r *rec) {
	for _, x := range v.subjects {
		if !x.over() {
			x.flush()
			x.process(r, false)
		}
	}
}

// loss says what a Lost record tells.
func (r *rec) loss() string {
	switch {
	case r.hole:
		return r.Reason + "; they were dropped without a word, as with options/overwrite at 0, or filtered (--probes edges=on says that none of the processors' own is missing)"
	case r.said:
		return r.Reason
	case r.begins:
		return fmt.Sprintf("another trace begins at line %d: %s", r.Line, r.Reason)
	case strings.HasPrefix(r.Reason, "time goes back"):
		return fmt.Sprintf("%s at line %d", r.Reason, r.Line)
	}
	return fmt.Sprintf("records were lost at line %d", r.Line)
}
