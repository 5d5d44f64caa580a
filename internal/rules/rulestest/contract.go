package rulestest

// A Contract is whether generated code of a plugin names its contract, by the build constraints
// of files. All are met for linux, and one of the importers' is.
type Contract struct {
	Declared  string   // of the file that declares the contract
	Importers []string // of those of the plugin's package that import it; nil if it declares the contract
	Plugin    string
	Named     bool
}

// Contracts returns the cases for naming contracts.
func Contracts() []Contract {
	return []Contract{
		{"", nil, "", true},
		{"", nil, "linux", true},
		{"linux", nil, "linux", true},
		{"linux", nil, "linux && !special", true},
		{"linux", nil, "", false},
		{"linux", nil, "!windows", false},
		{"", []string{""}, "", true},
		{"", []string{""}, "linux", true},
		{"", []string{"linux"}, "", false},
		{"", []string{"linux"}, "linux", true},
		{"", []string{"linux"}, "linux && !special", true},
		{"", []string{"linux && !special"}, "linux", false},
		{"", []string{"linux", ""}, "", true},
		{"", []string{"linux", "windows"}, "", false},
		{"", []string{"linux", "windows"}, "linux", true},
		{"", []string{"windows", "linux"}, "linux", true},
		{"", []string{"linux", "!linux"}, "", true},
		{"linux", []string{""}, "", false},
		{"linux", []string{""}, "linux", true},
		{"!special", []string{"linux"}, "linux", false},
		{"!special", []string{"linux"}, "linux && !special", true},
	}
}
