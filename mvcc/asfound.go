package mvcc

import (
	"bytes"
	"errors"
	"io"
)

// AsFound makes a backend over the content of a db file that nobody vouches for. A damaged one is kept as it is and
// found out at its first use: whoever starts on it gets ErrDamaged.
func AsFound(dir string, data []byte) (*Backend, error) {
	b, damage := OpenBytes(dir, data)
	if damage == nil {
		return b, nil
	}
	b, err := NewBackend(dir)
	if err != nil {
		return nil, errors.Join(damage, err)
	}
	if b.image, b.fresh, err = readImage(bytes.NewReader(data), int64(len(data)), nil); err != nil {
		return nil, err
	}
	b.image.damage = damage
	return b, nil
}

// WriteAsFound writes the file as it lies on the disk, also one that nobody may open.
func (b *Backend) WriteAsFound(w io.Writer) (int64, error) {
	err := b.materialise()
	if err != nil && !b.closed && b.image != nil {
		return b.image.WriteTo(w)
	}
	if err != nil {
		return 0, err
	}
	return b.WriteTo(w)
}
