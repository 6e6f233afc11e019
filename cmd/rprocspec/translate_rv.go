package main

import "github.com/rprocspec/rprocspec/lang/translate/rv"

// writeRV writes a monitor for the kernel, and what has to be written by hand.
func writeRV(t *translation) ([]textFile, error) {
	all, err := rv.Monitors(t.machine, t.kernel)
	if err != nil {
		return nil, err
	}
	var files []textFile
	for _, m := range all {
		files = append(files, textFile{m.Name + ".dot", m.DOT}, textFile{m.Name + ".txt", m.Glue})
	}
	return files, nil
}
