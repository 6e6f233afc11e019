package open

import (
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/custom"
)

// Custom is Reader for a file whose format the user describes.
func Custom(r io.Reader, name string, format *custom.Format, opt traces.Options) (traces.Reader, error) {
	r, err := unpack(r, name)
	if err != nil {
		return nil, err
	}
	return custom.New(r, name, format, opt), nil
}
