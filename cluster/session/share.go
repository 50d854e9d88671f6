package session

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"unicode"
)

// sharePrefix begins every share code; its number is the version of the frame.
const sharePrefix = "es1-"

// shareWords is what nearly every recording contains: codes get much shorter when both sides know it.
const shareWords = `spread align campaign leader --via --tag --prefix --serializable watch delete get put key value ` +
	`hold n1->n2 release drop delay partition n1,n2 / n3,n4,n5 isolate heal cut n1 n2 timer pause resume ` +
	`restart n1 restart n2 restart n3 poweroff n1 crash n1 crash n2 crash n3 put x 1 put x 2 ` +
	`"off":["checkquorum","noop","prevote"] "profile":"etcd" ` +
	"etcdscope session 1\nengine 1\nconfig {\"seed\":1,\"nodes\":5,\"profile\":\"paper\"}\nbranch \"A\"\nend "

// A code is the prefix and, in base64url, a frame: length of the rest (4 bytes), CRC-32 of the deflated text
// (4 bytes), the deflated text. The text is a save file with one branch that ends at the present.

// ShareCode is the present moment of the current branch as one line of printable ASCII. What Open would refuse is not
// made: it holds the files that the cluster began with, too.
func (s *Session) ShareCode() (string, error) {
	text := s.moments()
	if len(text) > codeLimits.bytes {
		return "", fmt.Errorf("the session has %d bytes, and a share code holds %d: keep it with `save FILE`",
			len(text), codeLimits.bytes)
	}
	return pack(text), nil
}

// pack puts a text into the frame of a code.
func pack(text string) string {
	var deflated bytes.Buffer
	w, err := flate.NewWriterDict(&deflated, flate.BestCompression, []byte(shareWords))
	if err == nil {
		_, err = io.WriteString(w, text)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		panic(fmt.Sprintf("a buffer takes everything: %v", err))
	}
	frame := binary.BigEndian.AppendUint32(nil, uint32(deflated.Len())+4)
	frame = binary.BigEndian.AppendUint32(frame, crc32.ChecksumIEEE(deflated.Bytes()))
	return sharePrefix + base64.RawURLEncoding.EncodeToString(append(frame, deflated.Bytes()...))
}

// moments writes the line of history that leads to the present as a recording of its own.
func (s *Session) moments() string {
	var b strings.Builder
	s.writeHead(&b, "")
	flat := &branch{name: "A", plan: &plan{end: s.pos, at: s.timeOf(s.pos)}}
	flat.plan.commands = s.cur.line(s.pos)
	s.writeBranch(&b, flat, s.pos)
	fmt.Fprintf(&b, "at %q %d %016x\n", flat.name, s.pos, s.live.EventHash())
	var out strings.Builder
	_ = s.writeSum(&out, b.String()) // a Builder takes everything
	return out.String()
}

// line lists the commands of b's whole line up to event id.
func (b *branch) line(id uint64) []given {
	var before []given
	if b.parent != nil {
		before = b.parent.line(min(id, b.forkAt))
	}
	return append(before, b.journal(id)...)
}

// Open restores a moment from its share code. A damaged code, or one of an incompatible version, is refused in
// a sentence.
func Open(code string, o Options) (*Session, error) { return open(code, o, codeLimits) }

func open(code string, o Options, l limits) (*Session, error) {
	text, err := unpack(code, l)
	if err != nil {
		return nil, fmt.Errorf("share code: %w", err)
	}
	s, err := load("share code", text, o, l)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// unpack checks the frame of a code and returns the text inside.
func unpack(code string, l limits) (string, error) {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) { // mail and terminals break long lines
			return -1
		}
		return r
	}, code)
	body, ok := strings.CutPrefix(code, sharePrefix)
	switch {
	case len(code) > l.bytes:
		return "", fmt.Errorf("it is longer than %d characters: want a code that `share` printed", l.bytes)
	case !ok && strings.HasPrefix(code, "es") && strings.Contains(code, "-"):
		version, _, _ := strings.Cut(code, "-")
		return "", fmt.Errorf("it begins with %.8q and this version of etcdscope reads %q: it was made by another version",
			version+"-", sharePrefix)
	case !ok:
		return "", fmt.Errorf("want one that begins with %q", sharePrefix)
	}
	frame, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		if _, err := base64.RawURLEncoding.DecodeString(body[:len(body)-len(body)%4]); err == nil {
			return "", errTruncated
		}
		return "", errors.New("it holds a character that no code has: it was damaged on the way")
	}
	return inflate(frame, l)
}

var errTruncated = errors.New("its end is missing: copy the whole line")

func inflate(frame []byte, l limits) (string, error) {
	if len(frame) < 8 {
		return "", errTruncated
	}
	want := uint64(binary.BigEndian.Uint32(frame))
	switch have := uint64(len(frame) - 4); {
	case have < want:
		return "", errTruncated
	case have > want:
		return "", errors.New("something was added to its end: copy only the code")
	}
	deflated := frame[8:]
	if crc32.ChecksumIEEE(deflated) != binary.BigEndian.Uint32(frame[4:]) {
		return "", errors.New("its checksum is wrong: it was damaged on the way")
	}
	r := flate.NewReaderDict(bytes.NewReader(deflated), []byte(shareWords))
	text, err := io.ReadAll(io.LimitReader(r, int64(l.bytes)+1))
	if err != nil {
		return "", errors.New("it cannot be unpacked: it was damaged on the way")
	}
	return string(text), nil
}
