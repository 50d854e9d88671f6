package frame

import "strings"

// Columns sets rows of cells in columns, two blanks apart. A row with fewer cells than the first does not widen the
// column that its last cell stands in: that cell runs on over the others.
func Columns(rows [][]string) []string {
	var width []int
	for i, row := range rows {
		for j, cell := range row {
			if i == 0 {
				width = append(width, 0)
			}
			if j < len(width) && (j < len(row)-1 || len(row) == len(rows[0])) {
				width[j] = max(width[j], Width(Safe(cell)))
			}
		}
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		for j, cell := range row {
			cell = Safe(cell)
			b.WriteString(cell)
			if j < len(row)-1 {
				b.WriteString(strings.Repeat(" ", max(0, width[min(j, len(width)-1)]-Width(cell))+2))
			}
		}
		out[i] = strings.TrimRight(b.String(), " ")
	}
	return out
}
