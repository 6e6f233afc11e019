package spectest

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Tool finds a program that some tests need, in PATH or where .ci/run installs what npm serves. A test that
// lacks it is skipped.
func Tool(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	_, file, _, _ := runtime.Caller(0)
	path, err := exec.LookPath(filepath.Join(filepath.Dir(file), "..", "..", ".ci", "npm", "node_modules", ".bin", name))
	if err != nil {
		t.Skipf("%s is not installed; .ci/run installs it", name)
	}
	return path
}
