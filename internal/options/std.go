package options

import "strings"

// standard has the kinds of types of the standard library: "text" for one with
// UnmarshalText, and behind a colon its underlying type if that is a number; "binary" for
// one with UnmarshalBinary alone; or else its underlying type. A test compares it with the
// types themselves.
var standard = map[string]string{
	"crypto": "Hash=uint",
	"crypto/tls": "ClientAuthType=int CurveID=uint16 QUICEncryptionLevel=int QUICEventKind=int " +
		"RenegotiationSupport=int SignatureScheme=uint16",
	"crypto/x509": "ExtKeyUsage=int InvalidReason=int KeyUsage=int OID=text PEMCipher=int " +
		"PublicKeyAlgorithm=int SignatureAlgorithm=int",
	"database/sql":  "IsolationLevel=int",
	"encoding/json": "Delim=int32 Number=string",
	"html/template": "CSS=string ErrorCode=int HTML=string HTMLAttr=string JS=string JSStr=string " +
		"Srcset=string URL=string",
	"image/png":  "CompressionLevel=int",
	"io/fs":      "FileMode=uint32",
	"log/slog":   "Kind=int Level=text:int LevelVar=text",
	"log/syslog": "Priority=int",
	"math/big":   "Accuracy=int8 Float=text Int=text Rat=text RoundingMode=uint8 Word=uint",
	"mime":       "WordEncoder=uint8",
	"net":        "Flags=uint IP=text",
	"net/http":   "ConnState=int Dir=string SameSite=int",
	"net/netip":  "Addr=text AddrPort=text Prefix=text",
	"net/url":    "URL=binary",
	"os":         "FileMode=uint32",
	"reflect":    "ChanDir=int Kind=uint SelectDir=int StructTag=string",
	"regexp":     "Regexp=text",
	"time":       "Duration=duration Month=int Time=text Weekday=int",
}

// standardKind returns the entry of a type of the standard library, "" if there is none.
func standardKind(path, name string) string {
	for entry := range strings.FieldsSeq(standard[path]) {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			return rest
		}
	}
	return ""
}

// basics are the predeclared types that options can have.
var basics = map[string]Type{
	"bool": {Kind: Bool}, "string": {Kind: String},
	"int": {Kind: Int}, "int8": {Kind: Int, Bits: 8}, "int16": {Kind: Int, Bits: 16},
	"int32": {Kind: Int, Bits: 32}, "rune": {Kind: Int, Bits: 32}, "int64": {Kind: Int, Bits: 64},
	"uint": {Kind: Uint}, "uint8": {Kind: Uint, Bits: 8}, "byte": {Kind: Uint, Bits: 8},
	"uint16": {Kind: Uint, Bits: 16}, "uint32": {Kind: Uint, Bits: 32}, "uint64": {Kind: Uint, Bits: 64},
	"float32": {Kind: Float, Bits: 32}, "float64": {Kind: Float, Bits: 64},
	"duration": {Kind: Duration},
}

// words are the values of the key as.
var words = map[string]Type{
	"text": {Kind: Text}, "string": {Kind: String}, "bool": {Kind: Bool}, "int": {Kind: Int}, "uint": {Kind: Uint},
	"float": {Kind: Float}, "duration": {Kind: Duration},
}

// asWords are they, in the order in which messages list them.
var asWords = []string{"text", "string", "bool", "int", "uint", "float", "duration"}

// basic returns a predeclared type, or nil.
func basic(name string) *Type {
	t, ok := basics[name]
	if !ok {
		return nil
	}
	return &t
}
