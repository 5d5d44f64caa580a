// Package config reads the configuration of a program with plugins: from files, the
// environment and the command line, with the position of each value.
//
//	cfg, err := config.Load(
//		config.JSONFile("app.json"),
//		config.Environment("APP_"),
//		set, // a config.Assignments, for a flag -set path=value
//	)
//	services := registry.NewManager[Service]("app.services", registry.WithConfig(cfg.At("services")))
//
// By task:
//
//   - load: [Load]
//   - from files: [JSONFile], and File of packages configtoml and configyaml; [Optional]
//   - from elsewhere: [Environment], [EnvironmentOf], [FromMap], [JSON]
//   - from flags: [Assignments], [Set]
//   - resolve ${references}: [Resolver]
//   - look at values: [Value]
//   - fill structs: WithConfig, NewSet and Decode of package registry
//   - check and show all of it: Registry.ValidateConfig and PrintConfig of package registry
//   - tell errors apart: [Error], [Errors], [Join]
//   - follow files that change: package registry/config/watch
//   - read another format: [Format], [Builder]
//
// # Sources
//
// For an option at the path services.objects.dir the sources are, the strongest first: what was
// set, the variable PREFIX_SERVICES_OBJECTS_DIR, the variable that the option names, the files (a later
// one over an earlier one), the default of the option, and what the struct has when it is made. A
// variable that is set, but empty, counts as not set.
//
// A file has at most 16 MiB, 500,000 values, and 100 tables and lists in each other.
//
// # Types
//
// What options there are is declared by fields of Go structs, from which plugingen generates
// descriptions and decoders: no reflection is needed, and nothing is allocated but the values.
//
// Types are strict. Booleans, numbers and strings are not converted into each other, except that a
// number without a fraction is an integer, and an integer a float. Numbers that do not fit, and NaN
// and infinity, are errors. Null is a value of pointers and of any only. What comes from the
// environment, from Set and from defaults is text, which is read according to the type of the
// option; lists are separated by commas there, or written in JSON, as tables are.
//
// # Errors
//
// All errors come together, as [Errors], each with the path, the position, and what was expected. A
// value of an option that is secret is in no error, and neither is one of an option that is not
// known.
package config
