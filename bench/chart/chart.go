// Package chart draws what a table shows, as SVG.
package chart

import (
	"errors"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/plugingen/plugingen/bench/table"
)

// Write draws the table's chart into a file of the directory.
func Write(t table.Table, dir string) error {
	if t.Chart == nil || len(t.Chart.Series) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text = t.Title
	p.Title.Padding = vg.Points(8)
	draw := bars
	if len(t.Chart.X) > 0 {
		draw = curves
	}
	height, err := draw(p, t.Chart)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return p.Save(8*vg.Inch, height, filepath.Join(dir, t.Name+".svg"))
}

// Prune removes charts that a document no longer shows.
func Prune(dir, document string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	charts, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	for _, name := range charts {
		if !strings.Contains(string(text), filepath.ToSlash(name)) {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

var (
	ours   = color.RGBA{0x00, 0x7d, 0x9c, 0xff}
	others = color.RGBA{0xa8, 0xb3, 0xb8, 0xff}
	lines  = []color.Color{ours, others, color.RGBA{0xce, 0x32, 0x62, 0xff}, color.RGBA{0x55, 0x55, 0x55, 0xff}}
)

// bars draws a bar for each series, on a scale from zero, or a logarithmic one if the
// longest would hide the others.
func bars(p *plot.Plot, c *table.Chart) (vg.Length, error) {
	n := len(c.Series)
	names := make([]string, n)
	least, most := math.Inf(1), 0.0
	for i, s := range c.Series {
		names[n-1-i] = s.Name // the axis begins below
		least, most = min(least, s.Y[0]), max(most, s.Y[0])
	}
	p.X.Label.Text = c.Unit
	p.X.Min = 0
	if most > 30*least && least > 0 {
		p.X.Label.Text += ", logarithmic"
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
		p.X.Min = math.Pow(10, math.Floor(math.Log10(least)-0.3))
	}
	for i, s := range c.Series {
		bar, err := plotter.NewPolygon(rectangle(p.X.Min, s.Y[0], float64(n-1-i)))
		if err != nil {
			return 0, err
		}
		bar.LineStyle.Width = 0
		bar.Color = others
		if strings.HasPrefix(s.Name, "plugingen") || strings.HasPrefix(s.Name, "pluginvet") {
			bar.Color = ours
		}
		p.Add(bar)
	}
	p.X.Max = most * 1.05
	p.NominalY(names...)
	return vg.Points(float64(80 + 24*n)), nil
}

func rectangle(from, to, at float64) plotter.XYs {
	return plotter.XYs{{X: from, Y: at - 0.35}, {X: to, Y: at - 0.35}, {X: to, Y: at + 0.35}, {X: from, Y: at + 0.35}}
}

// curves draws a curve for each series, on logarithmic scales: what is linear is
// straight, and as steep as all else that is.
func curves(p *plot.Plot, c *table.Chart) (vg.Length, error) {
	p.X.Label.Text, p.Y.Label.Text = c.XLabel, c.Unit
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	for i, s := range c.Series {
		var points plotter.XYs
		for k, y := range s.Y {
			points = append(points, plotter.XY{X: c.X[k], Y: y})
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return 0, err
		}
		line.Color, dots.Color = lines[i%len(lines)], lines[i%len(lines)]
		line.Width = vg.Points(2)
		p.Add(line, dots)
		p.Legend.Add(s.Name, line)
	}
	return 4 * vg.Inch, nil
}
