package registry

import "runtime/debug"

// ModuleOf returns the module and the version of a package in a program of the modules.
func ModuleOf(pkg string, modules ...debug.Module) (path, version string) {
	build.once.Do(func() {})
	defer func(all []debug.Module) { build.modules = all }(build.modules)
	build.modules = modules
	return moduleOf(pkg)
}

// Waiting returns how many calls are noted as waiting for others, in all managers.
func Waiting() int {
	waits.Lock()
	defer waits.Unlock()
	return len(waits.on)
}
