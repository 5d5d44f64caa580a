// Package config reads the configuration of a program with plugins: from files, the
// environment and the command line, with the position of each value. It fills the options of
// plugins and of the program itself from it, and reports all errors at once.
//
// # Values
//
// [Load] merges sources, such as [JSONFile], [Environment] and [Set], into a [Value]. Packages
// configtoml and configyaml have sources for other formats; [Format] and [Builder] are for
// more of them. Strings may have references, such as ${NAME} and ${file:PATH}, see
// [Resolver]. [Print] shows the configuration that is in effect, with the source of each
// value.
//
// A file has at most 16 MiB, 500,000 values, and 100 tables and lists in each other.
//
// # Options
//
// What options a struct has is described by [Options], which plugingen writes, with a function
// that fills the struct by a [Decoder]: without reflection, and without allocating
// anything but the values. A manager does that for its plugins, see
// registry.WithConfig; [Decode] does it for a struct of the program itself.
//
// Types are strict. Booleans, numbers and strings are not converted into each other, except
// that a number without a fraction is an integer, and an integer a float. Numbers that do not
// fit, and NaN and infinity, are errors. Null is a value of pointers and of any only. What
// comes from the environment, from [Set] and from defaults is text, which is read
// according to the type of the option; lists are separated by commas there, or written in
// JSON, as tables are.
//
// For an option at the path services.objects.dir the sources are, the strongest first: what
// was set, the variable PREFIX_SERVICES_OBJECTS_DIR, the variable that the option
// names, the files, the default of the option, and what the struct has when it is made. A
// variable that is set, but empty, counts as not set.
//
// # Errors
//
// All errors of a struct come together, as [Errors], each with the path, the position, and what
// was expected. A value of an option that is secret is in no error, and neither is one of an
// option that is not known.
package config
