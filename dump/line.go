package dump

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"etcdscope/tui/frame"
)

// shownMost is how many bytes of a key or a value are shown; --raw and JSON have all of them.
const shownMost = 64

// quote shows bytes as somebody would type them: as they are where that is unmistakable, else with quotes and escapes.
func quote(b []byte) string {
	more := ""
	if len(b) > shownMost {
		more = fmt.Sprintf("…(%d bytes)", len(b))
		b = b[:shownMost]
	}
	if plain(b) {
		return string(b) + more
	}
	return strconv.Quote(string(b)) + more
}

func plain(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c > '~' || strings.IndexByte("\"'`\\|&;<>()$*?[]#{}=,", c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}

// safe makes text harmless that may hold anything.
func safe(text string) string { return frame.Safe(text) }

// hexLines shows bytes below a line.
func hexLines(b []byte) string {
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(hex.Dump(b), "\n"), "\n") {
		out.WriteString("          | " + line + "\n")
	}
	return out.String()
}

// id writes a member or a lease as etcd does.
func id[T ~uint64 | ~int64](n T) string { return strconv.FormatUint(uint64(n), 16) }

func ids[T ~uint64](all []T) string {
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = id(n)
	}
	return strings.Join(out, " ")
}

// asciiJSON escapes what is not ASCII in JSON: a terminal must not see it, and every reader of JSON takes it back.
func asciiJSON(b []byte) []byte {
	var out []byte
	for _, r := range string(b) {
		switch {
		case r >= ' ' && r <= '~':
			out = append(out, byte(r))
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// notBytes shows bytes that are not what should stand there.
func notBytes(what string, b []byte) string { return "not " + what + ": " + quote(b) }
