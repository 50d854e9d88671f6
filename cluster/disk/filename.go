package disk

import "strings"

// ShortName writes the two numbers in the name of a segment or a snapshot without their zeros: 1-5.wal. Every other
// name stays as it is.
func ShortName(name string) string {
	const digits = 16
	if len(name) <= 2*digits+1 || name[digits] != '-' {
		return name
	}
	return trimZeros(name[:digits]) + "-" + trimZeros(name[digits+1:2*digits+1]) + name[2*digits+1:]
}

// trimZeros leaves the last digit of a number that is zero.
func trimZeros(n string) string {
	if n = strings.TrimLeft(n, "0"); n == "" {
		return "0"
	}
	return n
}
