package services

import (
	"time"

	"github.com/fsnotify/fsnotify"
)

// Upload is a service with an option for each key.
//
//plugin:namespace=my.services name=upload
type Upload struct {
	named

	// Bucket is the name of the bucket.
	Bucket string `plugin:"option"`

	// Addr is the address to listen on.
	Addr string `plugin:"option=listen"`

	Timeout time.Duration `plugin:"option default=5s"`
	Zones   []string      `plugin:"option default=a,b"`

	Parts int    `plugin:"option default=1 min=1 max=10"`
	Key   string `plugin:"option default=none min=3 max=8"`

	Level  string `plugin:"option default=info enum=debug,info,warn"`
	Prefix string `plugin:"option pattern=^[a-z]+$"`

	Token string `plugin:"option secret env=UPLOAD_TOKEN"`

	Buffer int    `plugin:"option default=4096 advanced"`
	Proxy  string `plugin:"option example=http://192.0.2.1:3128"`
	Dir    string `plugin:"option aliases=path,target deprecated=\"use bucket\""`
	Note   string `plugin:"option doc=\"Two words, quoted\""`

	// Events is of a type of another module, whose underlying type is uint32.
	Events fsnotify.Op `plugin:"option as=uint"`

	// Codec is another plugin: the contract of my.codecs is the field's type.
	Codec Codec `plugin:"option default=json"`

	// Filter is another plugin, of the namespace that the key names.
	Filter any `plugin:"option plugin=my.codecs type_key=kind"`

	Retry `plugin:"option"` // the options of Retry are options of Upload
}

// Retry is in the options of several plugins.
//
//plugin:options
type Retry struct {
	Retries int `plugin:"option default=3"`
}

// Import is a service that needs to know where from.
//
//plugin:namespace=my.imports name=import
type Import struct {
	From string `plugin:"option required"`
}

// Codec is the contract of my.codecs.
//
//plugin:namespace=my.codecs
type Codec interface{ Encode(string) string }

//plugin:namespace=my.codecs name=json
type JSON struct {
	Indent int `plugin:"option"`
}

func (j *JSON) Encode(s string) string { return `"` + s + `"` }

// Volume is the contract of my.volumes: the json tags of its plugins name their options, and
// the configuration has them in the section disks.
//
//plugin:namespace=my.volumes options=json section=disks
type Volume interface{ Size() int }

//plugin:namespace=my.volumes name=ssd
type SSD struct {
	Megabytes int `json:"size"`
}

func (s *SSD) Size() int { return s.Megabytes }

// Settings are the program's own options, in the section program.
//
//plugin:options section=program
type Settings struct {
	Verbose bool `plugin:"option"`
}
