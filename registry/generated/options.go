package generated

import (
	"encoding"

	"github.com/plugingen/plugingen/registry/config"
)

type (
	Options = config.Options
	Option  = config.Option
	Section = config.Section
	Decoder = config.Decoder
)

type signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

type unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type floating interface{ ~float32 | ~float64 }

func Any(d *Decoder, p *any) { config.Any(d, p) }

func Array[T any](d *Decoder, p []T, elem func(*Decoder, *T)) { config.Array(d, p, elem) }

func Binary[T any, P interface {
	*T
	encoding.BinaryUnmarshaler
}](d *Decoder, p *T) {
	config.Binary[T, P](d, p)
}

func Bool[T ~bool](d *Decoder, p *T) { config.Bool(d, p) }

func Duration[T ~int64](d *Decoder, p *T) { config.Duration(d, p) }

func Float[T floating](d *Decoder, p *T) { config.Float(d, p) }

func Int[T signed](d *Decoder, p *T) { config.Int(d, p) }

func List[S ~[]T, T any](d *Decoder, p *S, elem func(*Decoder, *T)) { config.List(d, p, elem) }

func Map[M ~map[K]T, K ~string, T any](d *Decoder, p *M, elem func(*Decoder, *T)) {
	config.Map(d, p, elem)
}

func Match[T ~string](d *Decoder, p *T, compile func(pattern string) (func(string) bool, error)) {
	config.Match(d, p, compile)
}

func Plugin[P any](d *Decoder, p *P) { config.Plugin(d, p) }

func Pointer[T any](d *Decoder, p **T, elem func(*Decoder, *T)) { config.Pointer(d, p, elem) }

func RawJSON[T ~[]byte](d *Decoder, p *T) { config.RawJSON(d, p) }

func String[T ~string](d *Decoder, p *T) { config.String(d, p) }

func Text[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](d *Decoder, p *T) {
	config.Text[T, P](d, p)
}

func TextNumber[T signed | unsigned | floating, P interface {
	*T
	encoding.TextUnmarshaler
}](d *Decoder, p *T) {
	config.TextNumber[T, P](d, p)
}

func Tree(d *Decoder, p *config.Value) { config.Tree(d, p) }

func Uint[T unsigned](d *Decoder, p *T) { config.Uint(d, p) }

func Validate(d *Decoder, v interface{ Validate() error }) { config.Validate(d, v) }
