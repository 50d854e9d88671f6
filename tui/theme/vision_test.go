package theme

import (
	"math"

	"etcdscope/tui/frame"
)

// linear is a colour as amounts of light, red, green and blue, 0 to 1.
type linear [3]float64

// decode returns the light of a 24-bit colour.
func decode(hex uint32) linear {
	var out linear
	for i := range out {
		c := float64(hex>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			out[i] = c / 12.92
		} else {
			out[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return out
}

// ratio returns the WCAG 2 contrast of two colours, 1 to 21.
func ratio(a, b uint32) float64 {
	luminance := func(hex uint32) float64 {
		c := decode(hex)
		return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// eyes are normal vision and full protanopia, deuteranopia and tritanopia as linear maps (Machado et al. 2009).
var eyes = [][3]linear{
	{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// apply returns m times v, cut to what a screen can show.
func apply(m [3]linear, v linear) linear {
	var out linear
	for i, row := range m {
		out[i] = min(1, max(0, row[0]*v[0]+row[1]*v[1]+row[2]*v[2]))
	}
	return out
}

// lab returns the CIE L*a*b* coordinates of a colour under D65.
func lab(v linear) linear {
	xyz := [3]linear{
		{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041},
	}
	white := linear{0.95047, 1, 1.08883}
	var f linear
	for i, row := range xyz {
		t := (row[0]*v[0] + row[1]*v[1] + row[2]*v[2]) / white[i]
		if t > 216.0/24389 {
			f[i] = math.Cbrt(t)
		} else {
			f[i] = (24389.0/27*t + 16) / 116
		}
	}
	return linear{116*f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])}
}

// apart returns how far two colours are apart (CIE76 deltaE) for the eyes that see the least difference.
func apart(a, b uint32) float64 {
	least := math.Inf(1)
	for _, eye := range eyes {
		p, q := lab(apply(eye, decode(a))), lab(apply(eye, decode(b)))
		least = min(least, math.Sqrt((p[0]-q[0])*(p[0]-q[0])+(p[1]-q[1])*(p[1]-q[1])+(p[2]-q[2])*(p[2]-q[2])))
	}
	return least
}

// hue returns the hue in degrees, -180 to 180 with red at 0, and the HSL saturation, 0 to 1.
func hue(hex uint32) (degrees, saturation float64) {
	r, g, b := float64(hex>>16&0xff)/255, float64(hex>>8&0xff)/255, float64(hex&0xff)/255
	top, low := max(r, g, b), min(r, g, b)
	if top == low {
		return 0, 0
	}
	degrees = math.Atan2(math.Sqrt(3)*(g-b), 2*r-g-b) * 180 / math.Pi
	return degrees, (top - low) / (1 - math.Abs(top+low-1))
}

// Two terminals' ideas of the 16 colours: xterm's and the VGA card's.
var (
	xterm16 = [16]uint32{
		0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
		0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
	}
	vga16 = [16]uint32{
		0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA,
		0x555555, 0xFF5555, 0x55FF55, 0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
	}
)

// resolve returns the colour that a terminal shows for c, base being its default.
func resolve(c frame.Color, base uint32, palette *[16]uint32) uint32 {
	if hex, ok := c.RGB(); ok {
		return hex
	}
	n, ok := c.Index()
	switch {
	case !ok:
		return base
	case n < 16:
		return palette[n]
	case n < 232:
		level := func(v uint8) uint32 {
			if v == 0 {
				return 0
			}
			return uint32(v)*40 + 55
		}
		n -= 16
		return level(n/36)<<16 | level(n/6%6)<<8 | level(n%6)
	}
	return (uint32(n-232)*10 + 8) * 0x010101
}
