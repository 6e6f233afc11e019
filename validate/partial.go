package validate

import "fmt"

// incomplete takes back what was concluded, if the records turn out to be a part of the trace only: an
// absence proves nothing then, and neither does an order.
func (v *Validator) incomplete(res *Result) {
	why := v.opt.Partial
	if why == "" && v.torn != nil {
		why = fmt.Sprintf("%s; they were found so late that what came after line %d had been judged", v.torn.Reason, v.torn.Line)
	}
	if why == "" {
		return
	}
	res.Verdict, res.Reasons, res.Kernels = Inconclusive, []string{why}, []string{}
	for _, f := range res.Features {
		if !f.Given {
			*f = FeatureResult{Value: "open"}
		}
	}
	for _, k := range v.m.Info.Kernels {
		if v.givenBy(k) {
			res.Kernels = append(res.Kernels, k.Name)
		}
	}
	for _, s := range res.Subjects {
		s.Verdict, s.Reasons, s.Findings, s.Notes = Inconclusive, []string{why}, []*Finding{}, []string{}
		s.Story = nil
		for name := range s.Final {
			s.Final[name] = "unknown"
		}
	}
}
