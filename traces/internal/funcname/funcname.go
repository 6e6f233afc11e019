// Package funcname knows how the names of kernel functions are printed.
package funcname

// MaxEntry is the largest offset at which a probe still means the entry of its function: fprobe
// and ftrace-based kprobes sit behind the landing pad of the architecture.
const MaxEntry = 16

// Base drops what is no part of a function's name: its offset, and the suffixes of the parts and
// clones that compilers make (.cold, .constprop.0, .isra.0, .part.0, .llvm.123, .cfi_jt). Nothing is
// left of a name of dots and signs only.
func Base[T string | []byte](name T) T {
	if len(name) > 0 && name[0] == '.' { // powerpc64 ELFv1 entry
		name = name[1:]
	}
	for i := range len(name) {
		if name[i] == '+' || name[i] == '.' {
			return name[:i]
		}
	}
	return name
}
