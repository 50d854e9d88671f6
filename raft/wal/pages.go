package wal

// pageWriter counts what etcd's writer of the same name would have given to the file so far. Ours gives a whole Save at
// once; but etcd asks how far the file has come when it decides where a segment ends, and its writer holds back 128 KiB
// until it is flushed.
type pageWriter struct {
	written  int64 // bytes that the file has
	buffered int64
}

const (
	pageBytes  = 8 * sectorBytes
	bufferMost = 128 << 10
)

// frame counts a frame of n bytes: etcd writes its length field and its record apart.
func (w *pageWriter) frame(n int64) {
	w.write(lengthBytes)
	w.write(n - lengthBytes)
}

// write fills the buffer, or the page that it ends in and then whole pages past it; the rest is buffered again.
func (w *pageWriter) write(n int64) {
	if w.buffered+n <= bufferMost {
		w.buffered += n
		return
	}
	slack := (pageBytes - (w.written+w.buffered)%pageBytes) % pageBytes
	if slack > n {
		w.buffered += n
		return
	}
	n -= slack
	w.flush(slack)
	if n > pageBytes {
		w.written += n / pageBytes * pageBytes
		n %= pageBytes
	}
	w.buffered = n
}

// flush gives the file what is buffered and n more bytes.
func (w *pageWriter) flush(n int64) {
	w.written += w.buffered + n
	w.buffered = 0
}
