package shared

// TLS has options.
type TLS struct {
	Cert string `plugin:"option"`
}

type Port uint16
