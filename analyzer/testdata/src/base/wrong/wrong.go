// Package wrong has an error, which may be why nothing embeds its base.
package wrong

//plugin:namespace=base
type base struct{}

//plugin:nmae=plugin // want `unknown key "nmae" \(did you mean "name"\?\)`
type plugin struct{ base }
