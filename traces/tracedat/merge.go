package tracedat

// merge gives the items of all streams by time. Of equal times the stream of lower rank comes first, as
// trace-cmd prints them: buffers in the order of the file, and CPUs in theirs. What one stream gives stays
// in its order, whatever its times.
type merge []*stream

// push adds a stream whose cur is set, unless that is its end.
func (m *merge) push(s *stream) {
	if s.cur.what == atEnd {
		return
	}
	*m = append(*m, s)
	for i := len(*m) - 1; i > 0; {
		up := (i - 1) / 2
		if !(*m)[i].before((*m)[up]) {
			return
		}
		(*m)[i], (*m)[up] = (*m)[up], (*m)[i]
		i = up
	}
}

// advance moves the first stream on and puts it where it belongs then.
func (m *merge) advance() error {
	s := (*m)[0]
	if err := s.advance(); err != nil {
		return err
	}
	if s.cur.what == atEnd {
		last := len(*m) - 1
		(*m)[0] = (*m)[last]
		*m = (*m)[:last]
	}
	m.sink()
	return nil
}

// sink moves the first stream down to its place.
func (m *merge) sink() {
	h := *m
	for i := 0; ; {
		least := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(h) && h[child].before(h[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

func (s *stream) before(o *stream) bool {
	if s.cur.stamp != o.cur.stamp {
		return s.cur.stamp < o.cur.stamp
	}
	return s.rank < o.rank
}
